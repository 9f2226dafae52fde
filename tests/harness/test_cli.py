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
    assert shown.exit_code == 2 and "Traceback" in shown.output and "InputError" in shown.output


def test_debug_is_listed_only_in_the_help_of_ehibench():
    assert "--debug" in CliRunner().invoke(main, ["--help"]).output
    assert "--debug" not in CliRunner().invoke(main, ["run", "--help"]).output


@pytest.mark.parametrize(
    "error", [KeyError("gone"), MemoryError(), PermissionError(13, "Permission denied", "file")]
)
def test_a_crash_is_a_traceback_and_exit_code_3(error: Exception, monkeypatch: pytest.MonkeyPatch):
    def crash(kind: str) -> None:
        raise error

    monkeypatch.setattr("harness.commands.list.listed_items", crash)
    done = CliRunner().invoke(main, ["list", "methods"])
    assert done.exit_code == 3 and "Traceback" in done.output
    assert type(error).__name__ in done.output


def test_a_command_that_is_not_there_to_import_is_a_crash(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(COMMANDS, "list", "harness.commands.gone:nothing")
    assert CliRunner().invoke(main, ["list", "methods"]).exit_code == 3


def run_in_shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `ehibench` is the command line of this checkout."""
    program = f'ehibench() {{ {sys.executable} -m harness.cli "$@"; }}; {line}'
    root = Path(__file__).parents[2]
    return subprocess.run(["bash", "-c", program], capture_output=True, text=True, cwd=root)


CALLS = ["list methods", "--help", "--version", "run --help", "check nowhere"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("call", CALLS)
def test_a_full_disk_is_one_line_and_exit_code_2(call: str):
    done = run_in_shell(f"ehibench {call} > /dev/full")
    assert done.returncode == 2 and done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert run_in_shell(f"ehibench {call} > /dev/full 2>&1").returncode == 2


@pytest.mark.parametrize("call", CALLS)
def test_a_closed_output_is_no_verdict(call: str):
    done = run_in_shell(f"ehibench {call} >&-")
    assert done.returncode == 2 and done.stderr == "Error: the standard output is closed\n"
    assert run_in_shell(f"ehibench {call} >&- 2>&-").returncode == 2


def test_a_closed_standard_error_changes_nothing():
    done = run_in_shell("ehibench list methods 2>&-")
    assert done.returncode == 0 and "hnsw" in done.stdout
    assert run_in_shell("ehibench show nowhere 2>&-").returncode == 2


@pytest.mark.parametrize("call", CALLS[:-1])
def test_an_output_that_nobody_reads_any_more_ends_the_command_quietly(call: str):
    line = f"ehibench {call} | true; echo ${{PIPESTATUS[0]}}"
    for _ in range(5):  # until `true` is faster than ehibench
        done = run_in_shell(line)
        assert done.stderr == "" and done.stdout in ("0\n", "141\n")
        if done.stdout == "141\n":
            return
    raise AssertionError("the output was never closed")


def receive_interrupts() -> None:
    """Receive Ctrl-C as in a terminal; a shell lets background processes ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize("seconds", [0.5, 2, 4])
def test_an_early_interrupt_is_one_line(bench: Bench, seconds: float):
    words = bench.words("run", *EIGHT_LEAVES)
    started = "import harness.cli; print('started', flush=True); harness.cli.main()"
    with subprocess.Popen(
        [sys.executable, "-c", started, *words],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=receive_interrupts,
    ) as run:
        assert run.stdout is not None and run.stdout.readline() == "started\n"  # not Python's start
        time.sleep(seconds)
        os.killpg(run.pid, signal.SIGINT)  # as Ctrl-C does
        _, errors = run.communicate()
    assert run.returncode == 130 and "Traceback" not in errors
    assert "Interrupted. Finished cells are kept; run the same command to continue" in errors


def test_the_shell_completes_commands_and_options():
    def complete(words: str) -> list[str]:
        shown = CliRunner().invoke(
            main,
            prog_name="ehibench",
            env={
                "_EHIBENCH_COMPLETE": "bash_complete",
                "COMP_WORDS": f"ehibench {words}",
                "COMP_CWORD": str(len(words.split())),
            },
        )
        return [line.removeprefix("plain,") for line in shown.output.splitlines()]

    assert complete("re") == ["report"]
    assert complete("run --budg") == ["--budget", "--budget-by"]
