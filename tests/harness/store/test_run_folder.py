import json
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.store.record import Details, Record
from harness.store.run_folder import RunFolder
from methods.atomic_files import new_folder, write_json
from methods.errors import InputError
from tests.harness.store.fake_records import make_record


def record(cell: str = "ehi-1", **values: Any) -> Record:
    return make_record("ehi", cell=cell, **values)


DETAILS = Details({"nDCG@10": np.array([0.5])}, ["q1"], [True], {"q1": {"d1": 0.25}})


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path / "run")
    with run.open_for_writing():
        pass
    return run


def test_a_record_comes_back_as_it_was(folder: RunFolder):
    first = record(metrics={"nDCG@10": 0.5}, effort=3)
    folder.add(first, DETAILS)
    assert folder.records() == [first]
    assert folder.latest("ehi-1") == first
    assert folder.latest("ivf-1") is None


def test_a_later_attempt_counts_and_the_earlier_one_stays(folder: RunFolder):
    folder.add(record(effort=1))
    folder.add(record(effort=2))
    assert [r.measured.effort for r in folder.records()] == [2]
    kept = sorted(folder.path.glob("cells/ehi-1/*/record.json"))
    assert [json.loads(path.read_text())["result"]["effort"] for path in kept] == [1, 2]


def test_the_details_are_next_to_the_record(folder: RunFolder):
    folder.add(record(), DETAILS)
    (per_query,) = folder.path.glob("cells/ehi-1/*/per_query.json")
    assert json.loads(per_query.read_text()) == {
        "query": ["q1"],
        "unseen": [True],
        "nDCG@10": [0.5],
    }
    assert list(folder.path.glob("cells/ehi-1/*/run.trec.gz"))


def test_values_and_ranking_are_read_by_query(folder: RunFolder):
    columns = {"nDCG@10": np.array([0.5, 1.0]), "R@10": np.array([0.0, 0.25])}
    run = {"q1": {"d2": 0.5, "d1": 0.25}, "q2": {"d3": 1.0}}
    folder.add(record(), Details(columns, ["q1", "q2"], [True, False], run))
    assert folder.values("ehi-1", "R@10") == {"q1": 0.0, "q2": 0.25}
    assert folder.ranking("ehi-1") == {"q1": ["d2", "d1"], "q2": ["d3"]}


def test_an_interrupted_attempt_leaves_nothing(folder: RunFolder, monkeypatch: pytest.MonkeyPatch):
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.store.run_folder.write_run", killed)
    with pytest.raises(KeyboardInterrupt):
        folder.add(record(), DETAILS)
    assert folder.latest("ehi-1") is None
    assert not list((folder.path / "cells" / "ehi-1").iterdir())


def test_a_damaged_record_is_named(folder: RunFolder):
    folder.add(record())
    (path,) = folder.path.glob("cells/ehi-1/*/record.json")
    path.write_text(path.read_text().replace("ehi", "ivf"))
    with pytest.raises(InputError, match=r"record\.json is damaged or missing; move .*0001 away"):
        folder.records()


def test_a_record_of_another_version_is_named(folder: RunFolder):
    with new_folder(folder.path / "cells" / "ehi-1" / "0001") as draft:
        write_json(draft / "record.json", {"cell": "ehi-1", "colour": "blue"})
    with pytest.raises(
        InputError, match="is not a record that this version reads \\('status' is missing\\)"
    ):
        folder.latest("ehi-1")


def test_a_second_writer_is_rejected_until_the_first_ends(folder: RunFolder):
    with folder.open_for_writing():
        other = RunFolder(folder.path)
        with pytest.raises(InputError, match="another ehibench run"), other.open_for_writing():
            pass
    with other.open_for_writing():
        pass


def test_parts_of_a_run_share_the_folder_and_keep_other_runs_out(folder: RunFolder):
    with (
        folder.open_for_part(),
        folder.open_for_part(),
        pytest.raises(InputError, match="jobs of an earlier command are still writing"),
        folder.open_for_writing(),
    ):
        pass
    with folder.open_for_writing(), folder.open_for_part():
        pass


def test_who_wants_to_make_the_same_artifact_waits_and_says_so(folder: RunFolder):
    said: list[str] = []
    order: list[str] = []

    def second() -> None:
        with folder.locked("trained/ab", said.append):
            order.append("second")

    other = threading.Thread(target=second)
    with folder.locked("trained/ab", said.append), folder.locked("trained/cd", said.append):
        other.start()
        while not said:
            time.sleep(0.01)
        order.append("first")
    other.join()
    assert order == ["first", "second"]
    assert said == ["waiting for another process that makes trained/ab"]


def test_drafts_of_a_killed_process_are_removed(folder: RunFolder):
    draft = folder.path / "cells" / "ehi-1" / ".draft-x"
    draft.mkdir(parents=True)
    with folder.open_for_writing():
        assert not draft.exists()


def test_attempts_are_numbered_after_the_last_one(folder: RunFolder):
    for _ in range(2):
        folder.add(record())
    shutil.rmtree(folder.path / "cells" / "ehi-1" / "0001")  # someone moved it away
    folder.add(record(effort=3))
    assert [path.name for path in sorted(folder.path.glob("cells/ehi-1/*"))] == ["0002", "0003"]


def test_a_folder_that_cannot_be_written_is_rejected(tmp_path: Path):
    (tmp_path / "file").write_text("")
    folder = RunFolder(tmp_path / "file" / "run")
    with pytest.raises(InputError, match="choose another --out"), folder.open_for_writing():
        pass


def test_a_folder_without_cells_is_not_a_run_folder(tmp_path: Path):
    with pytest.raises(InputError, match="is not a run folder"):
        RunFolder(tmp_path).records()
