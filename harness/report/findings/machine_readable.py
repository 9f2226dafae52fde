"""The findings about a dataset as plain data; `ehibench report` writes them to verdicts.json."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from harness.measure.budget import Budget
from harness.measure.mean_difference import MARGIN
from harness.report.findings.baselines import SUBJECT, exact_row
from harness.report.findings.growing_costs import FOUND_SHARES, growing_costs, per_query
from harness.report.findings.growth_sentences import growth_sentences
from harness.report.findings.reached_costs import SHARES, reached_costs
from harness.report.findings.sentences import Findings
from harness.report.findings.verdicts import Verdict, verdicts
from harness.report.rows.difference import Conclusion
from harness.report.rows.frontier import AXES
from harness.report.rows.growth import Growth
from harness.report.rows.leaders import Leader, find_leaders
from harness.report.rows.summary import Row

FORMAT = 1
"""The version of the fields below."""
SENTENCES = ("answer", "by_how_much", "how_sure", "where_not", "front_page")
WORDS = {Conclusion.EQUAL: "equal"}
"""Verdicts that have a shorter name here than in sentences."""


def machine_readable(
    dataset: str, rows: Sequence[Row], measure: str, findings: Findings
) -> dict[str, Any]:
    """Return a dataset's verdicts, leaders, costs to reach a quality, and sentences.

    A verdict is "better", "worse", "equal" (within `margin`) or "cannot tell", about the subject
    against the other method. Costs are in the unit that is named next to them, and null if the
    quality is not reached.

    Args:
        dataset: The dataset's name in the report.
        rows: Its rows, with the measure's values by query.
        measure: The quality measure.
        findings: The sentences about them.
    """
    competing = [row for row in rows if not row.budget.is_quality]
    subjects = dict.fromkeys(row.label for row in competing if row.method == SUBJECT)
    exact = exact_row(rows)
    return {
        "dataset": dataset,
        "measure": measure,
        "queries": len(rows[0].per_query),
        "exact_search": None if exact is None else exact.metrics[measure].mean,
        "margin": MARGIN,
        "sentences": {name: getattr(findings, name) for name in SENTENCES},
        "verdicts": [
            _verdict(each, measure) for subject in subjects for each in verdicts(rows, subject)
        ],
        "leaders": [_leader(each) for each in find_leaders(competing, measure)],
        "costs_to_reach": [
            {
                "share_of_exact_search": share,
                "cost": axis.name,
                "unit": axis.unit,
                "methods": [
                    {
                        "method": entry.label,
                        "cost": entry.reach.cost,
                        "at_most": entry.reach.at_most,
                        "best_share": entry.best_share,
                        "baseline": entry.is_baseline,
                        "ratio_to_cheapest_baseline": entry.ratio,
                    }
                    for entry in reached_costs(rows, measure, axis, share)
                ],
            }
            for axis in AXES
            for share in SHARES
        ],
    }


def readable_growth(growth: Growth) -> dict[str, Any]:
    """Return the costs of one kind of data by size, their exponents, and the sentences.

    A cost is null where the share of exact search's first ten documents is not found. Sizes at
    which a method was not measured are left out.
    """
    return {
        "kind": growth.kind,
        "documents": list(growth.sizes),
        "sentences": growth_sentences(growth),
        "costs_to_find": [
            {
                "share_of_exact_search": share,
                "cost": axis.name,
                "unit": per_query(axis, growth.largest).unit,
                "methods": [
                    {
                        "method": entry.label,
                        "costs": [
                            {"documents": documents, **asdict(reach)}
                            for documents, reach in entry.reached.items()
                        ],
                        "exponent": entry.exponent,
                        "baseline": entry.is_baseline,
                    }
                    for entry in growing_costs(growth, axis, share)
                ],
            }
            for axis in AXES
            for share in FOUND_SHARES
        ],
    }


def _verdict(verdict: Verdict, measure: str) -> dict[str, Any]:
    difference = verdict.difference
    return {
        "subject": verdict.own.label,
        "other": verdict.other.label,
        "baseline": verdict.is_against_baseline,
        "budget": _budget(verdict.budget),
        "verdict": WORDS.get(difference.conclusion, difference.conclusion.value),
        "subject_mean": verdict.own.metrics[measure].mean,
        "other_mean": verdict.other.metrics[measure].mean,
        "difference": difference.mean,
        "p": difference.p,
        "p_equal": difference.p_equal,
        "detectable": difference.detectable,
        "seeds": list(verdict.own.seeds),
    }


def _leader(leader: Leader) -> dict[str, Any]:
    return {
        "budget": _budget(leader.first.budget),
        "first": leader.first.label,
        "second": leader.second.label,
        "lead": leader.lead,
        "p": leader.p,
        "detectable": leader.detectable,
        "verdict": (Conclusion.BETTER if leader.is_shown else Conclusion.UNKNOWN).value,
    }


def _budget(budget: Budget) -> dict[str, Any]:
    return {"kind": budget.kind, "limit": budget.limit, "label": budget.label}
