"""`ehibench export run`: programs of the field read the run."""

import gzip
from collections.abc import Callable
from pathlib import Path

import ir_measures
import pytest
import yaml
from click.testing import CliRunner, Result

from harness.cli import main
from harness.measure.quality import read_ranking
from harness.store.record import Details
from harness.store.run_folder import RunFolder
from tests.harness.store.fake_records import make_record

FOUND = {"q1": {"d3": 0.9, "d1": 0.5}, "q2": {"d2": 0.1}}
Export = Callable[..., Result]


@pytest.fixture
def cell(tmp_path: Path) -> Path:
    """A cell with a run of two queries."""
    folder = RunFolder(tmp_path / "run")
    record = make_record("ivf", 0.1, settings={"ivf": {"lists": 8}}, metrics={"nDCG@10": 0.5})
    folder.add(record, Details({"nDCG@10": [0.5, 0.5]}, ["q1", "q2"], [False, True], FOUND))
    return folder.path / "cells" / record.cell


def export(*words: object) -> Result:
    return CliRunner().invoke(main, ["export", "run", *map(str, words)])


@pytest.mark.parametrize("name", ["run.trec", "run.trec.gz"])
def test_ir_measures_reads_the_run(cell: Path, tmp_path: Path, name: str):
    done = export(cell, tmp_path / name)
    assert done.exit_code == 0, done.output
    opened = gzip.open if name.endswith("gz") else open
    with opened(tmp_path / name, "rt") as file:
        found = [tuple(line) for line in ir_measures.read_trec_run(file)]
    scores = {q: {d: pytest.approx(s) for d, s in docs.items()} for q, docs in FOUND.items()}
    assert found == [(q, d, s) for q, docs in scores.items() for d, s in docs.items()]


def test_an_attempt_is_exported_by_its_folder(cell: Path, tmp_path: Path):
    assert export(cell / "0001", tmp_path / "run.gz").exit_code == 0
    assert read_ranking(tmp_path / "run.gz") == {q: list(docs) for q, docs in FOUND.items()}


def test_the_header_is_yaml_in_comments_before_the_same_run(cell: Path, tmp_path: Path):
    export(cell, tmp_path / "plain.trec")
    export(cell, tmp_path / "run.trec", "--header")
    lines = (tmp_path / "run.trec").read_text().splitlines(keepends=True)
    header = [line.removeprefix("# ") for line in lines if line.startswith("#")]
    assert (header[0], header[-1]) == ("ir_metadata.start\n", "ir_metadata.end\n")
    assert "".join(lines[len(header) :]) == (tmp_path / "plain.trec").read_text()
    metadata = yaml.safe_load("".join(header[1:-1]))
    assert metadata["tag"] == "ivf"
    assert metadata["method"]["retrieval"][0]["parameters"]["ivf.lists"] == 8
    assert metadata["research goal"] == {"evaluation": {"reported measures": ["nDCG@10"]}}


def test_a_file_is_replaced_only_by_force(cell: Path, tmp_path: Path):
    (tmp_path / "run.trec").write_text("mine")
    refused = export(cell, tmp_path / "run.trec")
    assert refused.exit_code == 2 and "--force replaces it" in refused.output
    assert export(cell, tmp_path / "run.trec", "--force").exit_code == 0


def test_a_cell_without_a_run_is_one_line(cell: Path, tmp_path: Path):
    (cell / "0001" / "run.trec.gz").unlink()
    done = export(cell, tmp_path / "run.trec")
    assert done.exit_code == 2 and len(done.output.splitlines()) == 1
