"""`ehibench report` on a run folder of made-up records."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import MadeUpRun
from tests.harness.store.fake_records import BROKEN, make_record

NAME = "beir-made-up"
TABLES = (".md", ".tex", ".csv")
FIGURES = ("visited", "macs", "latency", "throughput", "leaves", "training")
Report = Callable[..., Result]


@pytest.fixture
def report(tmp_path: Path) -> Report:
    def run(*arguments: str | Path, out: Path = tmp_path / "out") -> Result:
        return CliRunner().invoke(main, ["report", *map(str, arguments), "--out", str(out)])

    return run


def files(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_a_report_has_tables_figures_sentences_and_a_page(
    report: Report, made_up_run: MadeUpRun, tmp_path: Path
):
    done = report(made_up_run.path)
    assert done.exit_code == 0, done.output
    assert done.output.endswith(f"report: {tmp_path / 'out' / 'index.html'}\n")
    names = set(files(tmp_path / "out"))
    assert names == {
        "index.html",
        "headline.md",
        "tables/all.tex",
        *(f"tables/{NAME}{form}" for form in TABLES),
        *(f"tables/{NAME}-differences-{m}{form}" for m in ("nDCG10", "R100") for form in TABLES),
        *(f"tables/published{form}" for form in TABLES),
        *(f"figures/{NAME}-{figure}{form}" for figure in FIGURES for form in (".pdf", ".png")),
    }
    headline = (tmp_path / "out" / "headline.md").read_text()
    assert "ehi leads at 1 %" in headline and "ehi is worse in nDCG@10 at 5 % than hnsw" in headline


def test_two_reports_of_a_run_are_equal_byte_for_byte(
    report: Report, made_up_run: MadeUpRun, tmp_path: Path
):
    for out in ("first", "second"):
        assert report(made_up_run.path, out=tmp_path / out).exit_code == 0
    first, second = files(tmp_path / "first"), files(tmp_path / "second")
    assert [name for name in first if first[name] != second[name]] == []


def test_a_note_names_what_is_missing_without_artifacts(
    report: Report, made_up_run: MadeUpRun, tmp_path: Path
):
    run = tmp_path / "moved"
    shutil.copytree(made_up_run.path, run)
    shutil.rmtree(run / "trained")
    done = report(run)
    assert done.exit_code == 0, done.output
    assert "note: no tree of beir:made<up>: its files are not in the run folder" in done.output
    assert not (tmp_path / "out" / "figures" / "beir-made-up-leaves.png").exists()


def test_the_measure_and_the_baseline_can_be_chosen(
    report: Report, made_up_run: MadeUpRun, tmp_path: Path
):
    done = report(made_up_run.path, "--measure", "R@100", "--baseline", "hnsw")
    assert done.exit_code == 0, done.output
    assert "exact search's R@100" in done.output
    assert "Against hnsw" in (tmp_path / "out" / "tables" / "beir-made-up.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--baseline", "scann"], "'scann' is not among the records shown"),
        (["--measure", "nDCG@1"], "unknown measure 'nDCG@1'; did you mean 'nDCG@10'?"),
    ],
)
def test_an_unknown_choice_is_one_line_and_writes_nothing(
    report: Report, made_up_run: MadeUpRun, tmp_path: Path, arguments: list[str], message: str
):
    done = report(made_up_run.path, *arguments)
    assert done.exit_code == 2 and message in done.output
    assert done.output.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_folder_without_results_is_one_line(report: Report, tmp_path: Path):
    done = report(tmp_path / "nothing")
    assert done.exit_code == 2 and "is not a run folder" in done.output
    RunFolder(tmp_path / "failed").add(make_record(failure=BROKEN))
    done = report(tmp_path / "failed")
    assert done.exit_code == 2 and "no finished record" in done.output


def test_a_folder_that_cannot_be_written_is_one_line(
    report: Report, made_up_run: MadeUpRun, tmp_path: Path
):
    (tmp_path / "file").write_text("")
    done = report(made_up_run.path, out=tmp_path / "file")
    assert done.exit_code == 2 and done.output.startswith("Error: cannot write to ")
