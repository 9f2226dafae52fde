from dataclasses import replace

import pytest

from harness.config import load_settings, resolved_settings
from harness.plan.menu import Menu, MenuRequest, format_values, menu_for, parse_menu_options
from methods.automatic import CorpusSize
from methods.errors import InputError
from methods.registry import method

QUICK = load_settings("quick")
HPO = CorpusSize(documents=16_449, train_queries=15_141)


def test_options_are_parsed_by_the_type_of_the_setting_without_repeats():
    options = ["ivf.lists=64, 128,64", "ehi.margin=1,0.5"]
    assert parse_menu_options(options, [], 12) == MenuRequest(
        {"ivf.lists": (64, 128), "ehi.margin": (1.0, 0.5)}
    )


@pytest.mark.parametrize(
    ("options", "overrides", "message"),
    [
        (["ivf.lists=,"], [], "--choose ivf.lists has no values"),
        (["ivf.list=4"], [], "did you mean 'ivf.lists'"),
        (["ivf.lists=4", "ivf.lists=8"], [], "another --choose gives ivf.lists, too"),
        (["ivf.lists=4"], ["ivf.lists=8"], "another --set gives ivf.lists, too"),
        (["training.epochs=1,2"], [], "all methods share training; use --set instead"),
    ],
)
def test_an_invalid_option_is_rejected(options: list[str], overrides: list[str], message: str):
    with pytest.raises(InputError, match=message):
        parse_menu_options(options, overrides, 12)


def test_combinations_vary_the_last_setting_fastest():
    menu = Menu({"ivf.lists": (64, 128), "ivf.iterations": (5, 10)}, seeds=(0,))
    assert [tuple(values.values()) for values in menu.combinations()] == [
        (64, 5),
        (64, 10),
        (128, 5),
        (128, 10),
    ]


def test_without_chosen_leaves_out_only_the_settings_of_the_menu():
    menu = Menu({"ivf.lists": (64, 128)}, seeds=(0,))
    settings = {"ivf": {"lists": 256, "iterations": 5}, "training": {"epochs": 60}}
    assert menu.without_chosen(settings) == {
        "ivf": {"iterations": 5},
        "training": {"epochs": 60},
    }


def test_a_method_chooses_only_from_its_own_settings():
    choices = MenuRequest({"ivf.lists": (64, 128), "ehi.branching": (16, 64)})
    assert menu_for(method("ivf"), QUICK, HPO, choices, [0, 1, 0]) == Menu(
        {"ivf.lists": (64, 128)}, seeds=(0, 1)
    )
    assert menu_for(method("exact"), QUICK, HPO, choices, [0]) is None


def test_a_value_is_rejected_only_if_no_combination_accepts_it():
    with pytest.raises(InputError, match=r"--choose ivf\.lists=0: ivf\.lists is 0"):
        menu_for(method("ivf"), QUICK, HPO, MenuRequest({"ivf.lists": (64, 0)}), [0])
    # A height of 8 is too many leaves for 64 branches, but not for 2.
    choices = MenuRequest({"ehi.height": (1, 8), "ehi.branching": (2, 64)})
    menu = menu_for(method("ehi"), QUICK, HPO, choices, [0])
    assert menu is not None and len(menu.combinations()) == 4


def test_auto_adds_the_menus_that_a_method_declares_but_none_that_set_fixes():
    settings = resolved_settings(QUICK, HPO)
    request = parse_menu_options(["auto", "ivf.lists=64,128"], ["ivf.routing=codes"], trials=12)
    short = menu_for(method("ivf+short"), settings, HPO, request, [0])
    assert short is not None and short.values == {
        "ivf.lists": (64, 128),
        "ivf.beam": ("fixed", "mass"),
        "ivf.spilled": (0, 1, 2, 3),
        "short.rank": (64, 32, 128),
        "short.rescore": (30, 0, 10, 100),
        "short.lists_by": ("whole", "short"),
    }
    graph = menu_for(method("hnsw"), settings, HPO, request, [0])
    assert graph is not None and graph.values["hnsw.neighbours"] == (16, 8, 32)
    assert menu_for(method("exact"), settings, HPO, request, [0]) is None


def test_a_graph_does_not_choose_how_lists_are_found():
    request = parse_menu_options(["auto"], [], trials=12)
    menus = [
        menu_for(method(name), QUICK, HPO, request, [0]) for name in ("ivf+short", "hnsw+short")
    ]
    assert [menu is not None and "short.lists_by" in menu.values for menu in menus] == [True, False]


def test_a_graph_chooses_no_setting_of_its_lists_that_it_has_no_use_for():
    request = parse_menu_options(["auto", "ivf.beam=fixed,mass"], [], trials=12)
    menus = [menu_for(method(name), QUICK, HPO, request, [0]) for name in ("ivf", "ivf+hnsw")]
    assert [menu is not None and "ivf.beam" in menu.values for menu in menus] == [True, False]


def test_truncated_vectors_do_not_choose_how_lists_are_found():
    settings = {**QUICK, "short": replace(QUICK["short"], by="truncation")}
    request = parse_menu_options(["auto"], [], trials=12)
    menu = menu_for(method("ivf+short"), settings, HPO, request, [0])
    assert menu is not None and "short.rank" in menu.values and "short.lists_by" not in menu.values


def test_every_method_may_try_the_same_number_of_combinations():
    values = {"ivf.lists": tuple(range(1, 11)), "ivf.iterations": (5, 10, 25)}
    menu = Menu(values, seeds=(0,), trials=6)
    tried = [tuple(each.values()) for each in menu.combinations()]
    assert len(set(tried)) == 6 and tried[0] == (1, 5)
    assert tried == [tuple(each.values()) for each in menu.combinations()]
    assert len(Menu(values, seeds=(0,), trials=100).combinations()) == 30


def test_values_are_formatted_as_a_user_writes_them():
    assert format_values({"ivf.lists": 64, "ehi.margin": 0.5}) == "ivf.lists=64, ehi.margin=0.5"
