"""A check as plain values, for programs."""

from typing import Any

from harness.regression.check import Check
from harness.report.check.lines import cell_title, summary


def check_to_json(check: Check) -> dict[str, Any]:
    """Return the verdicts, the cells that cannot be compared and why, and the exit code.

    `baseline` and `candidate` are means over seeds: of the measure, or of milliseconds.
    """
    return {
        "exit_code": check.exit_code,
        "summary": summary(check),
        "measure": check.rules.measure,
        "verdicts": [
            {
                "kind": verdict.kind,
                "method": verdict.cells.first.method,
                "budget": verdict.cells.first.budget.limit,
                "budget_by": verdict.cells.first.budget.kind,
                "seeds": [pair.candidate.seed for pair in verdict.cells.pairs],
                "outcome": verdict.outcome.value,
                "baseline": verdict.baseline,
                "candidate": verdict.candidate,
                "change": verdict.change,
                "p": verdict.p,
                "note": verdict.note,
            }
            for verdict in check.verdicts
        ],
        "not_compared": [
            {"cell": cell_title(obstacle.record), "reason": obstacle.reason}
            for obstacle in check.obstacles
        ],
    }
