"""A bar counts the steps of a block, and stays only if the block took long or failed."""

import io

import pytest
from rich.console import Console

from harness.commands import console as module
from harness.commands.console import progress_bars


def shown(seconds_shown: float, monkeypatch: pytest.MonkeyPatch, fail: bool = False) -> str:
    """Return what is on the terminal after a bar of four steps, two of which were counted."""
    monkeypatch.setattr(module, "MIN_SECONDS_SHOWN", seconds_shown)
    output = io.StringIO()
    console = Console(file=output, width=80)  # not a terminal: only the final state is printed
    try:
        with progress_bars(console) as open_bar, open_bar("Training", 4) as advance:
            advance(2)
            if fail:
                raise ValueError
    except ValueError:
        pass
    return output.getvalue()


def test_the_bar_of_a_long_step_stays_and_is_complete(monkeypatch: pytest.MonkeyPatch):
    assert "Training" in shown(0, monkeypatch) and "4/4" in shown(0, monkeypatch)


def test_the_bar_of_a_short_step_disappears(monkeypatch: pytest.MonkeyPatch):
    assert "Training" not in shown(60, monkeypatch)


def test_the_bar_of_a_step_that_fails_stays_where_it_was(monkeypatch: pytest.MonkeyPatch):
    assert "2/4" in shown(60, monkeypatch, fail=True)
