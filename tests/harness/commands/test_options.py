"""Shared options are one object."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from harness.cli import COMMANDS, main
from harness.commands.options import RunOptions, UserPath, run_options
from harness.measure.budget import Budget
from methods.errors import InputError


def options(*words: str) -> RunOptions:
    """Return what a command with the shared options receives."""
    received = []

    @click.command()
    @run_options
    @click.option("--own", is_flag=True)
    def command(options: RunOptions, own: bool) -> None:
        received.append(options)

    done = CliRunner().invoke(command, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return received[0]


def test_a_command_receives_the_shared_options_as_one_object():
    given = options("--budget", "0.1,0.2", "--budget-by", "macs", "--own", "--dry-run")
    assert given.limits() == [Budget("macs", 0.1), Budget("macs", 0.2)]
    assert (given.dataset, list(given.seeds), given.dry_run) == ("hpo", [0], True)


def test_the_depth_is_ten_unless_it_is_given():
    assert options().depth == 10 and options("--depth", "100").depth == 100


def test_a_depth_below_ten_is_rejected():
    done = CliRunner().invoke(click.command(run_options(lambda options: None)), ["--depth", "9"])
    assert done.exit_code == 2
    assert "Invalid value for '--depth': 9 is not in the range x>=10." in done.output


def test_debug_is_part_of_the_shared_options():
    assert options("--debug").debug and not options().debug


def test_a_budget_out_of_range_is_rejected_with_its_limits():
    with pytest.raises(InputError, match=r"budget 2 is outside \(0, 1\]"):
        options("--budget", "2").limits()


def test_qualities_take_the_place_of_budgets():
    assert options().limits() == [Budget("visited", 0.1)]
    assert options("--quality", "0.9,0.95").limits() == [
        Budget("overlap", 0.9),
        Budget("overlap", 0.95),
    ]
    by_ndcg = options("--quality", "0.9", "--quality-by", "ndcg")
    assert by_ndcg.limits() == [Budget("ndcg", 0.9)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--quality", "0.9", "--budget", "0.1"), "--quality finds the least cost, so it excludes"),
        (("--quality", "0.9", "--budget-by", "macs"), "leave them out, or --quality"),
        (("--quality-by", "ndcg"), "--quality-by needs --quality"),
        (("--quality", "95"), "quality 95 is outside"),
    ],
)
def test_options_that_contradict_a_quality_are_rejected(words: tuple[str, ...], message: str):
    with pytest.raises(InputError, match=message):
        options(*words).limits()


def test_paths_may_start_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert options("--out=~/mine").out == tmp_path / "mine"


def test_every_path_of_a_command_may_start_in_the_home_folder():
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        inner = command.commands.values() if isinstance(command, click.Group) else [command]
        for parameter in (each for one in inner if one is not None for each in one.params):
            if isinstance(parameter.type, click.Path):
                assert isinstance(parameter.type, UserPath), parameter
