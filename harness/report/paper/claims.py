"""Test on our data what a paper claims: is its method ahead of others at equal compute?"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from statistics import fmean

from harness.measure.budget import Budget
from harness.measure.mean_difference import LEVEL, with_common_seed_variance
from harness.measure.significance import holm
from harness.report.findings.baselines import is_baseline
from harness.report.findings.best_forms import best_forms
from harness.report.numbers import short
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.difference import Conclusion, estimate_difference
from harness.report.rows.published import Claim
from harness.report.rows.summary import Row


class Finding(StrEnum):
    """What our data say of a claim."""

    SUPPORTED = "supported"
    WORSE = "contradicted: worse"
    EQUAL = f"contradicted: {Conclusion.EQUAL}"
    UNKNOWN = "cannot say"


@dataclass(frozen=True)
class Answer:
    """How far the claim's method is ahead of the best rival at a budget, and what that shows."""

    budget: Budget
    method: str  # the label of the claim's method
    rival: str  # the label of the rival with the highest mean
    difference: float
    relative: float  # the difference as a share of the rival's mean
    interval: tuple[float, float]  # of the difference, for this comparison alone
    p: float  # corrected
    detectable: float  # the smallest difference that is found with a chance of POWER
    finding: Finding


def ask(claim: Claim, rows: Sequence[Row]) -> list[Answer]:
    """Return the answer at every budget at which the method and a rival were measured.

    The method is in the form, such as ehi+pq, that did best on the tuning queries. At a budget, the
    claim is supported if the method is shown to be better than each rival. As in `find_leaders`, p
    is the largest of these, and Holm's method corrects for the budgets. It is contradicted if the
    method is shown to be worse than the best rival, or equal to it; the best rival was chosen on
    the same queries, so Holm's method corrects for all comparisons. Rivals are compared over the
    method's seeds. If one was not measured with these, or on other queries, the claim can only be
    contradicted as worse.

    Args:
        claim: The claim.
        rows: Rows with the values of its measure by query.
    """
    contests = [
        (own, rivals)
        for own in best_forms([row for row in rows if _is_cost(row.budget)], claim.method).values()
        if (rivals := _comparable(_rivals(claim, own.budget, rows), own))
    ]
    contests.sort(key=lambda contest: contest[0].budget.sort_key)
    pairs = [(own, rival) for own, rivals in contests for rival in rivals]
    estimates = with_common_seed_variance([estimate_difference(*pair) for pair in pairs])
    ps, ps_equal = holm([e.p for e in estimates]), holm([e.p_equal for e in estimates])
    tests = iter(zip(estimates, ps, ps_equal, strict=True))
    compared = [list(islice(tests, len(rivals))) for _, rivals in contests]
    leads = [max(e.p if e.mean > 0 else 1.0 for e, _, _ in tested) for tested in compared]
    answers = []
    for (own, rivals), tested, lead in zip(contests, compared, holm(leads), strict=True):
        estimate, p, p_equal = tested[0]  # of the best rival
        shown = lead if estimate.mean > 0 else p
        are_all = len(rivals) == len(_rivals(claim, own.budget, rows))
        finding = Finding.UNKNOWN
        if shown < LEVEL and (are_all or estimate.mean < 0):
            finding = Finding.SUPPORTED if estimate.mean > 0 else Finding.WORSE
        elif p_equal < LEVEL and are_all:
            finding, shown = Finding.EQUAL, p_equal
        best = _mean(rivals[0], own.seeds)
        answers.append(
            Answer(
                own.budget,
                own.label,
                rivals[0].label,
                estimate.mean,
                estimate.mean / best if best > 0 else 0.0,
                estimate.interval,
                shown,
                estimate.detectable(LEVEL / len(contests)),
                finding,
            )
        )
    return answers


def verdict(claim: Claim, measured: Sequence[DatasetRecords]) -> str:
    """Return the findings on a claim for all datasets in one line, or why there are none."""
    parts = []
    for each in measured:
        if claim.measure in each.measures and (answers := ask(claim, each.rows(claim.measure))):
            parts.append(f"{_findings(answers)} on {each.title}")
    return "; ".join(parts) or "not run: no dataset with the method and a rival at a budget"


def _findings(answers: Sequence[Answer]) -> str:
    counts = []
    for finding in Finding:
        own = [answer for answer in answers if answer.finding is finding]
        if own:
            smallest = min(answer.detectable for answer in own)
            note = f", smallest difference found {short(smallest)}"
            unsure = note if finding is Finding.UNKNOWN else ""
            counts.append(f"{finding} ({len(own)} of {len(answers)} budgets{unsure})")
    return ", ".join(counts)


def _rivals(claim: Claim, budget: Budget, rows: Sequence[Row]) -> list[Row]:
    """Return the rows of rivals at a budget.

    A rival may have any form, such as ivf+short, as long as it learns nothing from queries.
    """
    return [
        row
        for row in rows
        if row.method.partition("+")[0] in claim.rivals
        and is_baseline(row.method)
        and row.budget == budget
    ]


def _comparable(rivals: Sequence[Row], own: Row) -> list[Row]:
    """Return the rivals with the method's queries and all of its seeds, the best first."""
    queries, seeds = own.per_query.keys(), set(own.seeds)
    found = [row for row in rivals if row.per_query.keys() == queries and seeds <= set(row.seeds)]
    return sorted(found, key=lambda row: -_mean(row, own.seeds))


def _mean(row: Row, seeds: Sequence[int]) -> float:
    """Return the mean over these seeds and all queries."""
    return fmean(value for seed in seeds for value in row.per_seed[seed].values())


def _is_cost(budget: Budget) -> bool:
    return not budget.unlimited and not budget.is_quality
