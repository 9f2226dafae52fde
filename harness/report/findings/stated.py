"""A sentence with the kind of budget that it is about."""

from collections.abc import Iterable
from dataclasses import dataclass

KINDS = {"visited": "documents visited", "macs": "multiply-adds", "latency": "time per query"}
"""The words that follow "at equal", by kind of budget, in the order of the sentences."""


@dataclass(frozen=True)
class Stated:
    """A sentence, and the kind of budget that it is about; None if it is about several."""

    text: str
    kind: str | None = None


def texts(sentences: Iterable[Stated]) -> list[str]:
    """Return the sentences alone."""
    return [each.text for each in sentences]
