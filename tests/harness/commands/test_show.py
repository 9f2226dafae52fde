"""`ehibench show` on a run folder of made-up records."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.store.record import Details, Failure
from harness.store.run_folder import RunFolder
from tests.harness.store.fake_records import make_record

ROOT = Path(__file__).parents[3]
QUERIES = [f"q{i}" for i in range(100)]
EASE = np.linspace(0.2, 0.8, 100)
Show = Callable[..., Result]


def add(folder: RunFolder, method: str, above: float, seed: int, budget: float | None) -> None:
    """Add a record whose nDCG@10 of every query is `above` its ease, and whose R@100 is 0.9."""
    values = {"nDCG@10": EASE + above + 0.01 * seed, "R@100": np.full(100, 0.9)}
    means = {name: float(column.mean()) for name, column in values.items()}
    record = make_record(
        method,
        budget,
        seed=seed,
        dataset="hpo",
        settings={"encoder": {"name": "a name that is longer than the line of a terminal " * 4}},
        metrics={"RR@10": 0.5, "R@10": 0.5, **means},
        scan_macs=0.1,
        route_macs=0.1,
    )
    folder.add(record, Details(values, QUERIES, [False] * 100, {"q0": {"d0": 1.0}}))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EHI and IVF with two seeds at two budgets, exact search, and a method that failed."""
    folder = RunFolder(tmp_path_factory.mktemp("show") / "run")
    for seed in (0, 1):
        for budget in (0.1, 0.2):
            add(folder, "ehi", 0.05, seed, budget)
            add(folder, "ivf", 0.0, seed, budget)
        add(folder, "exact", 0.1, seed, None)
    folder.add(
        make_record(
            "bm25", None, dataset="hpo", failure=Failure("UnavailableError", "pip install it")
        )
    )
    return folder.path


@pytest.fixture
def show(run: Path) -> Show:
    return lambda *words: CliRunner().invoke(main, ["show", str(run), *map(str, words)])


def lines_of(shown: Result, *starts: str) -> list[list[str]]:
    """Return the words of the lines that start with these words."""
    assert shown.exit_code == 0, shown.output
    words = (line.split() for line in shown.output.splitlines())
    return [line for line in words if tuple(line[: len(starts)]) == starts]


def test_records_are_followed_by_a_summary_over_seeds(show: Show):
    shown = show()
    single = lines_of(shown, "ehi", "0", "10", "%")
    assert [line[4:9] for line in single] == [["10.00", "4", "0.550", "0.500", "0.500"]]
    (over_seeds,) = lines_of(shown, "ehi", "10", "%")
    assert over_seeds[3:10] == ["2", "10.00", "20.00", "0.250", ".555", "±", ".007"]
    assert "over 100 queries of hpo" in " ".join(shown.output.split())
    assert "bm25: unavailable: pip install it" in shown.output
    assert "difference" not in shown.output


def test_a_retired_setting_that_changed_results_is_named(tmp_path: Path):
    settings = {"training": {"patience": 3}}
    RunFolder(tmp_path).add(make_record(settings=settings, failure=Failure("RuntimeError", "no")))
    shown = CliRunner().invoke(main, ["show", str(tmp_path)])
    assert shown.exit_code == 0
    assert "1 record was made with training.patience, which was removed in ehibench 0.2: " in (
        shown.output
    )


def test_one_seed_has_no_summary(tmp_path: Path):
    add(RunFolder(tmp_path), "ivf", 0.0, 0, 0.1)
    shown = CliRunner().invoke(main, ["show", str(tmp_path)])
    assert lines_of(shown, "ivf", "0", "10", "%") and not lines_of(shown, "ivf", "10", "%")


def test_methods_are_compared_with_the_baseline_at_the_same_budget(show: Show):
    shown = show("--method", "ehi,ivf", "--against", "ivf")
    summary, comparison = lines_of(shown, "ehi", "10", "%")
    assert summary[-1].endswith("]")
    assert comparison == ["ehi", "10", "%", "+.050", "p<.001", ".010", "better"]
    assert len(lines_of(shown, "ivf", "10", "%")) == 1, "the baseline is not compared"
    text = " ".join(shown.output.split())
    assert "difference from ivf" in text and "Holm-corrected for 2 comparisons" in text


def test_methods_are_compared_with_a_reference_at_every_budget(show: Show):
    shown = show("--against", "exact")
    compared = [lines_of(shown, name, "20", "%")[-1][3:] for name in ("ehi", "ivf")]
    assert compared == [["-.050", "p<.001", ".010", "worse"], ["-.100", "p<.001", ".010", "worse"]]


def test_one_seed_is_compared_in_the_measure_asked_for(tmp_path: Path):
    folder = RunFolder(tmp_path)
    add(folder, "ivf", 0.0, 0, 0.1)
    add(folder, "ehi", 0.05, 0, 0.1)
    words = ["show", str(tmp_path), "--against", "ivf", "--measure", "R@100"]
    summary, comparison = lines_of(CliRunner().invoke(main, words), "ehi", "10", "%")
    assert summary[3:] == ["1", "10.00", "20.00", "0.250", ".900", "[.900,", ".900]"]
    assert comparison[3:] == ["+.000", "p=1.000", ".010", "cannot", "tell"]


