import json
from pathlib import Path

import numpy as np
import pytest

from harness.regression.baseline import read_measurements, save_baseline
from harness.store.record import Details, Failure, Record
from harness.store.run_folder import RunFolder
from methods.errors import InputError
from tests.harness.fake_records import BROKEN
from tests.harness.regression.fake_measurements import record

RECORDS_0_1 = Path(__file__).parents[1] / "store" / "records_0_1.jsonl"
QUERIES = ["q0", "q1", "q2"]
VALUES = {"nDCG@10": np.array([0.0, 0.6309297536, 1.0]), "R@100": np.array([1.0, 1.0, 0.0])}


def add(folder: RunFolder, row: Record, queries: list[str] = QUERIES) -> None:
    folder.add(row, Details({**VALUES, "visited": VALUES["R@100"]}, queries, [False] * 3, {}))


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    for method in ("ehi", "ivf"):
        add(folder, record(method))
    return folder


def test_a_file_holds_what_the_run_folder_does(run: RunFolder, tmp_path: Path):
    file = tmp_path / "results" / "baseline.jsonl"
    assert save_baseline(run.path, file) == []
    saved, measured = read_measurements(file), read_measurements(run.path)
    assert saved.records == measured.records == run.records()
    for cell, columns in measured.columns.items():
        kept = {name: columns[name] for name in ("query", *("nDCG@10", "R@100"))}
        assert saved.columns[cell] == kept
    head, ehi, _ivf = file.read_text().splitlines()
    assert json.loads(head) == {"format": 1, "queries": QUERIES}
    assert ehi.endswith('"values":{"nDCG@10":[0,0.630929754,1],"R@100":[1,1,0]}}')


def test_cells_that_are_not_ok_are_left_out(run: RunFolder, tmp_path: Path):
    failed = record("bm25", failure=Failure("UnavailableError", "pip install bm25s"))
    run.add(failed)
    assert save_baseline(run.path, tmp_path / "file") == [failed]
    assert [row.method for row in read_measurements(tmp_path / "file").records] == ["ehi", "ivf"]


def test_nothing_finished_and_two_datasets_are_no_baseline(run: RunFolder, tmp_path: Path):
    add(run, record("exact", budget=None), ["a", "b", "c"])
    with pytest.raises(InputError, match="measured on different queries"):
        save_baseline(run.path, tmp_path / "file")
    empty = RunFolder(tmp_path / "empty")
    empty.add(record("ehi", failure=BROKEN))
    with pytest.raises(InputError, match=r"no cell of .* is finished; ehibench run --out"):
        save_baseline(empty.path, tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_a_baseline_of_ehibench_0_1_is_read(tmp_path: Path):
    old = json.loads(RECORDS_0_1.read_text().splitlines()[0])
    lines = [{"format": 1, "queries": QUERIES}, {"record": old, "values": {"R@100": [1, 1, 0]}}]
    (tmp_path / "file").write_text("\n".join(map(json.dumps, lines)))
    (row,) = read_measurements(tmp_path / "file").records
    assert (row.method, row.budget.kind, row.measured.quality.queries) == ("bm25", "visited", 103)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"format":1', '"format":2', "line 1, is no baseline of this version .*format 2, not 1"),
        ('"cell":', '"colour":1,"cell":', "line 2, is .*colour"),
        ('"seed":0,', "", "line 2, is .*seed"),
        ('"values":', '"vals":', "line 2, is no baseline"),
        ('"R@100":[1,', '"R@100":[', "line 2, is .*2 values of R@100 for 3 queries"),
        ('"record":', '"record"', "line 2, is no baseline"),
    ],
)
def test_damage_is_one_line_that_names_its_place(
    run: RunFolder, tmp_path: Path, old: str, new: str, told: str
):
    file = tmp_path / "file"
    save_baseline(run.path, file)
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=told) as error:
        read_measurements(file)
    assert "\n" not in str(error.value)
    assert str(error.value).endswith(f"ehibench baseline RUN {file} saves it again")


def test_no_file_an_empty_one_and_a_folder_that_is_no_run(tmp_path: Path):
    with pytest.raises(InputError, match="is neither a run folder nor a baseline file"):
        read_measurements(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="line 1, is no baseline"):
        read_measurements(tmp_path / "file")
    with pytest.raises(InputError, match="is not a run folder"):
        read_measurements(tmp_path)
