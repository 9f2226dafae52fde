"""Every arm changes what its name says, and arms that change nothing are left out."""

import re

import pytest

from harness.config import load_settings, resolved_settings, result_settings, with_values
from harness.plan.arms import FULL, PER_NODE, Arm, choose_arms, grid
from methods.automatic import CorpusSize
from methods.errors import InputError
from methods.registry import method

DOCUMENTS = 16_449
HPO = CorpusSize(DOCUMENTS, train_queries=15_141)
SETTINGS = resolved_settings(load_settings("quick"), HPO)
ARMS = {arm.name: arm for arm in grid(SETTINGS, DOCUMENTS)}


def changed(arm: Arm) -> dict[str, object]:
    """Return the settings that an arm changes in the full method, with their new values."""
    plain = {
        name: result_settings(method("ehi"), settings)
        for name, settings in {"full": SETTINGS, "arm": with_values(SETTINGS, arm.values)}.items()
    }
    return {
        f"{section}.{key}": value
        for section, keys in plain["arm"].items()
        for key, value in keys.items()
        if plain["full"][section][key] != value
    }


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("no-semantic", {"ehi.semantic_weight": 0}),
        ("no-indexing", {"ehi.indexing_weight": 0}),
        ("no-balance", {"ehi.balance_weight": 0}),
        ("no-smoothing", {"ehi.smoothing_weight": 0}),
        ("margin", {"ehi.contrastive": "margin"}),
        ("random-start", {"ehi.warm_start": "random"}),
        ("no-transferred-pairs", {"ehi.transferred_share": 0}),
        ("encoder-gradient-0", {"ehi.encoder_gradient": 0}),
        ("encoder-gradient-1", {"ehi.encoder_gradient": 1}),
        ("hard-negatives-0", {"training.hard_negatives": 0}),
        ("spilled-1", {"tree.spilled": 1}),
        ("spilled-3", {"tree.spilled": 3}),
        ("leaves-64", {"ehi.branching": 64}),
        ("leaves-256", {"ehi.branching": 256}),
        ("leaves-512", {"ehi.branching": 512}),
        ("rank-64", {"ehi.rank": 64}),
        ("rank-128", {"ehi.rank": 128}),
        ("mixer", {"ehi.mixer": "relu"}),
        ("height-2-shared", {"ehi.height": 2, "ehi.branching": 32}),
        ("height-2", {"ehi.height": 2, "ehi.branching": 32, **PER_NODE}),
        ("height-3", {"ehi.height": 3, "ehi.branching": 10, **PER_NODE}),
    ],
)
def test_an_arm_changes_what_its_name_says_and_nothing_else(name: str, values: dict[str, object]):
    assert changed(ARMS[name]) == values
    assert ARMS[name].method == "ehi"


def test_the_full_method_comes_first_and_no_arm_equals_it():
    assert next(iter(ARMS)) == FULL and changed(ARMS[FULL]) == {}
    same = [name for name, arm in ARMS.items() if arm.method == "ehi" and not changed(arm)]
    assert same == [FULL]
    # Preset quick already has no intra-leaf loss, softmax, one leaf per document and one height.
    for name in ("no-intra-leaf", "softmax", "spilled-0", "height-1"):
        assert name not in ARMS


def test_arms_depend_on_the_settings():
    overrides = ["ehi.contrastive=margin", "training.hard_negatives=0"]
    settings = resolved_settings(load_settings("quick", overrides), HPO)
    arms = {arm.name for arm in grid(settings, DOCUMENTS)}
    assert "softmax" in arms and "margin" not in arms
    assert {"hard-negatives-4", "ivf-hard-negatives-4"} <= arms
    assert not {"hard-negatives-0", "ivf-hard-negatives-0"} & arms


def test_ivf_and_the_frozen_encoder_are_arms_with_another_method():
    assert ARMS["frozen"].method == "ehi-frozen" and ARMS["frozen"].values == {}
    assert ARMS["ivf"].method == ARMS["ivf-hard-negatives-0"].method == "ivf"


@pytest.mark.parametrize(
    ("documents", "leaves"), [(300, [8, 16, 32, 64]), (5_183, [32, 64, 128, 256])]
)
def test_the_numbers_of_leaves_grow_with_the_square_root_of_the_corpus(
    documents: int, leaves: list[int]
):
    settings = load_settings("quick", ["ehi.branching=2"])
    arms = {arm.name for arm in grid(settings, documents)}
    names = [name for name in arms if re.fullmatch(r"leaves-\d+", name)]
    assert sorted(int(name.removeprefix("leaves-")) for name in names) == leaves


def test_arms_are_chosen_by_name_after_the_full_method():
    chosen = choose_arms(list(ARMS.values()), "margin, frozen,margin")
    assert [arm.name for arm in chosen] == [FULL, "margin", "frozen"]
    assert choose_arms(list(ARMS.values()), None) == list(ARMS.values())


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("margins", "unknown arm 'margins'; did you mean 'margin'?"),
        (",", "--arms is empty"),
        ("no-intra-leaf", "arm no-intra-leaf changes nothing in these settings"),
    ],
)
def test_invalid_arms_are_rejected(names: str, message: str):
    with pytest.raises(InputError, match=message.replace("?", r"\?")):
        choose_arms(list(ARMS.values()), names)


def test_a_projected_scan_learns_a_projection():
    arm = ARMS["projected-scan"]
    assert arm.method == "ehi+short" and arm.values["ehi.rank"] == 64
