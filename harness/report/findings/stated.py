"""A sentence with the kind of budget that it is about."""

from collections.abc import Iterable
from dataclasses import dataclass

KINDS = {"visited": "documents visited", "macs": "multiply-adds", "latency": "time per query"}
"""What a budget limits, in words that follow "equal"; the order of all sentences."""


@dataclass(frozen=True)
class Stated:
    """A sentence, and the kind of budget that it is about; None if it is about several."""

    text: str
    kind: str | None = None


def texts(sentences: Iterable[Stated]) -> list[str]:
    """Return the sentences alone."""
    return [each.text for each in sentences]
