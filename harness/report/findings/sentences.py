"""State what was found on a dataset: the answer, by how much, how sure, and where it fails.

README.md, headline.md, the page and verdicts.json take their sentences from here. A sentence
compares two numbers at most.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from harness.measure.budget import Budget
from harness.report.findings.baselines import SUBJECT
from harness.report.findings.reached_costs import ReachedCost, reached_costs
from harness.report.findings.verdicts import Verdict, against_baselines, best_baseline, verdicts
from harness.report.numbers import probability, short
from harness.report.rows.difference import Conclusion, describe_tests
from harness.report.rows.frontier import AXES, Axis
from harness.report.rows.leaders import Leader, find_leaders
from harness.report.rows.summary import Row
from harness.store.quality import Part

KINDS = {"visited": "documents visited", "macs": "multiply-adds", "latency": "time per query"}
"""What a budget limits, in words that follow "equal"."""
STATED_SHARE = 0.99
"""The share of exact search's quality whose cost is put into words."""
UNSEEN: Part = "unseen"


@dataclass(frozen=True)
class Findings:
    """Sentences about a dataset, by what they answer."""

    answer: Sequence[str]
    by_how_much: Sequence[str]
    how_sure: Sequence[str]
    where_not: Sequence[str]

    @property
    def sentences(self) -> list[str]:
        """All sentences, in order."""
        return [*self.answer, *self.by_how_much, *self.how_sure, *self.where_not]


def state_findings(rows: Sequence[Row], measure: str) -> Findings:
    """Return the sentences about a dataset, from its rows with the measure's values by query.

    Rows that reach a quality at least cost are left out: they do not compete in quality.
    """
    rows = [row for row in rows if not row.budget.is_quality]
    leaders = find_leaders(rows, measure)
    answer: list[str] = []
    by_how_much: list[str] = []
    how_sure: list[str] = []
    where_not: list[str] = []
    for subject in dict.fromkeys(row.label for row in rows if row.method == SUBJECT):
        found = verdicts(rows, subject)
        closest = _closest(found, measure)
        answer += _answer(rows, subject, found)
        by_how_much += [_amount(verdict, measure) for verdict in closest]
        by_how_much += _costs(rows, measure, subject)
        how_sure += [_certainty(verdict) for verdict in closest]
        if found:
            how_sure.append(describe_tests([verdict.other for verdict in found], len(found)))
        where_not += _losses(found, measure)
        where_not += [each for each in (_on_unseen(v, measure) for v in closest[:1]) if each]
        where_not += _gaps(rows, subject, found)
    answer += _leads(leaders)
    how_sure += [_lead(leader) for leader in leaders]
    return Findings(answer, by_how_much, how_sure, where_not)


def _answer(rows: Sequence[Row], subject: str, found: Sequence[Verdict]) -> list[str]:
    """Say for each kind of budget how the subject compares with the baselines, in four words."""
    sentences = []
    for kind, noun in KINDS.items():
        budgets: dict[Conclusion, list[Budget]] = {}
        for budget, of_budget in _by_budget(found):
            conclusion = against_baselines(of_budget)
            if budget.kind == kind and conclusion is not None:
                budgets.setdefault(conclusion, []).append(budget)
        if budgets:
            groups = [f"{each} at {_list(budgets[each])}" for each in Conclusion if each in budgets]
            sentences.append(
                f"On {rows[0].dataset}, at equal {noun}, {subject} against two-stage baselines: "
                f"{'; '.join(groups)}."
            )
    return sentences


def _leads(leaders: Sequence[Leader]) -> list[str]:
    shown: dict[str, list[Budget]] = {}
    for leader in leaders:
        if leader.is_shown:
            shown.setdefault(leader.first.label, []).append(leader.first.budget)
    if not leaders:
        return []
    if not shown:
        return ["No method is shown to be better than all others at any budget."]
    return [
        f"{label} is shown to be better than all others at {_list(budgets)}."
        for label, budgets in shown.items()
    ]


def _lead(leader: Leader) -> str:
    budget, lead = leader.first.budget.label, short(leader.lead, "+")
    verdict = "better" if leader.is_shown else "cannot tell"
    return (
        f"The first at {budget} is {leader.first.label}, {lead} over {leader.second.label}; than "
        f"all others: {verdict} ({probability(leader.p)})."
    )


def _amount(verdict: Verdict, measure: str) -> str:
    own, other = (row.metrics[measure].mean for row in (verdict.own, verdict.other))
    return (
        f"At {verdict.budget.label}, {verdict.own.label} has {measure} {short(own)} and "
        f"{verdict.other.label}, the best baseline there, {short(other)}."
    )


