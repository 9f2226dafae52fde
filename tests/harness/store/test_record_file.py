import json
import lzma
from pathlib import Path

import pytest

from harness.store.ablations import Ablation
from harness.store.record_file import RecordFile, read_record_file, write_record_file
from methods.errors import InputError
from tests.harness.store.fake_records import BROKEN, make_record

RECORDS_0_1 = Path(__file__).parents[1] / "records_0_1.jsonl"
QUERIES = ["q0", "q1", "q2"]
EHI = {"query": QUERIES, "unseen": [True, False, False], "nDCG@10": [0.0, 0.630929754, 1.0]}
IVF = {**EHI, "nDCG@10": [0.0, 0.0, 1.0], "R@100": [0.0, 1.0, 1.0], "visited": [0.1, 0.2, 0.3]}


@pytest.fixture
def content(tmp_path: Path) -> RecordFile:
    """Two cells with different measures, of which one has the documents visited, and a failure."""
    ehi, ivf = make_record("ehi", seed=1), make_record("ivf", seed=0)
    records = [ehi, ivf, make_record("hnsw", failure=BROKEN)]
    arms = {"full": [ehi.cell], "no-balance": ["another"]}
    path = tmp_path / "run.jsonl.xz"
    return RecordFile(path, records, {ehi.cell: EHI, ivf.cell: IVF}, [Ablation(arms)])


def rewrite(path: Path, old: str, new: str) -> None:
    """Replace a text inside a compressed file."""
    with lzma.open(path, "rt") as file:
        text = file.read()
    assert old in text
    with lzma.open(path, "wt") as file:
        file.write(text.replace(old, new, 1))


def test_what_is_read_is_what_was_written_without_the_documents_visited(content: RecordFile):
    write_record_file(content)
    read = read_record_file(content.path)
    assert read.records() == content.records()
    assert [record.status for record in read.records()] == ["ok", "ok", "failed"]
    assert read.ablations == content.ablations
    ehi, ivf, _ = (record.cell for record in read.records())
    assert {name: list(values) for name, values in read.per_query(ehi).items()} == EHI
    assert list(read.per_query(ivf)) == ["query", "unseen", "nDCG@10", "R@100"]
    assert read.values(ivf, "R@100") == {"q0": 0.0, "q1": 1.0, "q2": 1.0}


def test_a_cell_has_the_positions_of_its_rows(content: RecordFile):
    write_record_file(content)
    with lzma.open(content.path) as file:
        head, ehi, ivf, failed = map(json.loads, file)
    assert head == {
        "format": 2,
        "queries": QUERIES,
        "columns": ["unseen", "nDCG@10", "R@100"],
        "values": [
            [True, 0.0, None],
            [False, 0.630929754, None],
            [False, 1.0, None],
            [True, 0.0, 0.0],
            [False, 0.0, 1.0],
            [False, 1.0, 1.0],
        ],
        "ablations": [{"full": ["ehi-0.1-seed-1"], "no-balance": ["another"]}],
    }
    assert (ehi["codes"], ivf["codes"]) == ([0, 1, 2], [3, 4, 5])
    assert "codes" not in failed and failed["record"]["failure"]["reason"] == "it broke"


def test_equal_contents_become_equal_bytes(content: RecordFile):
    write_record_file(content)
    first = content.path.read_bytes()
    write_record_file(read_record_file(content.path))
    assert content.path.read_bytes() == first


def test_a_baseline_file_of_ehibench_0_1_is_read(tmp_path: Path):
    old = json.loads(RECORDS_0_1.read_text().splitlines()[0])
    lines = [{"format": 1, "queries": QUERIES}, {"record": old, "values": {"R@100": [1, 1, 0]}}]
    (tmp_path / "file").write_text("\n".join(map(json.dumps, lines)))
    read = read_record_file(tmp_path / "file")
    (row,) = read.records()
    assert (row.method, row.budget.kind, row.measured.quality.queries) == ("bm25", "visited", 103)
    assert read.values(row.cell, "R@100") == {"q0": 1, "q1": 1, "q2": 0}


@pytest.mark.parametrize("position", [0, 20, 200, -40, -1])
def test_a_changed_byte_is_found(content: RecordFile, position: int):
    write_record_file(content)
    data = bytearray(content.path.read_bytes())
    data[position] ^= 1
    content.path.write_bytes(data)
    with pytest.raises(InputError, match="is damaged, or is not a file of records"):
        read_record_file(content.path)


@pytest.mark.parametrize("kept", [0, 3, 100, -1])
def test_a_truncated_file_is_one_line_that_says_what_to_do(content: RecordFile, kept: int):
    write_record_file(content)
    content.path.write_bytes(content.path.read_bytes()[:kept])
    with pytest.raises(InputError, match="is damaged, or is not a file of records") as error:
        read_record_file(content.path)
    assert "\n" not in str(error.value)
    assert str(error.value).endswith(f"save it again with ehibench baseline RUN {content.path}")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"format":2', '"format":3', "format 3; this version reads up to 2"),
        ('"cell":', '"colour":1,"cell":', "colour"),
        ('"seed":1,', "", "seed"),
        ('"record":', '"rec":', "record"),
        ('"record":', '"record"', "JSONDecodeError"),
        ('"codes":[0,1,', '"codes":[1,', "2 values of unseen for 3 queries"),
        ('"codes":[0,', '"codes":[9,', "IndexError"),
        ('"columns":["unseen",', '"columns":[', "ValueError"),
        ('"queries":["q0",', '"queries":[', "3 values of unseen for 2 queries"),
    ],
)
def test_a_file_of_another_shape_is_refused(content: RecordFile, old: str, new: str, message: str):
    write_record_file(content)
    rewrite(content.path, old, new)
    with pytest.raises(InputError, match=message):
        read_record_file(content.path)


def test_what_the_system_cannot_read_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"cannot read .*: No such file or directory"):
        read_record_file(tmp_path / "none")
