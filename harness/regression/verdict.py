"""The verdict on a method at a budget, in quality or in speed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal

from harness.measure.significance import holm
from harness.regression.pairing import PairedCells

LEVEL = 0.02
"""The largest p at which a change counts as more than noise. Half of it falls to losses: if nothing
has changed, one check in a hundred reports a regression of quality, and one of speed."""


class Outcome(Enum):
    """The result of a verdict. Only REGRESSED makes a check fail."""

    REGRESSED = "regressed"
    IMPROVED = "improved"
    PASSED = "passed"
    UNJUDGED = "not judged"


@dataclass(frozen=True)
class Verdict:
    """How far the candidate is from the baseline in some paired cells.

    Values are means over seeds: of the measure, or of the median search in milliseconds, where the
    candidate's time is scaled to the baseline's machine. They are None if nothing was judged.
    """

    kind: Literal["quality", "speed"]
    cells: PairedCells
    outcome: Outcome
    baseline: float | None = None
    candidate: float | None = None
    change: float | None = None  # relative; above 0 if the candidate's value is larger
    p: float | None = None  # that nothing changed; `decide` corrects it for the verdicts of a kind
    note: str = ""  # why nothing was judged, or what else to know


def decide(
    verdicts: Sequence[Verdict],
    worse: Callable[[float], bool],
    better: Callable[[float], bool],
) -> list[Verdict]:
    """Return the verdicts of one kind with p corrected by Holm, and the outcome that follows.

    Verdicts without a p stay as they are. `worse` and `better` decide whether a change exceeds the
    tolerance.
    """
    tested = [verdict.p for verdict in verdicts if verdict.p is not None]
    corrected = iter(holm(tested))
    decided = []
    for verdict in verdicts:
        if verdict.p is None or verdict.change is None:
            decided.append(verdict)
            continue
        p = next(corrected)
        outcome, note = Outcome.PASSED, verdict.note
        if worse(verdict.change) or better(verdict.change):
            if p > LEVEL:
                note = "; ".join(filter(None, ["within noise", note]))
            else:
                outcome = Outcome.REGRESSED if worse(verdict.change) else Outcome.IMPROVED
        decided.append(replace(verdict, outcome=outcome, p=p, note=note))
    return decided
