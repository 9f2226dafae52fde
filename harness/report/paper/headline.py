"""State the results of a dataset in sentences, all computed from its rows."""

from collections.abc import Sequence

from harness.measure.budget import Budget
from harness.measure.significance import holm
from harness.report.labels import CEILING
from harness.report.numbers import probability, short
from harness.report.paper.table import SIGNIFICANT
from harness.report.rows.comparison import Difference, compare_where_possible, paired_p
from harness.report.rows.frontier import AXES, Axis, curves, reach
from harness.report.rows.summary import Row

SUBJECT = "ehi"
TARGET_SHARE = 0.99
"""The share of exact search's quality that counts as nearly exact."""
TEST = (
    "Each p is from a paired randomisation test over the queries, with Holm's correction for all "
    "comparisons of its kind."
)
BUDGETS = tuple(Budget("visited", share) for share in (0.01, 0.05, 0.1))
"""The budgets at which the subject's gain over other methods is stated."""
Compared = tuple[Row, Difference]
"""A row and its difference from the subject at the same budget."""


def headlines(rows: Sequence[Row], measure: str) -> list[str]:
    """Return the sentences about a dataset, from its rows with the measure's values by query.

    Rows that reach a quality at least cost are left out: they do not compete in quality.
    """
    rows = [row for row in rows if not row.budget.is_quality]
    subjects = list(dict.fromkeys(row.label for row in rows if row.method == SUBJECT))
    reached = [_cost_to_reach(rows, measure, axis) for axis in AXES[:2]]
    against = {subject: _against(rows, subject) for subject in subjects}
    compared = []
    for subject in subjects:
        compared += _gains(rows, subject, against[subject], measure)
    compared += _leaders(rows, measure)
    compared += [_losses(subject, against[subject], measure) for subject in subjects]
    return [sentence for sentence in (*reached, *compared) if sentence] + (
        [TEST] if compared else []
    )


def _cost_to_reach(rows: Sequence[Row], measure: str, axis: Axis) -> str:
    """Say at what cost on the axis each method reaches nearly the quality of exact search."""
    ceiling = next((row for row in rows if row.method == CEILING), None)
    if ceiling is None:
        return ""
    exact = ceiling.metrics[measure].mean
    ranked = []
    for curve in curves([row for row in rows if not row.budget.unlimited], axis):
        points = [(axis.cost(row) or 0.0, row.metrics[measure].mean) for row in curve.rows]
        needed = reach(points, TARGET_SHARE * exact)
        if needed.cost is None:
            cost, best = max(points, key=lambda point: point[1])
            short_of = f"{100 * best / exact:.1f} % of it at {cost:.2f} %"
            ranked.append(((1, -best), f"{curve.label} not reached ({short_of})"))
        else:
            least = "≤ " if needed.at_most else ""
            ranked.append(((0, needed.cost), f"{curve.label} {least}{needed.cost:.2f} %"))
    if not ranked:
        return ""
    methods = "; ".join(text for _, text in sorted(ranked))
    noun = {"visited": "Documents visited", "macs": "Multiply-adds, routing included,"}[axis.name]
    return (
        f"{noun} to reach 99 % of exact search's {measure} ({short(exact)}), "
        f"interpolated linearly between measured points: {methods}."
    )


def _gains(
    rows: Sequence[Row], subject: str, against: Sequence[Compared], measure: str
) -> list[str]:
    """Say how far the subject is above or below the others at each of BUDGETS."""
    sentences = []
    for budget in BUDGETS:
        own = [row for row in rows if row.label == subject and row.budget == budget]
        if not own:
            sentences.append(f"{subject} was not measured at {budget.label} of the documents.")
            continue
        gains = [
            f"{_gain(difference)} {row.label} ({probability(difference.p)})"
            for row, difference in against
            if row.budget == budget
        ]
        beginning = (
            f"At {budget.label} of the documents {subject} has {measure} "
            f"{short(own[0].metrics[measure].mean)}"
        )
        sentences.append(f"{beginning}: {', '.join(gains)}." if gains else f"{beginning}.")
    return sentences


def _leaders(rows: Sequence[Row], measure: str) -> list[str]:
    """Say which method is first at every budget, and whether its lead is significant."""
    budgets = dict.fromkeys(row.budget for row in rows if not row.budget.unlimited)
    first_two = []
    for budget in sorted(budgets, key=lambda budget: budget.sort_key):
        ranked = [row for row in rows if row.budget == budget]
        ranked.sort(key=lambda row: -row.metrics[measure].mean)
        if len(ranked) > 1 and ranked[0].per_query.keys() == ranked[1].per_query.keys():
            first_two.append((ranked[0], ranked[1]))
    ps = holm([paired_p(first, second) for first, second in first_two])
    leads: dict[tuple[str, str], list[str]] = {}
    for (first, second), p in zip(first_two, ps, strict=True):
        best, next_best = first.metrics[measure].mean, second.metrics[measure].mean
        verb = "leads" if p < SIGNIFICANT else "is first, but not significantly,"
        leads.setdefault((first.label, verb), []).append(
            f"at {first.budget.label} with {short(best)} "
            f"({short(best - next_best, '+')} over {second.label}, {probability(p)})"
        )
    return [f"{label} {verb} {'; '.join(own)}." for (label, verb), own in leads.items()]


def _losses(subject: str, against: Sequence[Compared], measure: str) -> str:
    """Say where other methods are significantly above the subject."""
    lost = [
        f"at {row.budget.label} to {row.label} "
        f"(by {short(difference.mean)}, {probability(difference.p)})"
        for row, difference in against
        if difference.mean > 0 and difference.p < SIGNIFICANT
    ]
    if not lost:
        return f"{subject} is not significantly below any method at the budgets measured."
    return f"{subject} loses in {measure} {', '.join(lost)}."


def _against(rows: Sequence[Row], subject: str) -> list[Compared]:
    """Return the rows with a budget that can be compared with the subject, in order of budget."""
    comparison = compare_where_possible(rows, subject)
    paired = [
        (row, difference)
        for row, difference in zip(rows, comparison.differences, strict=True)
        if difference is not None and not row.budget.unlimited
    ]
    return sorted(paired, key=lambda pair: pair[0].budget.sort_key)


def _gain(difference: Difference) -> str:
    """Say how far the subject is above or below a row, from the row's difference to it."""
    if difference.mean > 0:
        return f"{short(difference.mean)} below"
    return f"{short(abs(difference.mean))} above"
