import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.measure.quality import DEFAULT_DEPTH
from harness.store.record import Record
from harness.store.record_json import read_record, record_from_json, record_to_json
from methods.atomic_files import new_folder, write_json
from methods.errors import InputError
from tests.harness.store.fake_records import BROKEN, POSTINGS, make_record, make_selection

MENU = {"ivf.lists": (8, 16)}


@pytest.mark.parametrize(
    "record",
    [
        make_record(postings=POSTINGS, rounds_ms={"search": (0.1, 0.2)}),
        make_record(selection=make_selection(MENU, (0, 1), ivf__lists=8)),
        make_record("bm25", None, training=None, scan_macs=None, route_macs=None),
        make_record(kind="latency", limit=0.05, failure=BROKEN),
        make_record(kind="overlap", limit=0.95, spent=0.96),
        make_record("bm25", None, kind="ndcg", spent=None),
        make_record(provenance={"gpu": {"clocks.sm": "1980 MHz", "power.limit": "700.00 W"}}),
    ],
)
def test_a_record_comes_back_from_json_as_it_was(record: Record):
    text = json.dumps(record_to_json(record))
    assert record_from_json(json.loads(text)) == record


def test_json_has_status_and_format_at_the_top_level():
    written = record_to_json(make_record(failure=BROKEN))
    assert (written["format"], written["status"], written["result"]) == (2, "failed", None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 3}, "format 3; this version reads up to 2"),
        ({"colour": "blue"}, "colour"),
        ({"budget": {"kind": "visited", "limit": 7}}, "budget 7 is outside"),
    ],
)
def test_json_that_is_not_a_record_is_rejected(change: dict[str, object], message: str):
    with pytest.raises(ValueError, match=message):
        record_from_json({**record_to_json(make_record()), **change})


def test_json_without_a_field_is_rejected():
    written = record_to_json(make_record())
    del written["seed"]
    with pytest.raises(ValueError, match="'seed' is missing"):
        record_from_json(written)


@pytest.mark.parametrize(
    ("record", "depth"),
    [(make_record(depth=20), 20), (make_record(depth=20, failure=BROKEN), DEFAULT_DEPTH)],
)
def test_the_depth_was_once_the_results_and_a_failure_had_none(record: Record, depth: int):
    written = record_to_json(record)
    asked_for = written.pop("depth")
    if written["result"] is not None:
        written["result"]["depth"] = asked_for
    assert record_from_json(written) == replace(record, depth=depth)


def test_a_field_of_earlier_versions_that_was_always_false_is_dropped():
    written = record_to_json(make_record())
    written["result"]["latency"]["device_events"] = False
    assert record_from_json(written) == make_record()


def test_a_damaged_attempt_is_named(tmp_path: Path):
    attempt = tmp_path / "0001"
    with new_folder(attempt) as draft:
        write_json(draft / "record.json", record_to_json(make_record()))
    assert read_record(attempt) == make_record()
    (attempt / "record.json").write_text("{}")
    with pytest.raises(InputError, match=r"record\.json is damaged or missing; move .*0001 away"):
        read_record(attempt)


def test_a_record_of_an_earlier_version_has_later_settings_at_their_default():
    settings = {"tree": {"fusion": 0.1}, "of_a_plugin": {"a": 1}}
    written = record_to_json(make_record(settings=settings))
    assert record_from_json(written).settings == {
        "tree": {
            "spilled": 0,
            "routing": "flat",
            "beam": "fixed",
            "fusion": 0.1,
            "centroid_share": 0.0,
        },
        "of_a_plugin": {"a": 1},
    }


def test_a_record_from_before_the_dual_encoder_had_settings_has_them_at_their_default():
    settings = {"training": {"epochs": 1}, "ivf": {"lists": 8, "routing": "flat"}}
    read = record_from_json(record_to_json(make_record("ivf", settings=settings)))
    assert read.settings["dual_encoder"] == {"contrastive": "softmax", "margin": 0.3}
    of_ehi = record_from_json(record_to_json(make_record("ehi", settings=settings)))
    assert "dual_encoder" not in of_ehi.settings
