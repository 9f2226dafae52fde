"""The quality of a cell: means over all test queries, over seen and over unseen ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Part = Literal["seen", "unseen"]
PARTS: tuple[Part, ...] = ("seen", "unseen")
"""The parts of the test queries that have a mean of their own; see `Quality`."""


@dataclass(frozen=True)
class Quality:
    """Means over the test queries, by the names of ir-measures.

    A query is seen if a document that is relevant to it is relevant to a training query too, and
    unseen if none is. One without any relevant document is neither.
    """

    metrics: Mapping[str, float]
    metrics_unseen: Mapping[str, float] | None  # None without unseen queries
    queries: int
    queries_unseen: int
    overlap_exact_10: float | None  # share of exact search's first 10; None for texts
    metrics_seen: Mapping[str, float] | None = None  # None without seen queries
    queries_seen: int | None = None  # None before ehibench 0.2: then all but the unseen ones

    def part(self, name: Part) -> Mapping[str, float]:
        """Return the means over the seen or the unseen queries; empty if there are none.

        Older records have those of the seen queries only implicitly: the rest of the mean.
        """
        if name == "unseen":
            return self.metrics_unseen or {}
        if self.queries_seen is not None:
            return self.metrics_seen or {}
        seen = self.count("seen")
        unseen = self.metrics_unseen or {}
        return {
            measure: (mean * self.queries - unseen.get(measure, 0.0) * self.queries_unseen) / seen
            for measure, mean in self.metrics.items()
            if seen
        }

    def count(self, name: Part) -> int:
        """Return the number of the seen or the unseen queries."""
        if name == "unseen":
            return self.queries_unseen
        return (
            self.queries - self.queries_unseen if self.queries_seen is None else self.queries_seen
        )
