from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness.measure.budget import BudgetKind
from harness.report.labels import (
    failures,
    format_chosen,
    labels,
    retired_setting_lines,
    shared_node_lines,
    training_lines,
    unmatched_lines,
)
from harness.store.record import Durations, Failure, Record
from tests.harness.store.fake_records import (
    BROKEN,
    TRAINING,
    change,
    make_record,
    make_selection,
)

MENU = {"ivf.lists": [8, 16]}


def ivf(
    lists: int,
    budget: float = 0.1,
    menu: Mapping[str, Sequence[Any]] | None = None,
    kind: BudgetKind = "visited",
    seeds: Sequence[int] = (0, 1),
    **settings: Any,
) -> Record:
    return make_record(
        limit=budget,
        kind=kind,
        cell=f"{lists}-{budget}-{menu}-{kind}-{seeds}-{settings}",
        settings={"ivf": {"lists": lists, "iterations": 25, **settings}},
        selection=make_selection(menu, seeds, ivf__lists=lists) if menu else None,
    )


def test_times_from_a_shared_node_are_pointed_out():
    shared = make_record(provenance={"slurm": {"job": "7", "use": "shared node"}})
    whole = make_record(provenance={"slurm": {"job": "8", "use": "whole node"}})
    assert shared_node_lines([whole, make_record()]) == []
    (line,) = shared_node_lines([shared, whole])
    assert line.startswith("1 of 2 cells were timed on a node that other Slurm jobs may have")


def test_a_search_elsewhere_has_a_label_of_its_own():
    older = ivf(8)
    on_cpu, on_gpu = (
        replace(ivf(8, seeds=(seed,)), provenance=replace(older.provenance, search_device=place))
        for seed, place in enumerate(("cpu", "cuda"))
    )
    assert set(labels([older, on_cpu]).values()) == {"ivf"}
    assert list(labels([on_cpu, on_gpu]).values()) == ["ivf search=cpu", "ivf search=cuda"]


def test_a_method_with_one_setting_is_its_name():
    assert set(labels([ivf(8), ivf(8, 0.2)]).values()) == {"ivf"}


def test_settings_that_differ_follow_the_name():
    assert list(labels([ivf(8), ivf(16)]).values()) == ["ivf ivf.lists=8", "ivf ivf.lists=16"]


def test_the_depth_follows_the_name_if_it_differs():
    shallow, deep = replace(ivf(8), depth=10), replace(ivf(8, 0.2), depth=100)
    assert list(labels([shallow, deep]).values()) == ["ivf depth=10", "ivf depth=100"]


def test_values_selected_from_one_menu_do_not_distinguish_records():
    assert set(labels([ivf(8, 0.1, MENU), ivf(16, 0.2, MENU)]).values()) == {"ivf"}


def test_other_settings_distinguish_records_with_a_menu():
    records = [ivf(8, 0.1, MENU), ivf(16, 0.2, MENU, iterations=5)]
    assert list(labels(records).values()) == ["ivf ivf.iterations=25", "ivf ivf.iterations=5"]


def test_other_settings_at_another_kind_of_budget_do_not_distinguish_records_with_a_menu():
    by_macs = ivf(16, 0.1, MENU, kind="macs", iterations=5)
    assert set(labels([ivf(8, 0.1, MENU), by_macs]).values()) == {"ivf"}
    assert len(set(labels([ivf(8), ivf(8, kind="macs", iterations=5)]).values())) == 2


def test_a_menu_is_distinguished_from_another_and_from_none():
    records = [ivf(8, menu=MENU), ivf(8, menu={"ivf.lists": [8, 64]}), ivf(8)]
    first, second, without = labels(records).values()
    assert "ivf.lists=8|16" in first and "ivf.lists=8|64" in second
    assert without == "ivf ivf.lists=8"


def test_another_menu_at_another_budget_does_not_distinguish_records():
    by_macs = ivf(64, 0.2, {"ivf.lists": [64, 128]}, kind="macs")
    assert set(labels([ivf(8, 0.1, MENU), by_macs]).values()) == {"ivf"}


def test_a_selection_over_other_seeds_is_distinguished():
    records = [ivf(8, menu=MENU), ivf(8, menu=MENU, seeds=[0])]
    assert list(labels(records).values()) == ["ivf seeds=0|1", "ivf seeds=0"]


