"""The verdict on one place, in quality or in speed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal

from harness.measure.significance import holm
from harness.regression.pairing import PairedCells

LEVEL = 0.02
"""p up to which a difference is beyond chance. Half of it falls to losses: where nothing has
changed, one check in a hundred is red for quality and one for speed."""


class Outcome(Enum):
    """What is said of a place. Only REGRESSED is red."""

    REGRESSED = "regressed"
    IMPROVED = "improved"
    PASSED = "passed"
    UNJUDGED = "not judged"


@dataclass(frozen=True)
class Verdict:
    """How far the candidate is from the baseline at a place.

    `baseline` and `candidate` are means over seeds, of the measure or of the median search in
    milliseconds, the candidate's as it would be on the baseline's machine. `change` is relative,
    above 0 where the candidate's value is larger. `p` is that of no change, corrected for
    the places judged. What is None was not judged; `note` says why, or what else to know.
    """

    kind: Literal["quality", "speed"]
    place: PairedCells
    outcome: Outcome
    baseline: float | None = None
    candidate: float | None = None
    change: float | None = None
    p: float | None = None
    note: str = ""


def decide(
    verdicts: Sequence[Verdict],
    worse: Callable[[float], bool],
    better: Callable[[float], bool],
) -> list[Verdict]:
    """Correct the p of verdicts of one kind by Holm and give those that have one an outcome.

    `worse` and `better` say whether a change is beyond the tolerance.
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