def _certainty(verdict: Verdict) -> str:
    difference = verdict.difference
    return (
        f"At {verdict.budget.label}, {verdict.own.label} against {verdict.other.label}: "
        f"{difference.conclusion}; the difference is {short(difference.mean, '+')}, and the test "
        f"finds {short(difference.detectable)} in 80 % of all cases."
    )


def _costs(rows: Sequence[Row], measure: str, subject: str) -> list[str]:
    """Say for each axis what the subject and the cheapest baseline spend to reach STATED_SHARE."""
    sentences = []
    for axis in AXES:
        costs = reached_costs(rows, measure, axis, STATED_SHARE)
        own = next((entry for entry in costs if entry.label == subject), None)
        other = next((entry for entry in costs if entry.is_cheapest_baseline), None)
        if own is not None:
            ending = (
                ", which no baseline reaches"
                if other is None
                else f"; the cheapest baseline, {other.label}, needs {_cost(other, axis)}"
            )
            needs = (
                f"needs {_cost(own, axis)}"
                if own.reach.cost is not None
                else f"is not enough, with {100 * own.best_share:.1f} % at best"
            )
            sentences.append(
                f"To reach {100 * STATED_SHARE:g} % of exact search's {measure}, {subject} {needs}"
                f"{ending}."
            )
    if sentences:
        sentences.append(
            "These costs are interpolated linearly between two neighbours on a method's Pareto "
            "front."
        )
    return sentences


def _cost(entry: ReachedCost, axis: Axis) -> str:
    least = "at most " if entry.reach.at_most else ""
    cost = entry.reach.cost or 0.0
    if axis.name == "latency":
        return f"{least}{1000 * cost:.0f} µs"
    noun = "documents" if axis.name == "visited" else "multiply-adds"
    return f"{least}{cost:.2f} % of the {noun}"


def _losses(found: Sequence[Verdict], measure: str) -> list[str]:
    """Name every method that the subject is worse than, at each budget."""
    return [
        f"At {verdict.budget.label}, {verdict.own.label} is worse than {verdict.other.label}: "
        f"{short(verdict.own.metrics[measure].mean)} against "
        f"{short(verdict.other.metrics[measure].mean)}."
        for verdict in found
        if verdict.difference.conclusion == Conclusion.WORSE
    ]


def _on_unseen(verdict: Verdict, measure: str) -> str:
    """Compare the means on unseen queries, untested, if only some of the queries are unseen."""
    own, other = (row.part_mean(UNSEEN, measure) for row in (verdict.own, verdict.other))
    count = verdict.own.part_counts.get(UNSEEN, 0)
    if own is None or other is None or not 0 < count < len(verdict.own.per_query):
        return ""
    return (
        f"On unseen queries at {verdict.budget.label}, {verdict.own.label} has {short(own)} and "
        f"{verdict.other.label} {short(other)}, which was not tested."
    )


def _gaps(rows: Sequence[Row], subject: str, found: Sequence[Verdict]) -> list[str]:
    """Name what was measured at a budget of the subject but not compared, and kinds left out."""
    compared = {(verdict.other.label, verdict.budget) for verdict in found}
    budgets = {row.budget for row in rows if row.label == subject}
    missing: dict[Budget, list[str]] = {}
    for row in rows:
        known = row.label == subject or (row.label, row.budget) in compared
        if row.budget in budgets and not row.budget.unlimited and not known:
            missing.setdefault(row.budget, []).append(row.label)
    sentences = [
        f"At {budget.label}, {', '.join(labels)} cannot be compared: other seeds or queries."
        for budget, labels in missing.items()
    ]
    absent = [noun for kind, noun in KINDS.items() if kind not in {b.kind for b in budgets}]
    if absent:
        sentences.append(f"{subject} was not measured at equal {' or '.join(absent)}.")
    return sentences


def _closest(found: Sequence[Verdict], measure: str) -> list[Verdict]:
    """Return the verdict against the best baseline of each budget that has one."""
    best = (best_baseline(of_budget, measure) for _, of_budget in _by_budget(found))
    return [verdict for verdict in best if verdict is not None]


def _by_budget(found: Iterable[Verdict]) -> list[tuple[Budget, list[Verdict]]]:
    return [(budget, list(group)) for budget, group in groupby(found, lambda each: each.budget)]


def _list(budgets: Sequence[Budget]) -> str:
    return ", ".join(budget.label for budget in budgets)
