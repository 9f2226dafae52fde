from dataclasses import replace

import pytest

from harness.regression.pairing import pair_cells
from harness.store.record import Failure, Record
from methods.errors import InputError
from tests.harness.fake_records import BROKEN
from tests.harness.regression.fake_measurements import make_measurements, record


def reasons(was: Record, now: list[Record]) -> list[str]:
    _places, obstacles = pair_cells(
        make_measurements([was]), make_measurements(now, path="candidate")
    )
    return [obstacle.reason for obstacle in obstacles]


def test_the_seeds_of_a_method_at_a_budget_are_one_place():
    records = [record(m, s, b) for m in ("ehi", "ivf") for s in (0, 1) for b in (0.05, 0.1)]
    places, obstacles = pair_cells(make_measurements(records), make_measurements(records))
    found = [
        (p.first.method, p.first.budget.limit, [x.baseline.seed for x in p.pairs]) for p in places
    ]
    assert sorted(found) == [(m, b, [0, 1]) for m in ("ehi", "ivf") for b in (0.05, 0.1)]
    assert not obstacles


def test_chosen_seeds_are_judged_and_the_others_still_tell_the_spread():
    was, now = [record("ehi", seed) for seed in (0, 1, 2)], [record("ehi", 0)]
    (place,), obstacles = pair_cells(make_measurements(was), make_measurements(now), seeds=[0])
    assert [pair.baseline.seed for pair in place.pairs] == [0] and not obstacles
    assert [row.seed for row in place.baseline] == [0, 1, 2]
    assert [row.seed for row in place.candidate] == [0]


def test_a_missing_cell_is_named():
    places, obstacles = pair_cells(
        make_measurements([record("ehi", 0), record("ehi", 1)]),
        make_measurements([record("ehi", 0)]),
    )
    assert [(o.record.seed, o.reason) for o in obstacles] == [(1, "not measured in run")]
    assert len(places[0].pairs) == 1


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
            "other settings: ehi.lists was 128 and is 64; ehi.new was unset and is 1",
        ),
        (
            record("ehi", origin={"timing": {"rounds": 1, "seconds": 1.0}}),
            "other settings: timing.rounds was 5 and is 1",
        ),
    ],
)
def test_what_cannot_be_compared_is_named(now: Record, reason: str):
    assert reasons(record("ehi"), [now]) == [reason]


def test_other_queries_are_named():
    places, obstacles = pair_cells(
        make_measurements([record("ehi")], [[0.5, 0.5]]),
        make_measurements([record("ehi")], [[0.5, 0.5, 0.5]]),
    )
    assert [obstacle.reason for obstacle in obstacles] == ["other queries"] and not places


def test_an_encoder_is_known_by_its_files_where_they_were_summed():
    elsewhere = {"encoder": {"name": "/elsewhere/minilm"}, "ehi": {"lists": 128}}
    assert reasons(record("ehi"), [record("ehi", settings=elsewhere)]) == []
    unsummed = {"encoder_sha256": None}
    assert reasons(
        record("ehi", origin=unsummed), [record("ehi", settings=elsewhere, origin=unsummed)]
    ) == ["other settings: encoder.name was minilm and is /elsewhere/minilm"]


def test_what_an_older_run_left_in_the_folder_does_not_pass_for_the_latest():
    changed = {"encoder": {"name": "minilm"}, "ehi": {"lists": 64}}
    later = record("ehi", settings=changed, origin={"time": "2026-11-25T08:00:00+00:00"})
    found = reasons(record("ehi"), [record("ehi"), replace(later, cell="later")])
    assert found == ["other settings: ehi.lists was 128 and is 64"]


def test_several_settings_of_a_method_are_held_each_against_its_own():
    wide = replace(
        record("ehi", settings={"encoder": {"name": "minilm"}, "ehi": {"lists": 512}}), cell="wide"
    )
    both = make_measurements([record("ehi"), wide])
    places, obstacles = pair_cells(both, both)
    assert not obstacles and len(places) == 2
    assert all(pair.baseline == pair.candidate for place in places for pair in place.pairs)


def test_a_baseline_of_nothing_and_an_unknown_seed():
    with pytest.raises(InputError, match="run has no finished cell to compare with"):
        pair_cells(
            make_measurements([record("ehi", failure=BROKEN)]), make_measurements([record("ehi")])
        )
    with pytest.raises(InputError, match="unknown seed '7'; known: 0"):
        pair_cells(
            make_measurements([record("ehi")]), make_measurements([record("ehi")]), seeds=[7]
        )
