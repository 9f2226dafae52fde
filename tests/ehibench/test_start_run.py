"""Runs that are started from Python."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import ehibench
from harness.cli import main

ROOT = Path(__file__).parents[2]


def test_a_run_from_python_has_the_records_that_the_command_shows(measured: ehibench.Run):
    shown = CliRunner().invoke(main, ["show", str(measured.path), "--json"])
    assert {record.cell for record in measured.records} == {
        record["cell"] for record in json.loads(shown.output)
    }
    assert [record.status for record in measured.records] == ["ok"] * 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"budget": "much"}, "--budget takes numbers"),
        ({"bugdet": 0.1}, "No such option"),
        ({"depth": 3}, "--depth"),
        ({"device": "tpu"}, "--device"),
        ({"executor": "slurm"}, "ehibench run --executor"),
    ],
)
def test_an_option_that_is_not_valid_is_an_input_error(options: dict[str, str], message: str):
    with pytest.raises(ehibench.InputError, match=message):
        ehibench.run("bm25", **options)


def test_a_script_needs_no_guard(
    tmp_path: Path, beir_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    settings = {"timing.rounds": 1, "timing.seconds": 0.01}
    (tmp_path / "script.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nimport ehibench\n"
        f"run = ehibench.run('bm25', 'beir:{beir_folder}', settings={settings}, out='run')\n"
        "print([record.status for record in run.records])\n"
    )
    monkeypatch.setenv("EHIBENCH_CACHE", str(tmp_path / "cache"))
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.stdout == "['ok']\n", done.stderr
