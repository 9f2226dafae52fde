"""State the results of a dataset in sentences, all computed from its rows."""

from collections.abc import Sequence

from harness.measure.budget import Budget
from harness.report.labels import CEILING
from harness.report.numbers import probability, short
from harness.report.rows.comparison import compare_where_possible
from harness.report.rows.difference import Conclusion, Difference, describe_tests
from harness.report.rows.frontier import AXES, Axis, curves, reach
from harness.report.rows.leaders import Leader, find_leaders
from harness.report.rows.summary import Row

SUBJECT = "ehi"
TARGET_SHARE = 0.99
"""The share of exact search's quality that counts as nearly exact."""
PHRASES = {
    Conclusion.BETTER: "better than",
    Conclusion.WORSE: "worse than",
    Conclusion.EQUAL: f"{Conclusion.EQUAL} to",
    Conclusion.UNKNOWN: "cannot tell it from",
}
"""What the subject is, compared with another method."""
BUDGETS = tuple(Budget("visited", share) for share in (0.01, 0.05, 0.1))
"""The budgets at which the subject's gain over other methods is stated."""
Compared = tuple[Row, Difference]
"""Another method's row, and how far the subject is above it at the same budget."""


def headlines(rows: Sequence[Row], measure: str) -> list[str]:
    """Return the sentences about a dataset, from its rows with the measure's values by query.

    Rows that reach a quality at least cost are left out: they do not compete in quality.
    """
    rows = [row for row in rows if not row.budget.is_quality]
    subjects = list(dict.fromkeys(row.label for row in rows if row.method == SUBJECT))
    reached = [_cost_to_reach(rows, measure, axis) for axis in AXES[:2]]
    against = {subject: _against(rows, subject) for subject in subjects}
    leaders = find_leaders(rows, measure)
    compared = []
    for subject in subjects:
        compared += _gains(rows, subject, against[subject], measure)
    compared += _leads(leaders, measure)
    compared.append(_without_leader(rows, leaders))
    for subject in subjects:
        compared += _losses(subject, against[subject], measure)
    return [sentence for sentence in (*reached, *compared) if sentence]


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
    """Say how the subject compares with the others at each of BUDGETS."""
    sentences = []
    for budget in BUDGETS:
        own = [row for row in rows if row.label == subject and row.budget == budget]
        if not own:
            sentences.append(f"{subject} was not measured at {budget.label} of the documents.")
            continue
        beginning = (
            f"At {budget.label} of the documents {subject} has {measure} "
            f"{short(own[0].metrics[measure].mean)}"
        )
        groups = []
        for conclusion, phrase in PHRASES.items():
            others = [
                f"{row.label} ({_format_test(difference)})"
                for row, difference in against
                if row.budget == budget and difference.conclusion == conclusion
            ]
            groups += [f"{phrase} {', '.join(others)}"] if others else []
        sentences.append(f"{beginning}: {'; '.join(groups)}." if groups else f"{beginning}.")
    return sentences


def _leads(leaders: Sequence[Leader], measure: str) -> list[str]:
    """Say which method is first at every budget, and whether its lead is shown."""
    leads: dict[tuple[str, str], list[str]] = {}
    for leader in leaders:
        verb = "leads" if leader.is_shown else "is first, but its lead is not shown,"
        leads.setdefault((leader.first.label, verb), []).append(
            f"at {leader.first.budget.label} with {short(leader.first.metrics[measure].mean)} "
            f"({short(leader.lead, '+')} over {leader.second.label}, {probability(leader.p)}, "
            f"detectable {short(leader.detectable)})"
        )
    sentences = [f"{label} {verb} {'; '.join(own)}." for (label, verb), own in leads.items()]
    if leaders:
        count = len(leaders)
        sentences.append(
            "A method leads if it is better than every other one at its budget, since the first "
            "one was chosen on the same queries: p is the largest of these, Holm-corrected for "
            f"{count} budget{'' if count == 1 else 's'}."
        )
    return sentences


def _without_leader(rows: Sequence[Row], leaders: Sequence[Leader]) -> str:
    """Name the budgets with several methods of which none could be tested as the first."""
    named = {leader.first.budget for leader in leaders}
    budgets = [row.budget for row in rows if not row.budget.unlimited]
    missing = {each for each in budgets if budgets.count(each) > 1} - named
    labels = [budget.label for budget in sorted(missing, key=lambda budget: budget.sort_key)]
    if not labels:
        return ""
    return (
        f"No first place at {', '.join(labels)}: the methods there have different seeds or queries."
    )


def _losses(subject: str, against: Sequence[Compared], measure: str) -> list[str]:
    """Say where the subject is worse than other methods, and describe the tests against it."""
    if not against:
        return []
    lost = [
        f"at {row.budget.label} than {row.label} ({_format_test(difference)})"
        for row, difference in against
        if difference.conclusion == Conclusion.WORSE
    ]
    unknown = sum(difference.conclusion == Conclusion.UNKNOWN for _, difference in against)
    tests = describe_tests([row for row, _ in against], len(against))
    return [
        f"{subject} is worse in {measure} {', '.join(lost)}."
        if lost
        else f"{subject} is not shown to be worse than any method; {unknown} of {len(against)} "
        "comparisons cannot tell.",
        f"Comparisons with {subject}: {tests[0].lower()}{tests[1:]}",
    ]


def _against(rows: Sequence[Row], subject: str) -> list[Compared]:
    """Return the rows with a budget that can be compared with the subject, in order of budget."""
    comparison = compare_where_possible(rows, subject)
    paired = [
        (row, difference.reversed)
        for row, difference in zip(rows, comparison.differences, strict=True)
        if difference is not None and not row.budget.unlimited
    ]
    return sorted(paired, key=lambda pair: pair[0].budget.sort_key)


def _format_test(difference: Difference) -> str:
    return (
        f"{short(difference.mean, '+')}, {probability(difference.p)}, "
        f"detectable {short(difference.detectable)}"
    )
