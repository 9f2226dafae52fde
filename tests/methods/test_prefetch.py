"""One item is prepared ahead, in order; errors reach the caller; no thread is left behind."""

import threading
from collections.abc import Iterator

import pytest

from methods.errors import InputError
from methods.prefetch import Prefetch


def named(number: int) -> tuple[int, str]:
    """The number, and the thread that has prepared it."""
    return number, threading.current_thread().name


def test_without_a_thread_each_item_is_prepared_by_the_caller():
    with Prefetch(threaded=False) as prefetch:
        assert list(prefetch.map(named, range(3))) == [(i, "MainThread") for i in range(3)]


def test_a_thread_prepares_all_items_in_order():
    with Prefetch(threaded=True) as prefetch:
        assert list(prefetch.map(named, range(50))) == [(i, "prefetch_0") for i in range(50)]
        assert list(prefetch.map(named, range(2))) == [(0, "prefetch_0"), (1, "prefetch_0")]


def test_one_item_is_prepared_ahead_and_no_more():
    prepared = [threading.Event() for _ in range(3)]
    with Prefetch(threaded=True) as prefetch:
        results = prefetch.map(lambda number: prepared[number].set() or number, range(3))
        assert next(results) == 0
        assert prepared[1].wait(10) and not prepared[2].wait(0.05)


def test_an_error_is_raised_when_its_turn_comes():
    def items() -> Iterator[int]:
        yield 1
        raise InputError("a document is missing")

    with Prefetch(threaded=True) as prefetch:
        results = prefetch.map(lambda number: 1 // (number - 2), [1, 2, 3])
        assert next(results) == -1
        with pytest.raises(ZeroDivisionError):
            next(results)
        results = prefetch.map(named, items())
        assert next(results)[0] == 1
        with pytest.raises(InputError, match="a document is missing"):
            next(results)


def test_no_thread_is_left_behind_by_a_caller_that_fails():
    with pytest.raises(InputError), Prefetch(threaded=True) as prefetch:
        for number, name in prefetch.map(named, range(9)):
            assert name in {thread.name for thread in threading.enumerate()}
            if number == 3:
                raise InputError("training diverged")
    assert not [each for each in threading.enumerate() if each.name.startswith("prefetch")]
