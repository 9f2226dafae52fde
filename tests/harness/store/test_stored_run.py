from pathlib import Path

import numpy as np
import pytest

from harness.store.ablations import Ablation, write_ablation
from harness.store.record import Details, Failure, Record
from harness.store.record_file import RecordFile
from harness.store.run_folder import RunFolder
from harness.store.stored_run import ablations_of, open_run, save_run
from methods.errors import InputError
from tests.harness.store.fake_records import BROKEN, make_record

QUERIES = ["q0", "q1", "q2"]
VALUES = {"nDCG@10": np.array([0.0, 0.6309297536, 1.0]), "R@100": np.array([1.0, 1.0, 0.0])}


def add(folder: RunFolder, record: Record, queries: list[str] = QUERIES) -> None:
    columns = {**VALUES, "visited": VALUES["R@100"]}
    folder.add(record, Details(columns, queries, [False, True, False], {}))


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    for method in ("ehi", "ivf"):
        for seed in (0, 1):
            add(folder, make_record(method, seed=seed))
    return folder


def test_a_file_holds_the_records_and_values_of_the_run_folder(run: RunFolder, tmp_path: Path):
    file = tmp_path / "results" / "run.jsonl.xz"
    assert save_run(open_run(run.path), file) == []
    saved = open_run(file)
    assert isinstance(saved, RecordFile)
    assert saved.records() == run.records()
    assert [record.seed for record in saved.records()] == [0, 1, 0, 1]
    for record in run.records():
        expected = run.per_query(record.cell)
        del expected["visited"]
        columns = saved.per_query(record.cell)
        assert {name: list(values) for name, values in columns.items()} == expected
        assert saved.values(record.cell, "R@100") == run.values(record.cell, "R@100")


def test_a_later_attempt_replaces_an_earlier_one(run: RunFolder, tmp_path: Path):
    again = make_record("ehi", effort=99)
    add(run, again)
    save_run(run, tmp_path / "file")
    (kept,) = (r for r in open_run(tmp_path / "file").records() if r.cell == again.cell)
    assert kept == again


def test_records_that_are_not_ok_are_kept_and_returned(run: RunFolder, tmp_path: Path):
    failed = make_record("bm25", failure=Failure("UnavailableError", "pip install bm25s"))
    run.add(failed)
    assert save_run(run, tmp_path / "file") == [failed]
    assert failed in open_run(tmp_path / "file").records()


def test_a_file_can_be_saved_again(run: RunFolder, tmp_path: Path):
    write_ablation(run, Ablation({"full": ["a"], "no-balance": ["b"]}))
    save_run(run, tmp_path / "first")
    save_run(open_run(tmp_path / "first"), tmp_path / "second")
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    assert ablations_of(open_run(tmp_path / "second")) == ablations_of(run)


def test_cells_with_different_queries_are_not_saved(run: RunFolder, tmp_path: Path):
    add(run, make_record("exact", None), ["a", "b", "c"])
    with pytest.raises(InputError, match="measured on different queries"):
        save_run(run, tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_a_run_without_a_finished_cell_is_not_saved(tmp_path: Path):
    folder = RunFolder(tmp_path / "run")
    folder.add(make_record("ehi", failure=BROKEN))
    message = r"no cell of .* is finished; measure them with ehibench run --out"
    with pytest.raises(InputError, match=message):
        save_run(folder, tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_a_file_that_cannot_be_written_is_one_line(run: RunFolder, tmp_path: Path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match=r"cannot write to .*taken: .*; choose another FILE"):
        save_run(run, tmp_path / "taken" / "file")


def test_what_is_neither_a_run_folder_nor_a_file_of_records_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="is neither a run folder nor a file of records"):
        open_run(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is not a file of records"):
        open_run(tmp_path / "file")
    with pytest.raises(InputError, match="is not a run folder"):
        open_run(tmp_path).records()
