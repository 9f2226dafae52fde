"""State what was found on a dataset: the answer, by how much, how sure, and where it fails.

README.md, headline.md, the page and verdicts.json take their sentences from here. A sentence
compares two numbers at most.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.measure.budget import Budget
from harness.report.findings.answer_sentences import (
    baseline_sentences,
    joint_training_sentences,
    leader_sentences,
)
from harness.report.findings.baselines import SUBJECT
from harness.report.findings.best_forms import is_about
from harness.report.findings.cost_sentences import cost_sentences
from harness.report.findings.detectable import what_tests_find
from harness.report.findings.stated import KINDS, Stated, texts
from harness.report.findings.verdicts import (
    Verdict,
    best_baseline,
    by_budget,
    uncompared_baselines,
    verdicts,
)
from harness.report.numbers import probability, short
from harness.report.rows.difference import Conclusion, describe_tests
from harness.report.rows.leaders import Leader, find_leaders
from harness.report.rows.summary import Row
from harness.store.quality import Part

UNSEEN: Part = "unseen"


@dataclass(frozen=True)
class Findings:
    """Sentences about a dataset, by what they answer."""

    answer: Sequence[str]
    by_how_much: Sequence[str]
    how_sure: Sequence[str]
    where_not: Sequence[str]
    front_page: Sequence[str]  # those of the others that fit on a front page, in the same order
    by_kind: Mapping[str | None, Sequence[str]]  # all but the answer, by the kind of budget

    @property
    def sentences(self) -> list[str]:
        """All sentences once, in order."""
        return [*self.answer, *self.by_how_much, *self.how_sure, *self.where_not]


def state_findings(rows: Sequence[Row], measure: str) -> Findings:
    """Return the sentences about a dataset, from its rows with the measure's values by query.

    Rows that reach a quality at least cost are left out: they do not compete in quality.
    """
    rows = [row for row in rows if not row.budget.is_quality]
    leaders = find_leaders(rows, measure)
    answer: list[str] = []
    by_how_much: list[Stated] = []
    how_sure: list[Stated] = []
    where_not: list[Stated] = []
    front_page: list[Stated] = []
    for subject in dict.fromkeys(row.label for row in rows if row.method == SUBJECT):
        found = sorted(verdicts(rows, subject), key=lambda verdict: _rank(verdict.budget))
        closest = closest_baselines(found, measure)
        amounts = [_amount(verdict, found, rows, measure) for verdict in closest]
        costs = cost_sentences(rows, measure, subject)
        certainties = [_certainty(verdict) for verdict in closest]
        losses = _compared(found, measure, Conclusion.WORSE)
        unseen = [each for each in (_on_unseen(v, measure) for v in closest[:1]) if each]
        answer += baseline_sentences(rows, subject, found, measure)
        answer += joint_training_sentences(rows, subject, found)
        by_how_much += [*amounts, *_compared(found, measure, Conclusion.BETTER), *costs]
        how_sure += certainties
        how_sure += sentences_on_tests(found)
        where_not += [*losses, *unseen, *_gaps(rows, subject, found)]
        front_page += [*amounts[:1], *costs[:1], *certainties[:1], *losses[:1], *unseen]
    answer += leader_sentences(leaders)
    ranked = sorted(leaders, key=lambda leader: _rank(leader.first.budget))
    how_sure += [Stated(lead_sentence(leader), leader.first.budget.kind) for leader in ranked]
    return Findings(
        answer,
        texts(by_how_much),
        texts(how_sure),
        texts(where_not),
        [*answer, *texts(front_page)],
        _by_kind([*by_how_much, *how_sure, *where_not]),
    )


def closest_baselines(found: Sequence[Verdict], measure: str) -> list[Verdict]:
    """Return the verdict against the best baseline of each budget that has one."""
    best = (best_baseline(of_budget, measure) for _, of_budget in by_budget(found))
    return [verdict for verdict in best if verdict is not None]


def sentences_on_tests(found: Sequence[Verdict]) -> list[Stated]:
    """Describe the tests of each kind of budget, which are a family."""
    sentences = []
    for kind, noun in KINDS.items():
        of_kind = [verdict for verdict in found if verdict.budget.kind == kind]
        if of_kind:
            tests = describe_tests([verdict.other for verdict in of_kind], len(of_kind))
            sentences.append(Stated(f"At equal {noun}: {tests[0].lower()}{tests[1:]}", kind))
    return sentences


def lead_sentence(leader: Leader) -> str:
    """Say whether the first method of a budget is shown to be better than all others."""
    at, lead = _at(leader.first.budget), short(leader.lead, "+")
    found = f"{probability(leader.p)}; {what_tests_find([leader.detectable])}"
    test = f"{lead} over {leader.second.label} ({found})"
    if leader.is_shown:
        return f"{at}, {leader.first.label} is better than all others: {test}."
    return f"{at}, cannot tell which method is first: {leader.first.label} is {test}."


def _by_kind(sentences: Sequence[Stated]) -> dict[str | None, list[str]]:
    """Return the sentences by kind of budget, and last those on several; no kind is empty."""
    grouped = {
        kind: texts(each for each in sentences if each.kind == kind) for kind in (*KINDS, None)
    }
    return {kind: own for kind, own in grouped.items() if own}


def _amount(
    verdict: Verdict, found: Sequence[Verdict], rows: Sequence[Row], measure: str
) -> Stated:
    own, other = (row.metrics[measure].mean for row in (verdict.own, verdict.other))
    of_budget = [each for each in found if each.budget == verdict.budget]
    left_out = uncompared_baselines(of_budget, rows)
    is_best = all(row.metrics[measure].mean <= other for row in left_out)
    there = "there" if is_best else "with the same seeds and queries"
    return Stated(
        f"{_at(verdict.budget)}, {verdict.own.label} has {measure} {short(own)} and "
        f"{verdict.other.label}, the best baseline {there}, {short(other)}{_detectable(verdict)}.",
        verdict.budget.kind,
    )


def _certainty(verdict: Verdict) -> Stated:
    difference = verdict.difference
    found = what_tests_find([difference.detectable])
    return Stated(
        f"{_at(verdict.budget)}, {verdict.own.label} against {verdict.other.label}: "
        f"{difference.conclusion}; the difference is {short(difference.mean, '+')}, and {found}.",
        verdict.budget.kind,
    )


def _compared(found: Sequence[Verdict], measure: str, conclusion: Conclusion) -> list[Stated]:
    """Name every method that the subject is better or worse than, at each budget."""
    return [
        Stated(
            f"{_at(verdict.budget)}, {verdict.own.label} is {conclusion} than "
            f"{verdict.other.label}: {short(verdict.own.metrics[measure].mean)} against "
            f"{short(verdict.other.metrics[measure].mean)}{_detectable(verdict)}.",
            verdict.budget.kind,
        )
        for verdict in found
        if verdict.difference.conclusion == conclusion
    ]


def _detectable(verdict: Verdict) -> str:
    return f" ({what_tests_find([verdict.difference.detectable])})"


def _on_unseen(verdict: Verdict, measure: str) -> Stated | None:
    """Compare the means on unseen queries, untested, if only some of the queries are unseen."""
    own, other = (row.part_mean(UNSEEN, measure) for row in (verdict.own, verdict.other))
    count = verdict.own.part_counts.get(UNSEEN, 0)
    if own is None or other is None or not 0 < count < len(verdict.own.per_query):
        return None
    return Stated(
        f"{_at(verdict.budget)}, on unseen queries, {verdict.own.label} has {short(own)} and "
        f"{verdict.other.label} {short(other)}, which was not tested.",
        verdict.budget.kind,
    )


def _gaps(rows: Sequence[Row], subject: str, found: Sequence[Verdict]) -> list[Stated]:
    """Name what was measured at the subject's budgets but not compared, and unmeasured kinds."""
    compared = {(verdict.other.label, verdict.budget) for verdict in found}
    own = [row for row in rows if is_about(row.label, row.method, subject)]
    budgets = {row.budget for row in own}
    missing: dict[Budget, list[str]] = {}
    for row in rows:
        known = row in own or (row.label, row.budget) in compared
        if row.budget in budgets and not row.budget.unlimited and not known:
            missing.setdefault(row.budget, []).append(row.label)
    sentences = [
        Stated(
            f"{_at(budget)}, {', '.join(labels)} cannot be compared: other seeds or queries.",
            budget.kind,
        )
        for budget, labels in missing.items()
    ]
    absent = [noun for kind, noun in KINDS.items() if kind not in {b.kind for b in budgets}]
    if absent:
        sentences.append(Stated(f"{subject} was not measured at equal {' or '.join(absent)}."))
    return sentences


def _rank(budget: Budget) -> int:
    """Rank kinds of budgets as in KINDS."""
    return list(KINDS).index(budget.kind)


def _at(budget: Budget) -> str:
    noun = " of the documents" if budget.kind == "visited" else ""
    return f"At {budget.label}{noun}"
