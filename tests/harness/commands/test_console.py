"""A bar counts the steps of a block, and stays only if the block took long or failed.

Without a terminal there are lines instead, now and then.
"""

import io
import re
import time
from collections.abc import Callable

import pytest
from rich.console import Console

from harness.commands import console as module
from harness.commands.console import duration, progress_bars
from methods.base import ProgressBar


def shown(seconds_shown: float, monkeypatch: pytest.MonkeyPatch, fail: bool = False) -> str:
    """Return what is on the terminal after a bar of four steps, two of which were counted."""
    monkeypatch.setattr(module, "MIN_SECONDS_SHOWN", seconds_shown)
    output = io.StringIO()
    console = Console(file=output, width=80, force_terminal=True, no_color=True)
    try:
        with progress_bars(console) as open_bar, open_bar("Training", 4) as advance:
            advance(2)
            if fail:
                raise ValueError
    except ValueError:
        pass
    return output.getvalue()


def last_lines(text: str) -> str:
    """Return what is left on the terminal: what comes after the bars were last erased."""
    return text.rpartition("\x1b[2K")[2]


def test_the_bar_of_a_long_step_stays_and_is_complete(monkeypatch: pytest.MonkeyPatch):
    left = last_lines(shown(0, monkeypatch))
    assert "Training" in left and "4/4" in left


def test_the_bar_of_a_short_step_disappears(monkeypatch: pytest.MonkeyPatch):
    assert "Training" not in last_lines(shown(60, monkeypatch))


def test_the_bar_of_a_step_that_fails_stays_where_it_was(monkeypatch: pytest.MonkeyPatch):
    assert "2/4" in last_lines(shown(60, monkeypatch, fail=True))


def logged(
    work: Callable[[ProgressBar], None], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """Return the lines that are printed without a terminal."""
    monkeypatch.setattr(module, "SECONDS_BETWEEN_LINES", seconds)
    output = io.StringIO()
    with progress_bars(Console(file=output, width=20)) as open_bar:
        work(open_bar)
    return output.getvalue().splitlines()


def test_a_log_gets_lines_with_the_time_left(monkeypatch: pytest.MonkeyPatch):
    def work(open_bar: ProgressBar) -> None:
        with open_bar("Searching seed 0", 2000) as advance, open_bar("Building ivf", 1):
            advance(500)
            advance(500)
            time.sleep(0.35)
        with open_bar("Timing seed 0", 1):
            time.sleep(0.1)

    lines = logged(work, 0.2, monkeypatch)
    step = r"Searching seed 0: 1,000 of 2,000, about [01] s left; Building ivf: 0 s so far"
    assert re.fullmatch(step, lines[0])
    assert len(lines) <= 2


def test_the_time_left_of_a_resumed_step_does_not_count_what_was_done_before(
    monkeypatch: pytest.MonkeyPatch,
):
    def work(open_bar: ProgressBar) -> None:
        with open_bar("Training", 1000) as advance:
            advance(980)
            time.sleep(0.3)
            advance()
            time.sleep(0.2)

    first, *_, last = logged(work, 0.2, monkeypatch)
    assert first == "Training: 980 of 1,000"
    assert re.fullmatch(r"Training: 981 of 1,000, about ([5-9]|1\d) s left", last)


def test_a_step_that_has_not_advanced_says_for_how_long_it_has_run(
    monkeypatch: pytest.MonkeyPatch,
):
    def work(open_bar: ProgressBar) -> None:
        with open_bar("Encoding", 10):
            time.sleep(0.15)

    assert logged(work, 0.1, monkeypatch) == ["Encoding: 0 s so far"]


def test_a_log_gets_no_line_for_short_work_or_between_steps(monkeypatch: pytest.MonkeyPatch):
    def work(open_bar: ProgressBar) -> None:
        with open_bar("Training", 4) as advance:
            advance()
        time.sleep(0.1)

    assert logged(work, 30, monkeypatch) == [] and logged(work, 0.05, monkeypatch) == []


def test_a_step_that_fails_leaves_no_line_behind(monkeypatch: pytest.MonkeyPatch):
    def work(open_bar: ProgressBar) -> None:
        with pytest.raises(ValueError), open_bar("Training", 4):
            raise ValueError
        time.sleep(0.1)

    assert logged(work, 0.05, monkeypatch) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59, "59 s"), (61, "1 min"), (3570, "1 h 0 min"), (7500, "2 h 5 min")],
)
def test_a_duration_is_in_the_largest_units_that_matter(seconds: float, words: str):
    assert duration(seconds) == words
