"""`ehibench baseline` and `check` from end to end, on a small dataset with a tiny encoder."""

import json
import lzma
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.store.record import Details
from harness.store.run_folder import RunFolder
from tests.harness.store.fake_records import BROKEN, slowed

Check = Callable[..., Result]


@pytest.fixture(scope="module")
def finished(
    beir_folder: Path, tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder in which `ehibench run` has measured ivf and exact search, without its artifacts."""
    folder = tmp_path_factory.mktemp("checked")
    words = ["run", "--dataset", f"beir:{beir_folder}", "--methods", "ivf,exact", "--budget", "0.3"]
    words += ["--preset", "quick", "--device", "cpu", "--threads", "1"]
    settings = {
        "encoder.name": tiny_encoder,
        "encoder.max_tokens": 16,
        "encoder.train": "frozen",
        "ivf.lists": 8,
        "timing.rounds": 3,
        "timing.seconds": 0.01,
    }
    words += [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    done = subprocess.run(
        [sys.executable, "-m", "harness.cli", *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env={
            **os.environ,
            "EHIBENCH_CACHE": str(folder / "cache"),
            "PYTHONPATH": str(Path(__file__).parents[3]),
        },
    )
    assert done.returncode == 0, done.stderr
    shutil.rmtree(folder / "results/runs/beir-tiny/trained")
    return folder


@pytest.fixture
def check(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Run `ehibench check` next to results/runs/beir-tiny and its baseline, base.jsonl.xz."""
    shutil.copytree(finished / "results", tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    saved = CliRunner().invoke(main, ["baseline", "results/runs/beir-tiny", "base.jsonl.xz"])
    assert saved.exit_code == 0 and saved.output == ""
    return lambda *words: CliRunner().invoke(main, ["check", *map(str, words)])


def change(method: str, loss: float = 0.0, **fields: Any) -> None:
    """Add an attempt to a cell of the candidate, in which every value is lower by a share."""
    folder = RunFolder(Path("results/runs/beir-tiny"))
    (record,) = (record for record in folder.records() if record.method == method)
    columns = folder.per_query(record.cell)
    kept = {
        name: (1 - loss) * np.array(column)
        for name, column in columns.items()
        if name not in ("query", "unseen")
    }
    folder.add(replace(record, **fields), Details(kept, columns["query"], columns["unseen"], {}))


def rewrite_baseline(change_lines: Callable[[list[str]], list[str]]) -> None:
    """Change the lines inside base.jsonl.xz."""
    with lzma.open("base.jsonl.xz", "rt") as file:
        lines = file.readlines()
    with lzma.open("base.jsonl.xz", "wt") as file:
        file.writelines(change_lines(lines))


def slower(method: str, times: float) -> dict[str, Any]:
    """Return the fields of a method's record with searches that take `times` as long."""
    records = RunFolder(Path("results/runs/beir-tiny")).records()
    (record,) = (record for record in records if record.method == method)
    return {"result": slowed(record, times).result}


def verdicts(shown: Result) -> dict[tuple[str, str], str]:
    """Return the verdict of every row of the table, by what is judged and the method."""
    rows = (line.split() for line in shown.output.splitlines())
    found = {}
    for row in rows:
        if row and row[0] in ("nDCG@10", "ms"):
            at = 3 if row[2] == "-" else 4
            found[row[0], row[1]] = row[at + 1]
    return found


def test_a_run_against_itself_passes_in_the_default_folder(check: Check):
    shown = check("base.jsonl.xz")
    assert shown.exit_code == 0, shown.output
    assert set(verdicts(shown).values()) == {"passed"} and len(verdicts(shown)) == 4
    assert "candidate: results/runs/beir-tiny; commit " in shown.output
    assert shown.output.splitlines()[-1] == (
        "no regression, 0 improved; judged: 2 in quality and 2 in speed"
    )


def test_a_run_folder_is_a_baseline_too(check: Check):
    assert check("results/runs/beir-tiny", "base.jsonl.xz").exit_code == 0


def test_a_loss_of_quality_exits_with_1(check: Check):
    change("ivf", loss=0.03)
    shown = check("base.jsonl.xz", "results/runs/beir-tiny")
    assert shown.exit_code == 1
    assert verdicts(shown)["nDCG@10", "ivf"] == "regressed"
    assert verdicts(shown)["nDCG@10", "exact"] == "passed"
    assert shown.output.splitlines()[-1].startswith("1 regressed, 0 improved")
    assert check("base.jsonl.xz", "--tolerance", "0.05").exit_code == 0


def test_a_slowdown_exits_with_1(check: Check):
    # Three rounds of 10 ms tell nothing below this on a busy machine.
    change("ivf", **slower("ivf", 20))
    shown = check("base.jsonl.xz")
    assert shown.exit_code == 1 and verdicts(shown)["ms", "ivf"] == "regressed"
    assert check("base.jsonl.xz", "--relative-to", "exact").exit_code == 1
    assert check("base.jsonl.xz", "--slowdown", "50").exit_code == 0


def test_json_has_the_verdicts_and_the_exit_code(check: Check):
    change("ivf", loss=0.03)
    shown = check("base.jsonl.xz", "--json")
    found = json.loads(shown.output)
    assert shown.exit_code == found["exit_code"] == 1
    outcomes = {(each["kind"], each["method"]): each for each in found["verdicts"]}
    assert outcomes["quality", "ivf"]["outcome"] == "regressed"
    assert outcomes["quality", "ivf"]["change"] == pytest.approx(-0.03)
    assert outcomes["quality", "exact"]["outcome"] == "passed"
    assert check("base.jsonl.xz", "--json", "--junit", "-").exit_code == 2


def test_missing_cells_and_other_settings_exit_with_2(check: Check):
    change("ivf", settings={"ivf": {"lists": 64}})
    shutil.rmtree(next(Path("results/runs/beir-tiny/cells").glob("exact-*")))
    shown = check("base.jsonl.xz")
    assert shown.exit_code == 2
    assert "exact, seed 0: not measured in results/runs/beir-tiny" in shown.output
    assert "ivf at 30 %, seed 0: different settings: " in shown.output
    assert "ivf.lists was 8 and is 64" in shown.output
    assert shown.output.splitlines()[-1] == "cannot compare 2 cells of the baseline"


def test_speed_is_not_judged_on_other_hardware(check: Check):
    (record,) = (
        r for r in RunFolder(Path("results/runs/beir-tiny")).records() if r.method == "ivf"
    )
    elsewhere = replace(record.provenance, processor="another")
    change("ivf", provenance=elsewhere, **slower("ivf", 9.0))
    shown = check("base.jsonl.xz")
    assert shown.exit_code == 0 and verdicts(shown)["ms", "ivf"] == "not"
    assert "speed of ivf at 30 % not judged: different hardware: processor was " in shown.output
    assert shown.output.endswith("judged: 2 in quality and 1 in speed\n")


def test_cells_that_the_baseline_lacks_are_listed(check: Check):
    rewrite_baseline(lambda lines: [line for line in lines if '"method":"ivf"' not in line])
    shown = check("base.jsonl.xz")
    assert shown.exit_code == 0 and "not in the baseline: ivf at 30 %, seed 0" in shown.output


def test_markdown_is_printed_or_written_to_a_file(check: Check):
    change("ivf", loss=0.03)
    shown = check("base.jsonl.xz", "--markdown", "-")
    assert shown.exit_code == 1
    first, *_ = shown.output.splitlines()
    assert first.startswith("### ❌ ehibench check: 1 regressed, ")
    (row,) = (line for line in shown.output.splitlines() if "**regressed**" in line)
    assert row.startswith("| **nDCG@10** | **ivf** | **30 %** | **0** |") and row.count("|") == 10
    written = check("base.jsonl.xz", "--markdown", "summary.md")
    assert Path("summary.md").read_text() == shown.output
    assert verdicts(written)["nDCG@10", "ivf"] == "regressed"


def test_junit_has_one_case_per_verdict(check: Check):
    change("ivf", loss=0.03)
    assert check("base.jsonl.xz", "--junit", "junit.xml").exit_code == 1
    (suite,) = ElementTree.parse("junit.xml").getroot()
    cases = {(case.get("classname"), case.get("name")): case for case in suite}
    assert set(cases) == {
        (f"ehibench.{kind}", name)
        for kind in ("quality", "speed")
        for name in ("exact", "ivf at 30 %")
    }
    failed = [name for name, case in cases.items() if case.find("failure") is not None]
    assert failed == [("ehibench.quality", "ivf at 30 %")]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["none.xz"],
            "none.xz is neither a run folder nor a file of records; make a run folder",
        ),
        (["base.jsonl.xz", "none"], "none is neither a run folder nor a file of records"),
        (["base.jsonl.xz", "--measure", "nDCG@5"], "unknown measure 'nDCG@5'; did you mean"),
        (["base.jsonl.xz", "--seed", "3"], "unknown seed '3'; known: 0"),
        (["base.jsonl.xz", "--seed", "x"], "--seed takes whole numbers, not 'x'"),
        (
            ["base.jsonl.xz", "--relative-to", "hnsw"],
            "--relative-to hnsw: hnsw is not measured at the seed and budget",
        ),
        (["base.jsonl.xz", "--junit", "none/x.xml"], "cannot write none/x.xml: No such file"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(check: Check, words: list[str], message: str):
    shown = check(*words)
    assert shown.exit_code == 2
    errors = [line for line in shown.output.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1 and message in errors[0], shown.output


def test_an_unreadable_baseline_is_one_line(check: Check):
    old, new = '"cell":', '"colour":1,"cell":'
    rewrite_baseline(lambda lines: [line.replace(old, new) for line in lines])
    shown = check("base.jsonl.xz")
    assert shown.exit_code == 2 and shown.output.count("\n") == 1
    assert "colour" in shown.output
    Path("base.jsonl.xz").write_bytes(Path("base.jsonl.xz").read_bytes()[:-1])
    shown = check("base.jsonl.xz")
    assert shown.exit_code == 2 and shown.output.count("\n") == 1
    assert "base.jsonl.xz is damaged" in shown.output


def test_cells_without_a_result_are_saved_and_named(check: Check):
    folder = RunFolder(Path("results/runs/beir-tiny"))
    failed = replace(folder.records()[0], cell="failed", method="hnsw", result=None, failure=BROKEN)
    folder.add(failed)
    saved = CliRunner().invoke(main, ["baseline", "results/runs/beir-tiny", "base.jsonl.xz"])
    assert saved.exit_code == 0
    assert saved.output.startswith("saved without a result: hnsw") and "it broke" in saved.output
    assert check("base.jsonl.xz").exit_code == 0
