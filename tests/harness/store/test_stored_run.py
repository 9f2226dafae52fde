import json
from pathlib import Path

import numpy as np
import pytest

from harness.regression.measurements import read_measurements, save_baseline
from harness.store.record import Details, Failure, Record
from harness.store.run_folder import RunFolder
from methods.errors import InputError
from tests.harness.regression.fake_measurements import record
from tests.harness.store.fake_records import BROKEN

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


def test_a_baseline_file_holds_the_records_and_values_of_the_run_folder(
    run: RunFolder, tmp_path: Path
):
    file = tmp_path / "results" / "baseline.jsonl"
    assert save_baseline(run.path, file) == []
    saved, measurements = read_measurements(file), read_measurements(run.path)
    assert saved.records == measurements.records == run.records()
    for cell, columns in measurements.columns.items():
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


def test_cells_with_different_queries_are_not_saved(run: RunFolder, tmp_path: Path):
    add(run, record("exact", budget=None), ["a", "b", "c"])
    with pytest.raises(InputError, match="measured on different queries"):
        save_baseline(run.path, tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_a_run_without_a_finished_cell_is_not_saved(tmp_path: Path):
    folder = RunFolder(tmp_path / "run")
    folder.add(record("ehi", failure=BROKEN))
    message = r"no cell of .* is finished; measure them with ehibench run --out"
    with pytest.raises(InputError, match=message):
        save_baseline(folder.path, tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_a_baseline_of_ehibench_0_1_is_read(tmp_path: Path):
    old = json.loads(RECORDS_0_1.read_text().splitlines()[0])
    lines = [{"format": 1, "queries": QUERIES}, {"record": old, "values": {"R@100": [1, 1, 0]}}]
    (tmp_path / "file").write_text("\n".join(map(json.dumps, lines)))
    (row,) = read_measurements(tmp_path / "file").records
    assert (row.method, row.budget.kind, row.measured.quality.queries) == ("bm25", "visited", 103)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"format":1', '"format":2', "line 1, is not a baseline of this version .*format 2, not 1"),
        ('"cell":', '"colour":1,"cell":', "line 2, is .*colour"),
        ('"seed":0,', "", "line 2, is .*seed"),
        ('"values":', '"vals":', "line 2, is not a baseline"),
        ('"R@100":[1,', '"R@100":[', "line 2, is .*2 values of R@100 for 3 queries"),
        ('"record":', '"record"', "line 2, is not a baseline"),
    ],
)
def test_a_damaged_file_is_one_line_that_names_the_line_number(
    run: RunFolder, tmp_path: Path, old: str, new: str, message: str
):
    file = tmp_path / "file"
    save_baseline(run.path, file)
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=message) as error:
        read_measurements(file)
    assert "\n" not in str(error.value)
    assert str(error.value).endswith(f"save it again with ehibench baseline RUN {file}")


def test_what_is_neither_a_baseline_file_nor_a_run_folder_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="is neither a run folder nor a baseline file"):
        read_measurements(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="line 1, is not a baseline"):
        read_measurements(tmp_path / "file")
    with pytest.raises(InputError, match="is not a run folder"):
        read_measurements(tmp_path)