def test_a_measure_beyond_the_depth_names_the_depth_it_needs(tmp_path: Path):
    record = make_record(metrics={"nDCG@10": 0.5}, depth=10)
    RunFolder(tmp_path).add(record, Details({"nDCG@10": np.ones(1)}, ["q"], [True], {}))
    shown = CliRunner().invoke(main, ["show", str(tmp_path), "--measure", "R@100"])
    assert shown.exit_code == 2
    assert "R@100 was not measured; it needs a run with --depth 100" in shown.output


def test_the_latest_attempt_is_compared(tmp_path: Path):
    folder = RunFolder(tmp_path)
    add(folder, "ivf", 0.0, 0, 0.1)
    for above in (0.05, -0.05):
        add(folder, "ehi", above, 0, 0.1)
    shown = CliRunner().invoke(main, ["show", str(tmp_path), "--against", "ivf"])
    assert [line[3] for line in lines_of(shown, "ehi", "10", "%")] == ["1", "-.050"]


def test_json_is_a_list_of_the_chosen_records(show: Show):
    shown = show("--json", "--method", "ivf", "--method", "ehi", "--budget", "0.1", "--budget", 0.2)
    records: list[dict[str, Any]] = json.loads(shown.output)
    assert len(records) == 8 and {record["method"] for record in records} == {"ehi", "ivf"}
    assert records[0]["result"]["quality"]["metrics"]["nDCG@10"] == pytest.approx(0.55)


def test_csv_has_one_row_per_record(show: Show):
    shown = show("--csv", "--budget", "0.1", "--dataset", "hpo")
    rows = list(csv.DictReader(io.StringIO(shown.output)))
    assert [row["method"] for row in rows] == ["bm25", *["ehi"] * 2, *["exact"] * 2, *["ivf"] * 2]
    assert float(rows[1]["nDCG@10"]) == pytest.approx(0.55) and rows[0]["nDCG@10"] == ""
    assert json.loads(rows[1]["settings"])["encoder"]["name"].endswith("terminal ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--json", "--csv"], "--json and --csv exclude each other; choose one"),
        (["--csv", "--against", "ivf"], "--against prints a table; leave out"),
        (["--open", "--json"], "--open opens a page; leave out"),
        (["--method", "ehii"], "unknown method 'ehii'; did you mean 'ehi'?"),
        (["--method", ","], "--method is empty; leave it out to show all"),
        (["--dataset", "msmarco"], "unknown dataset 'msmarco'; known: hpo"),
        (["--budget", "0.15"], "unknown budget '0.15'; did you mean '0.1'?"),
        (["--budget", "much"], "--budget takes numbers, not 'much'"),
        (["--measure", "nDCG@5"], "unknown measure 'nDCG@5'; did you mean 'nDCG@10'?"),
        (["--against", "scann"], "'scann' is not among the records shown"),
        (["--method", "ehi", "--against", "ivf"], "compare with one of: ehi"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(show: Show, words: list[str], message: str):
    shown = show(*words)
    assert shown.exit_code == 2
    errors = [line for line in shown.output.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1 and message in errors[0], shown.output


def test_a_folder_in_which_all_failed_shows_why(tmp_path: Path):
    for seed in (0, 1):
        RunFolder(tmp_path).add(make_record(seed=seed, failure=Failure("RuntimeError", "no lists")))
    shown = CliRunner().invoke(main, ["show", str(tmp_path)])
    assert shown.exit_code == 0 and "ivf at 10 %: failed: no lists" in shown.output


def test_a_folder_without_records_is_rejected(tmp_path: Path):
    shown = CliRunner().invoke(main, ["show", str(tmp_path / "nothing")])
    assert shown.exit_code == 2 and "is neither a run folder nor a file of" in shown.output
    shown = CliRunner().invoke(main, ["show", str(tmp_path)])
    assert shown.exit_code == 2 and "is not a run folder" in shown.output


@pytest.mark.parametrize("words", [["--against", "ivf"], ["--json"], ["--csv"]])
def test_a_file_of_records_is_shown_like_its_run_folder(
    show: Show, run: Path, tmp_path: Path, words: list[str]
):
    file = str(tmp_path / "run.jsonl.xz")
    assert CliRunner().invoke(main, ["baseline", str(run), file]).exit_code == 0
    shown = CliRunner().invoke(main, ["show", file, *words])
    assert shown.exit_code == 0 and shown.output == show(*words).output


def test_json_names_the_status_and_the_parts_of_a_result(show: Show):
    for record in json.loads(show("--json", "--method", "ivf").output):
        assert record["status"] == "ok" and record["failure"] is None
        assert record["budget"].keys() == {"kind", "limit"}
        assert record["result"]["quality"]["metrics"]["nDCG@10"] > 0


def test_open_writes_the_report_next_to_the_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    opened: list[str] = []
    monkeypatch.setattr("click.launch", lambda page: opened.append(page) or 0)
    file = Path(shutil.copy(ROOT / "results/reference/gate.jsonl.xz", tmp_path / "gate.jsonl.xz"))
    shown = CliRunner().invoke(main, ["show", str(file), "--open"])
    assert shown.exit_code == 0, shown.output
    page = tmp_path / "gate.jsonl.xz.report" / "index.html"
    assert opened == [str(page)] and page.is_file()
