"""`ehibench report` on a run folder of made-up records."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.store.run_folder import RunFolder
from harness.store.stored_run import save_run
from tests.harness.report.fake_growth import SIZES, write_sizes
from tests.harness.report.fake_run import MadeUpRun, copy_as
from tests.harness.store.fake_records import BROKEN, make_record

NAME = "beir-made-up"
TABLES = (".md", ".tex", ".csv")
COSTS = ("visited", "macs", "latency")
FIGURES = (
    *(*COSTS, *(f"{cost}-to-reach" for cost in COSTS)),
    *("throughput", "build", "memory", "query-time", "leaves", "training"),
)
Report = Callable[..., Result]


@pytest.fixture
def report(tmp_path: Path) -> Report:
    def run(*arguments: str | Path, out: Path = tmp_path / "out") -> Result:
        return CliRunner().invoke(main, ["report", *map(str, arguments), "--out", str(out)])

    return run


@pytest.fixture(scope="module")
def first(made_up_run: MadeUpRun, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """The output and the folder of a report with all its figures, which tests must not change."""
    out = tmp_path_factory.mktemp("first") / "out"
    return CliRunner().invoke(main, ["report", str(made_up_run.path), "--out", str(out)]), out


@pytest.fixture
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the figures, which take most of the time, in tests that are not about them."""
    monkeypatch.setattr("harness.commands.report.draw", lambda report, folder: None)


