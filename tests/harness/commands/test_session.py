"""The exit code of a run, and the folders that it uses if no others are given."""

import shlex
from pathlib import Path

import pytest

from harness.commands.console import log_console
from harness.commands.published.gaps import parse_command
from harness.commands.session import cache_folder, default_run_folder, exit_code, prepare_run
from harness.config import load_settings
from harness.store.record import Failure
from tests.harness.store.fake_records import BROKEN, make_record

OK = make_record()
BAD_INPUT = make_record(failure=Failure("InputError", "budget 0.1 is smaller than ..."))
NO_LIBRARY = make_record(failure=Failure("UnavailableError", "hnsw needs hnswlib"))
CRASHED = make_record(failure=BROKEN)


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda"])
def test_without_a_preset_it_is_quick_on_every_device(beir_folder: Path, device: str):
    words = f"--dataset beir:{shlex.quote(str(beir_folder))} --device {device}"
    options, _, _ = parse_command(f"ehibench run {words}")
    with prepare_run(options, log_console(), elsewhere=True) as context:
        assert (context.devices.train, context.preset) == (device, "quick")
        assert context.settings["training"] == load_settings("quick")["training"]


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([OK, OK], 0),
        ([OK, BAD_INPUT], 2),
        ([OK, BAD_INPUT, NO_LIBRARY], 2),
        ([OK, BAD_INPUT, CRASHED], 3),
        ([CRASHED], 3),
    ],
)
def test_the_exit_code_says_whether_the_user_can_fix_what_failed(records: list, code: int):
    assert exit_code(records) == code


def test_a_run_folder_is_named_after_its_dataset():
    assert default_run_folder("irds:beir/scifact") == Path("results/runs/irds-beir-scifact")


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.delenv("EHIBENCH_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == Path("/home/someone/.cache/ehibench")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache")
    assert cache_folder() == Path("/var/cache/ehibench")
    monkeypatch.setenv("EHIBENCH_CACHE", "~/vectors")
    assert cache_folder() == Path("/home/someone/vectors")
