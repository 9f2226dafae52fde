"""The cells of a drift: how an index is measured after documents arrived that it was not built on.

All arms are judged on the same queries over all documents.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from harness.config import digest
from harness.plan.cells import Cell

DriftArm = Literal["added", "rebuilt", "retrained"]
ARMS: tuple[DriftArm, ...] = ("added", "rebuilt", "retrained")
"""The ways to handle documents that arrive later, from the least work to the most.

added: encoder, router and index are made of the first documents, and the others are added.
rebuilt: the encoder and the router stay, and the index is built again on all documents.
retrained: everything is made of all documents.
"""


@dataclass(frozen=True)
class DriftCell:
    """An arm of a method, seed and budget."""

    arm: DriftArm
    first: Cell  # of the first documents
    whole: Cell  # of all documents, with the same method, settings, seed and budget

    @cached_property
    def name(self) -> str:
        """The cell's name on disk: a readable part, then the hash of what decides its result."""
        method, seed = self.whole.job.method.name, self.whole.job.seed
        key = digest([self.arm, self.first.name, self.whole.name])
        return f"{self.arm}-{method}-{self.whole.budget.slug}-seed-{seed}-{key}"


def drift_cells(first: Sequence[Cell], whole: Sequence[Cell]) -> list[DriftCell]:
    """Return the arms of cells that are planned alike for the first and for all documents.

    The cells of one method and seed follow each other, and among them those of one arm.
    """
    jobs: dict[str, list[tuple[Cell, Cell]]] = {}
    for pair in zip(first, whole, strict=True):
        jobs.setdefault(pair[1].job.name, []).append(pair)
    return [
        DriftCell(arm, *pair) for job_pairs in jobs.values() for arm in ARMS for pair in job_pairs
    ]
