from dataclasses import replace

import pytest

from harness.regression.pairing import pair_cells
from harness.store.record import Failure, Record
from methods.errors import InputError
from tests.harness.regression.fake_measurements import make_measurements, record
from tests.harness.store.fake_records import BROKEN


def reasons(was: Record, now: list[Record]) -> list[str]:
    """Return why the record cannot be compared with any of the candidate's records."""
    baseline, candidate = make_measurements([was]), make_measurements(now, path="candidate")
    return [obstacle.reason for obstacle in pair_cells(baseline, candidate)[1]]


def test_the_seeds_of_a_method_at_a_budget_are_judged_together():
    records = [record(m, s, b) for m in ("ehi", "ivf") for s in (0, 1) for b in (0.05, 0.1)]
    paired, obstacles = pair_cells(make_measurements(records), make_measurements(records))
    groups = [
        (cells.first.method, cells.first.budget.limit, [x.baseline.seed for x in cells.pairs])
        for cells in paired
    ]
    assert sorted(groups) == [(m, b, [0, 1]) for m in ("ehi", "ivf") for b in (0.05, 0.1)]
    assert not obstacles


def test_given_seeds_are_judged_and_the_others_still_show_the_variation():
    was, now = [record("ehi", seed) for seed in (0, 1, 2)], [record("ehi", 0)]
    (cells,), obstacles = pair_cells(make_measurements(was), make_measurements(now), seeds=[0])
    assert [pair.baseline.seed for pair in cells.pairs] == [0] and not obstacles
    assert [row.seed for row in cells.baseline] == [0, 1, 2]
    assert [row.seed for row in cells.candidate] == [0]


def test_a_missing_seed_is_an_obstacle_and_the_others_are_judged():
    was, now = [record("ehi", 0), record("ehi", 1)], [record("ehi", 0)]
    (cells,), obstacles = pair_cells(make_measurements(was), make_measurements(now))
    assert [(o.record.seed, o.reason) for o in obstacles] == [(1, "not measured in run")]
    assert len(cells.pairs) == 1


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (record("ehi", budget=0.1), "not measured in candidate"),
        (record("ehi", kind="macs"), "not measured in candidate"),
        (record("ehi", failure=Failure("SIGKILL", "killed")), "failed: killed"),
        (
            record("ehi", origin={"dataset_sha256": "f" * 64}),
            "different data: the dataset checksum changed from dddddddddddd to ffffffffffff",
        ),
        (
            record("ehi", origin={"encoder_sha256": "f" * 64}),
            "different encoder: the checksum of its files changed from "
            "eeeeeeeeeeee to ffffffffffff",
        ),
        (
            record("ehi", settings={"encoder": {"name": "minilm"}, "ehi": {"lists": 64, "new": 1}}),
            "different settings: ehi.lists was 128 and is 64; ehi.new was unset and is 1",
        ),
        (
            record("ehi", origin={"timing": {"rounds": 1, "seconds": 1.0}}),
            "different settings: timing.rounds was 5 and is 1",
        ),
        (
            record("ehi", depth=10),
            "different depth: the baseline's queries asked for 100 documents, the candidate's for "
            "10; run with --depth 100",
        ),
    ],
)
def test_an_obstacle_names_what_differs(now: Record, reason: str):
    assert reasons(record("ehi"), [now]) == [reason]


def test_the_candidate_of_the_same_depth_is_chosen_among_several():
    newer = record("ehi", depth=10, cell="newer", origin={"time": "2027-01-01T00:00:00+00:00"})
    assert reasons(record("ehi"), [record("ehi"), newer]) == []


def test_depths_of_a_baseline_are_judged_apart():
    records = [record("ehi"), record("ehi", depth=10, cell="shallow")]
    paired, obstacles = pair_cells(make_measurements(records), make_measurements(records))
    assert [len(cells.pairs) for cells in paired] == [1, 1] and not obstacles


def test_different_queries_are_an_obstacle():
    two = make_measurements([record("ehi")], [[0.5, 0.5]])
    three = make_measurements([record("ehi")], [[0.5, 0.5, 0.5]])
    paired, obstacles = pair_cells(two, three)
    assert [obstacle.reason for obstacle in obstacles] == ["different queries"] and not paired


def test_an_encoder_is_identified_by_the_checksum_of_its_files_if_it_has_one():
    elsewhere = {"encoder": {"name": "/elsewhere/minilm"}, "ehi": {"lists": 128}}
    assert reasons(record("ehi"), [record("ehi", settings=elsewhere)]) == []
    unknown = {"encoder_sha256": None}
    was, now = record("ehi", origin=unknown), record("ehi", settings=elsewhere, origin=unknown)
    assert reasons(was, [now]) == [
        "different settings: encoder.name was minilm and is /elsewhere/minilm"
    ]


def test_the_latest_record_of_a_cell_counts_even_if_an_older_one_has_the_same_settings():
    changed = {"encoder": {"name": "minilm"}, "ehi": {"lists": 64}}
    later = record("ehi", settings=changed, origin={"time": "2026-11-25T08:00:00+00:00"})
    assert reasons(record("ehi"), [record("ehi"), replace(later, cell="later")]) == [
        "different settings: ehi.lists was 128 and is 64"
    ]


def test_several_settings_of_a_method_are_each_compared_with_themselves():
    settings = {"encoder": {"name": "minilm"}, "ehi": {"lists": 512}}
    both = make_measurements(
        [record("ehi"), replace(record("ehi", settings=settings), cell="wide")]
    )
    paired, obstacles = pair_cells(both, both)
    assert not obstacles and len(paired) == 2
    assert all(pair.baseline == pair.candidate for cells in paired for pair in cells.pairs)


def test_a_baseline_without_a_finished_cell_is_refused():
    broken = make_measurements([record("ehi", failure=BROKEN)])
    with pytest.raises(InputError, match="run has no finished cell to compare with"):
        pair_cells(broken, make_measurements([record("ehi")]))


def test_a_seed_that_the_baseline_lacks_is_refused():
    measurements = make_measurements([record("ehi")])
    with pytest.raises(InputError, match="unknown seed '7'; known: 0"):
        pair_cells(measurements, measurements, seeds=[7])
