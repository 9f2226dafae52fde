"""Errors are one line and an exit code, with a traceback only for --debug."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import COMMANDS, main
from methods.errors import InputError
from tests.harness.bench import EIGHT_LEAVES, Bench


def test_every_command_is_found_and_has_help():
    for name in COMMANDS:
        shown = CliRunner().invoke(main, [name, "--help"])
        assert shown.exit_code == 0 and shown.output.startswith(f"Usage: main {name} ")


def test_an_unknown_command_is_rejected():
    shown = CliRunner().invoke(main, ["shwo"])
    assert shown.exit_code == 2 and "No such command 'shwo'" in shown.output


def test_bad_input_is_one_line(tmp_path: Path):
    shown = CliRunner().invoke(main, ["show", str(tmp_path)])
    assert shown.exit_code == 2 and shown.output.startswith(
        f"Error: {tmp_path} is not a run folder"
    )
    assert shown.output.count("\n") == 1


@pytest.mark.parametrize("words", [["--debug", "show"], ["show", "--debug"]])
def test_debug_is_accepted_before_and_after_the_command(words: list[str], tmp_path: Path):
    shown = CliRunner().invoke(main, [*words, str(tmp_path)])
    assert isinstance(shown.exception, InputError)


def test_debug_is_listed_only_in_the_help_of_ehibench():
    assert "--debug" in CliRunner().invoke(main, ["--help"]).output
    assert "--debug" not in CliRunner().invoke(main, ["run", "--help"]).output


def receive_interrupts() -> None:
    """Receive Ctrl-C as in a terminal; a shell lets background processes ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize("seconds", [0.5, 2, 4])
def test_an_early_interrupt_is_one_line(bench: Bench, seconds: float):
    words = bench.words("run", *EIGHT_LEAVES)
    with subprocess.Popen(
        [sys.executable, "-m", "harness.cli", *words],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=receive_interrupts,
    ) as run:
        time.sleep(seconds)
        os.killpg(run.pid, signal.SIGINT)  # as Ctrl-C does
        _, errors = run.communicate()
    assert run.returncode == 130 and "Traceback" not in errors
    assert "Interrupted. Finished cells are kept; run the same command to continue" in errors
