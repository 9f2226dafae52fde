"""Settings that do not fit together are refused before anything is trained."""

import re

import pytest

from harness.config import load_settings
from harness.plan.fit import check_any_fits, check_fit
from harness.plan.menu import Menu
from methods.errors import InputError
from methods.registry import method


@pytest.mark.parametrize(
    ("name", "rank", "fits"),
    [
        ("ivf+short", 64, False),
        ("ehi+short", 0, False),
        ("ehi+short", 64, True),
        ("ehi-frozen+short", 64, True),
        ("ehi-encoder+hnsw+short", 64, True),
        ("ehi+pq", 0, True),  # [short] is not read
    ],
)
def test_only_a_tree_with_a_rank_has_a_projection_to_scan(name: str, rank: int, fits: bool):
    settings = load_settings("quick", ["short.by=projection", f"ehi.rank={rank}"])
    if fits:
        check_fit(method(name), settings)
        return
    with pytest.raises(InputError, match=f"^{re.escape(name)}: short.by is projection, which only"):
        check_fit(method(name), settings)


def test_one_combination_that_fits_is_enough():
    settings = load_settings("quick", ["short.by=projection"])
    ranks = Menu({"ehi.rank": (0, 64)}, seeds=(0,))
    check_any_fits(method("ehi+short"), settings, ranks)
    with pytest.raises(InputError, match=r"^ivf\+short: short\.by is projection"):
        check_any_fits(method("ivf+short"), settings, Menu({"ivf.lists": (64, 128)}, seeds=(0,)))
    with pytest.raises(InputError, match=r"^ehi\+short: short\.by is projection"):
        check_any_fits(method("ehi+short"), settings, menu=None)
