"""Files that other programs read: workflows, the action, pre-commit, the image, the metadata."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BASELINE = ROOT / "results/reference/gate.jsonl.xz"


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text())


@pytest.fixture
def runner(tmp_path: Path) -> dict[str, str]:
    """The environment of a job in which the action has installed ehibench."""
    command = tmp_path / "ehibench" / "bin" / "ehibench"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m ehibench_start "$@"\n')
    command.chmod(0o755)
    files = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    return {**os.environ, **files, "PYTHONPATH": str(ROOT), "RUNNER_TEMP": str(tmp_path)}


def check(runner: dict[str, str], candidate: Path, options: str) -> int:
    """Run the last step of the action and return its exit code."""
    (step,) = (each for each in read("action.yml")["runs"]["steps"] if each.get("id") == "check")
    Path(runner["RUNNER_TEMP"], "candidate").symlink_to(candidate)
    inputs = {"BASELINE": str(BASELINE), "OPTIONS": options, "MEASURED": "--methods ehi"}
    return subprocess.run(["bash", "-ec", step["run"]], env=runner | inputs).returncode


def test_the_action_passes_with_a_report_and_a_summary(runner: dict[str, str]):
    assert check(runner, BASELINE, "--seed 0") == 0
    output = Path(runner["GITHUB_OUTPUT"]).read_text()
    name, *lines, end = output.splitlines()
    assert (name, end) == ("report<<END_OF_CHECK", "END_OF_CHECK")
    assert json.loads("\n".join(lines))["exit_code"] == 0
    assert "ehi" in Path(runner["GITHUB_STEP_SUMMARY"]).read_text()


def test_the_action_fails_with_the_exit_code_of_the_check(runner: dict[str, str]):
    assert check(runner, ROOT / "no such run", "") == 2


def test_the_inputs_that_the_action_uses_are_those_that_it_declares():
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text()))
    assert used == set(read("action.yml")["inputs"])


def test_workflows_use_targets_of_the_makefile():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        jobs = yaml.safe_load(path.read_text())["jobs"]
        steps = [step.get("run", "") for job in jobs.values() for step in job["steps"]]
        assert {word for step in steps for word in re.findall(r"^make (\w+)", step)} <= targets


def test_the_image_copies_what_is_there_and_installs_extras_that_exist():
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    for sources in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE):
        assert all((ROOT / source).exists() for source in sources.split())
    (extras,) = re.findall(r"\[\$DEVICE,([\w,]+)\]", text)
    assert set(extras.split(",")) <= set(PROJECT["optional-dependencies"])


def test_versions_agree():
    pins = dict(re.findall(r"^([\w.-]+)==(.+)$", (ROOT / "constraints.txt").read_text(), re.M))
    hooks = [hook for repo in read(".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    assert {hook["additional_dependencies"][0] for hook in hooks} == {f"ruff=={pins['ruff']}"}
    assert read("CITATION.cff")["version"] == PROJECT["version"]
    assert f"## {PROJECT['version']}\n" in (ROOT / "CHANGELOG.md").read_text()
