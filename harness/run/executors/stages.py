"""The parts into which a run is split, in stages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Step = Literal["train", "build", "choose", "time"]


@dataclass(frozen=True)
class Part:
    """A step for some jobs or cells, by their names.

    `train` has one job, whose encoder it trains; `build` has one job; `choose` has the cells that
    choose from one menu; `time` has the cells of one seed and budget, which take turns.
    """

    step: Step
    names: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """Parts with the same step. They may run in parallel, after the stages before this one."""

    step: Step
    parts: Sequence[Part]
