"""Settings that follow the size of the corpus, for corpora of four sizes."""

from dataclasses import dataclass

import pytest

from methods.automatic import (
    AUTO,
    CorpusSize,
    check_rule_range,
    declared_menu,
    multiples,
    power_of_two,
    resolved,
    rules,
    setting,
)
from methods.ehi.settings import EhiSettings, TreeSettings
from methods.errors import InputError
from methods.forms.short import ShortSettings
from methods.indexes.faiss_hnsw import FaissHnswSettings
from methods.indexes.hnsw import HnswSettings
from methods.indexes.ivf import IvfSettings
from methods.indexes.scann import ScannSettings

SIZES = [CorpusSize(documents, 10**6) for documents in (3_633, 16_449, 117_659, 8_841_823)]
SMALLEST, LARGEST = SIZES[0], SIZES[-1]


def values(settings: object, key: str) -> list[int]:
    return [getattr(resolved(settings, size), key) for size in SIZES]


def test_lists_are_the_power_of_two_nearest_to_eight_times_the_root():
    # The roots are 60, 128, 343 and 2974.
    expected = [512, 1024, 2048, 32768]
    assert values(IvfSettings(lists=AUTO), "lists") == expected
    assert values(ScannSettings(leaves=AUTO), "leaves") == expected
    assert values(EhiSettings(branching=AUTO), "branching") == expected


def test_large_corpora_have_more_links_and_longer_short_vectors():
    assert values(HnswSettings(neighbours=AUTO), "neighbours") == [16, 16, 16, 32]
    assert values(FaissHnswSettings(neighbours=AUTO), "neighbours") == [16, 16, 16, 32]
    assert values(ShortSettings(rank=AUTO), "rank") == [64, 64, 64, 128]


@pytest.mark.parametrize(("documents", "lists"), [(1, 1), (4, 1), (8, 2), (100, 16), (1000, 128)])
def test_small_corpora_have_at_least_four_documents_a_list(documents: int, lists: int):
    assert resolved(IvfSettings(lists=AUTO), CorpusSize(documents, 0)).lists == lists


@pytest.mark.parametrize(("queries", "leaves"), [(0, 2), (100, 8), (2590, 256), (10**6, 512)])
def test_a_leaf_has_at_least_eight_training_queries(queries: int, leaves: int):
    settings = EhiSettings(branching=AUTO)
    assert resolved(settings, CorpusSize(3_633, queries)).branching == leaves


def test_the_leaves_of_a_higher_tree_are_about_as_many():
    for height, branching in ((2, 23), (3, 8)):  # of 512 leaves
        settings = EhiSettings(height=height, branching=AUTO)
        assert resolved(settings, SMALLEST).branching == branching


@pytest.mark.parametrize(
    ("value", "most", "power"),
    [(0, 9, 1), (1, 9, 1), (5, 99, 4), (6, 99, 8), (100, 99, 64), (3, 0, 1), (1024.0, 1024, 1024)],
)
def test_power_of_two_is_the_nearest_by_ratio_up_to_the_most(value: float, most: int, power: int):
    assert power_of_two(value, most) == power


def test_only_auto_is_resolved():
    given = IvfSettings(lists=7)
    assert resolved(given, LARGEST) is given
    one = EhiSettings(branching=AUTO, rank=10)
    assert resolved(one, SMALLEST).rank == 10
    assert set(rules(EhiSettings)) == {"branching"} and rules(TreeSettings) == {}


@dataclass(frozen=True)
class Knobs:
    plain: int = 3
    fixed: int = setting(5, menu=(5, 7))
    scaled: int = setting(
        8,
        auto=lambda size, settings: size.documents,
        menu=multiples(
            lambda size, settings: size.documents,
            (1, 0.5, 0.3, 2, 4),
            most=lambda size, settings: settings.plain * size.documents,
        ),
    )


def test_a_menu_has_values_or_multiples_of_the_value_for_the_corpus_up_to_the_most():
    menu = declared_menu(Knobs(), CorpusSize(100, 0))
    assert menu == {"fixed": (5, 7), "scaled": (100, 50, 30, 200)}
    assert declared_menu(Knobs(plain=4), CorpusSize(100, 0))["scaled"] == (100, 50, 30, 200, 400)
    assert declared_menu(Knobs(plain=0), CorpusSize(100, 0))["scaled"] == (100, 50, 30)


def test_multiples_that_round_to_the_same_are_tried_once():
    assert declared_menu(Knobs(), CorpusSize(1, 0))["scaled"] == (1, 2)


def test_menus_of_lists_and_leaves_end_where_a_list_would_have_fewer_than_four_documents():
    scifact = CorpusSize(documents=5_183, train_queries=729)
    assert declared_menu(IvfSettings(), scifact)["lists"] == (512, 256, 1024)
    assert declared_menu(ScannSettings(), scifact)["leaves"] == (512, 256, 1024)
    leaves = (64, 32, 128, 256, 512, 1024)  # fewer to begin with, for want of training queries
    assert declared_menu(EhiSettings(), scifact)["branching"] == leaves
    assert declared_menu(EhiSettings(height=2), scifact)["branching"] == (8, 4, 16, 32)


@pytest.mark.parametrize("size", [SMALLEST, CorpusSize(documents=20, train_queries=3)])
def test_the_menus_of_all_settings_build(size: CorpusSize):
    for settings in (IvfSettings(), ScannSettings(), EhiSettings(), ShortSettings()):
        for key, menu in declared_menu(settings, size).items():
            for value in menu:
                assert getattr(type(settings)(**{key: value}), key) == value


def test_auto_is_in_range_and_other_negative_values_are_not():
    check_rule_range("ivf.lists", AUTO, 1)
    with pytest.raises(InputError, match=r"^ivf\.lists is -2; it must be at least 1$"):
        check_rule_range("ivf.lists", -2, 1)
    with pytest.raises(InputError, match=r"^ehi\.branching is 1; it must be at least 2$"):
        EhiSettings(branching=1)
