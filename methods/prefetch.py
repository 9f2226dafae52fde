"""Prepare what comes next in a thread, while the device computes with what came before."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from types import TracebackType
from typing import Self, TypeVar

S = TypeVar("S")
T = TypeVar("T")


class Prefetch:
    """Prepares one item ahead in a thread of its own, which ends with the block.

    Only a GPU is kept waiting by what this thread does instead. On a CPU it would take from the
    computation what it gives, so that `threaded` is False there, and each item is prepared when
    its turn comes. A thread and not a process, because it maps the same files, pins memory for the
    same GPU and returns its result without a copy.
    """

    def __init__(self, threaded: bool) -> None:
        self._worker = ThreadPoolExecutor(1, "prefetch") if threaded else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._worker is not None:
            self._worker.shutdown(cancel_futures=True)

    def map(self, prepare: Callable[[S], T], items: Iterable[S]) -> Iterator[T]:
        """Yield what `prepare` returns for every item, in order.

        What it raises, or what the items raise, is raised when the turn of that item comes.
        """
        if self._worker is None:
            yield from map(prepare, items)
            return
        results = map(prepare, items)

        def next_result() -> list[T]:
            return list(islice(results, 1))

        ahead = self._worker.submit(next_result)
        while result := ahead.result():
            ahead = self._worker.submit(next_result)
            yield result[0]