def files(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_a_report_has_tables_figures_sentences_and_a_page(first: tuple[Result, Path]):
    done, out = first
    assert done.exit_code == 0, done.output
    assert done.output.endswith(f"report: {out / 'index.html'}\n")
    names = set(files(out))
    assert names == {
        "index.html",
        "headline.md",
        "verdicts.json",
        "tables/all.tex",
        *(f"tables/{NAME}{form}" for form in TABLES),
        *(f"tables/{NAME}-differences-{m}{form}" for m in ("nDCG10", "R100") for form in TABLES),
        *(f"tables/{name}{form}" for name in (f"{NAME}-claims", "published") for form in TABLES),
        *(f"figures/{NAME}-{figure}{form}" for figure in FIGURES for form in (".pdf", ".png")),
    }
    headline = (out / "headline.md").read_text()
    assert "ehi is shown to be better than all others at 1 %." in headline
    assert "At 5 % of the documents, ehi is worse than hnsw: " in headline


@pytest.mark.usefixtures("without_figures")
def test_the_verdicts_hold_the_sentences_that_are_printed(
    report: Report, made_up_run: MadeUpRun, tmp_path: Path
):
    done = report(made_up_run.path)
    written = json.loads((tmp_path / "out" / "verdicts.json").read_text())
    (dataset,) = written["datasets"]
    assert (written["format"], dataset["dataset"]) == (1, "beir:made<up>")
    assert len(dataset["verdicts"]) == 6  # two methods at three budgets
    for sentence in dataset["sentences"]["answer"] + dataset["sentences"]["where_not"]:
        assert f"  {sentence}\n" in done.output


def test_two_reports_of_a_run_are_equal_byte_for_byte(
    report: Report, made_up_run: MadeUpRun, tmp_path: Path, first: tuple[Result, Path]
):
    assert report(made_up_run.path).exit_code == 0
    one, two = files(first[1]), files(tmp_path / "out")
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []


def test_a_file_of_records_gives_the_tables_and_curves_of_the_run_folder(
    report: Report, made_up_run: MadeUpRun, tmp_path: Path, first: tuple[Result, Path]
):
    file = tmp_path / "run.jsonl.xz"
    save_run(RunFolder(made_up_run.path), file)
    done = report(file, out=tmp_path / "file")
    assert done.exit_code == 0, done.output
    notes = [line for line in done.output.splitlines() if line.startswith("note:")]
    assert notes == [
        f"note: no documents found, trees or training curves of {file}: only run folders have them"
    ]
    of_folder, of_file = files(first[1]), files(tmp_path / "file")
    missing = {f"figures/{NAME}-{figure}" for figure in ("leaves", "training")}
    assert of_folder.keys() - of_file.keys() == {
        name + form for name in missing for form in (".pdf", ".png")
    }
    different = [name for name in of_file if of_file[name] != of_folder[name]]
    assert different == ["headline.md", "index.html"]
    # The made-up tree has no router, which only a run folder can lack.
    assert of_folder["headline.md"].startswith(of_file["headline.md"].rstrip())


@pytest.mark.usefixtures("without_figures")
def test_run_folders_and_files_make_one_report(
    report: Report, made_up_run: MadeUpRun, tmp_path: Path
):
    save_run(copy_as("other", made_up_run, tmp_path / "other"), tmp_path / "other.jsonl.xz")
    assert report(made_up_run.path, out=tmp_path / "one").exit_code == 0
    done = report(made_up_run.path, tmp_path / "other.jsonl.xz", out=tmp_path / "both")
    assert done.exit_code == 0, done.output
    one, both = files(tmp_path / "one"), files(tmp_path / "both")
    assert "tables/other.md" in both
    assert both[f"tables/{NAME}.md"] == one[f"tables/{NAME}.md"]
    assert "no tree of other" not in done.output


@pytest.mark.usefixtures("without_figures")
def test_a_damaged_file_is_one_line(report: Report, made_up_run: MadeUpRun, tmp_path: Path):
    file = tmp_path / "run.jsonl.xz"
    save_run(RunFolder(made_up_run.path), file)
    file.write_bytes(file.read_bytes()[:1000])
    done = report(file)
    assert done.exit_code == 2 and done.output.count("\n") == 1
    assert f"{file} is damaged" in done.output


@pytest.mark.usefixtures("without_figures")
def test_a_note_names_what_is_missing_without_artifacts(
    report: Report, made_up_run: MadeUpRun, tmp_path: Path
):
    run = tmp_path / "moved"
    shutil.copytree(made_up_run.path, run)
    shutil.rmtree(run / "trained")
    done = report(run)
    assert done.exit_code == 0, done.output
    assert "note: no tree of beir:made<up>: its files are not in the run folder" in done.output


@pytest.mark.usefixtures("without_figures")
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
    assert done.exit_code == 2 and "is neither a run folder nor a file of records" in done.output
    done = report(tmp_path)
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


def test_records_for_calibration_are_only_compared_with_published_numbers(
    report: Report, made_up_run: MadeUpRun, tmp_path: Path
):
    known = copy_as("beir:scifact", made_up_run, tmp_path / "known")
    assert report(made_up_run.path, "--calibration", known.path).exit_code == 0
    published = (tmp_path / "out" / "tables" / "published.md").read_text()
    assert "not run: bm25" in published  # on scifact, which was measured with other methods
    assert not list((tmp_path / "out").rglob("beir-scifact*"))


def test_sizes_of_one_kind_of_data_are_drawn_together(report: Report, tmp_path: Path):
    sizes = [folder.path for folder in write_sizes(tmp_path, SIZES[:2])]
    done = report(*sizes)
    assert done.exit_code == 0, done.output
    assert "beir:synthetic, 10,000 to 100,000 documents\n  To find 90 % " in done.output
    names, name = set(files(tmp_path / "out")), "beir-synthetic-growth"
    assert {path for path in names if path.startswith("figures/")} == {
        f"figures/{name}-{cost}{form}" for cost in COSTS for form in (".pdf", ".png")
    }
    for table in (*COSTS, "building"):
        assert {f"tables/{name}-{table}{form}" for form in TABLES} <= names
    (growth,) = json.loads((tmp_path / "out" / "verdicts.json").read_text())["growths"]
    headline, page = ((tmp_path / "out" / f).read_text() for f in ("headline.md", "growth.md"))
    assert all(f"- {each}\n" in headline and f"- {each}\n" in page for each in growth["sentences"])


@pytest.mark.usefixtures("without_figures")
def test_one_size_alone_is_a_dataset_like_any_other(report: Report, tmp_path: Path):
    (size,) = write_sizes(tmp_path, SIZES[:1])
    assert report(size.path).exit_code == 0
    assert not list((tmp_path / "out").rglob("*growth*"))
    assert "growth" not in (tmp_path / "out" / "verdicts.json").read_text()