def test_the_chosen_values_are_written_as_settings():
    assert format_chosen(ivf(16, menu=MENU)) == "ivf.lists=16"
    assert format_chosen(ivf(16)) == ""


def test_methods_with_equal_training_share_a_line():
    records = [
        make_record("ehi", durations=Durations(train=40.0, build=1.0, measure=1.0)),
        make_record("ivf", seed=1, durations=Durations(train=30.0, build=1.0, measure=1.0)),
    ]
    assert training_lines(records) == [
        "ehi, ivf: trained the encoder's head, 3,600 updates in 30 to 40 s (seed 0, 1); "
        "encoded in fp32"
    ]


def test_an_encoder_of_which_nothing_was_trained_is_said_to_be_untrained():
    frozen = replace(TRAINING, trained_parts=(), encoder_updates=0)
    assert training_lines([make_record("exact", training=frozen)]) == [
        "exact: trained no part of the encoder in 30 s (seed 0); encoded in fp32"
    ]


def test_a_method_with_another_training_has_a_line_of_its_own():
    more = replace(TRAINING, trained_parts=("transformer", "head"), encoder_updates=7200)
    assert training_lines([make_record("ivf"), make_record("ehi", training=more)]) == [
        "ivf: trained the encoder's head, 3,600 updates in 30 s (seed 0); encoded in fp32",
        "ehi: trained the encoder's transformer and head, 7,200 updates in 30 s (seed 0); "
        "encoded in fp32",
    ]


def test_what_was_not_trained_has_no_training_line():
    records = [make_record("bm25", None, training=None), make_record(failure=Failure("E", "no"))]
    assert training_lines(records) == []


def test_a_retired_setting_that_changed_results_is_named_with_the_reason():
    patient = {"training": {"epochs": 60, "patience": 3}}
    records = [make_record(seed=seed, settings=patient) for seed in (0, 1, 2)]
    assert retired_setting_lines([*records, make_record("exact", None)]) == [
        "3 records were made with training.patience, which was removed in ehibench 0.2: "
        "early stopping gave methods different numbers of encoder updates"
    ]
    (line,) = retired_setting_lines(records[:1])
    assert line.startswith("1 record was made with training.patience, which")


def test_a_retired_setting_at_its_default_is_not_mentioned():
    at_default = make_record(settings={"training": {"epochs": 60, "patience": 0}})
    assert retired_setting_lines([at_default, make_record()]) == []


def test_failures_of_a_method_with_one_reason_share_a_line():
    records = [
        make_record("hnsw", 0.1, failure=Failure("UnavailableError", "pip install hnswlib")),
        make_record("hnsw", 0.2, failure=Failure("UnavailableError", "pip install hnswlib")),
        make_record("bm25", None, failure=Failure("RuntimeError", "it broke")),
        make_record("ivf"),
    ]
    assert failures(records) == [
        "hnsw at 10 %, 20 %: unavailable: pip install hnswlib",
        "bm25: failed: it broke",
    ]


def test_methods_that_failed_for_one_reason_share_a_line():
    broken = Failure("InputError", "it broke")
    records = [make_record(name, 0.1, failure=broken) for name in ("ivf", "hnsw")]
    assert failures(records) == ["ivf at 10 %; hnsw at 10 %: failed: it broke"]


def test_the_training_line_has_the_prompts_that_are_not_empty():
    for prompts, words in (
        ({"query_prompt": "query: "}, ', queries after "query: "'),
        (
            {"query_prompt": "query: ", "document_prompt": "passage: "},
            ', queries after "query: ", documents after "passage: "',
        ),
    ):
        (line,) = training_lines([make_record(training=replace(TRAINING, **prompts))])
        assert line.endswith(f"encoded in fp32{words}")


def test_queries_that_share_no_word_with_a_document_are_counted_once_for_all_seeds():
    lexical = [change(make_record("bm25", None, seed=seed), training=None) for seed in (0, 1)]
    records = [*lexical, make_record("ivf"), make_record("bm25", None, seed=2, failure=BROKEN)]
    columns = {"query": ["a", "b", "c"], "visited": [0.0, 4.0, 0.0]}
    assert unmatched_lines(records, lambda cell: columns) == [
        "bm25: 2 of 3 test queries share no word with any document"
    ]
    assert unmatched_lines(records, lambda cell: {"visited": [1.0, 4.0]}) == []
    assert unmatched_lines(records, lambda cell: {"query": ["a"]}) == []  # a file of records
