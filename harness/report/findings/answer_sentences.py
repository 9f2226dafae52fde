"""State the answer on a dataset: how the subject compares, at which budgets, and who leads."""

from collections.abc import Iterable, Mapping, Sequence

from harness.measure.budget import Budget
from harness.report.findings.baselines import FROZEN
from harness.report.findings.best_forms import in_best_form
from harness.report.findings.detectable import detectable_sentence, what_tests_find
from harness.report.findings.stated import KINDS
from harness.report.findings.verdicts import (
    Verdict,
    against_baselines,
    best_baseline,
    by_budget,
)
from harness.report.rows.difference import Conclusion
from harness.report.rows.leaders import Leader
from harness.report.rows.summary import Row


def baseline_sentences(
    rows: Sequence[Row], subject: str, found: Sequence[Verdict], measure: str
) -> list[str]:
    """Say for each kind of budget which verdicts the subject has against all baselines together."""
    sentences = []
    for kind, noun in KINDS.items():
        budgets: dict[Conclusion, list[Budget]] = {}
        of_kind = [verdict for verdict in found if verdict.budget.kind == kind]
        against_best: list[float] = []
        for budget, of_budget in by_budget(of_kind):
            conclusion = against_baselines(of_budget, rows)
            best = best_baseline(of_budget, measure)
            if conclusion is not None and best is not None:
                budgets.setdefault(conclusion, []).append(budget)
                against_best.append(best.difference.detectable)
        if budgets:
            named = in_best_form(subject, (verdict.own for verdict in of_kind))
            sentences.append(
                f"On {rows[0].dataset}, at equal {noun}, {named} against two-stage baselines: "
                f"{_conclusions(budgets)}. Against the best of them, "
                f"{what_tests_find(against_best)}."
            )
    return sentences


def joint_training_sentences(
    rows: Sequence[Row], subject: str, found: Sequence[Verdict]
) -> list[str]:
    """Say how the subject compares with the same tree on an encoder that was trained before it."""
    against: dict[str, list[Verdict]] = {}
    for verdict in found:
        if verdict.is_against_frozen:
            other = verdict.other
            label = FROZEN if other.label == other.method else other.label
            against.setdefault(label, []).append(verdict)
    return [
        f"On {rows[0].dataset}, {subject} against {label}, whose tree is trained after the "
        f"encoder and not with it{_same_form(subject, label, of_label)}: "
        f"{_conclusions(_budgets_by_conclusion(of_label))}.{_detectable(of_label)}"
        for label, of_label in against.items()
    ]


def leader_sentences(leaders: Sequence[Leader]) -> list[str]:
    """Say which methods are shown to be better than all others, and where."""
    if not leaders:
        return []
    dataset, shown = leaders[0].first.dataset, dict[str, list[Leader]]()
    for leader in leaders:
        if leader.is_shown:
            shown.setdefault(leader.first.label, []).append(leader)
    if not shown:
        return [
            f"On {dataset}, no method is shown to be better than all others at any budget."
            f"{detectable_sentence([leader.detectable for leader in leaders])}"
        ]
    return [
        f"On {dataset}, {label} is shown to be better than all others at "
        f"{_list([leader.first.budget for leader in own])}."
        f"{detectable_sentence([leader.detectable for leader in own])}"
        for label, own in shown.items()
    ]


def _same_form(subject: str, label: str, found: Sequence[Verdict]) -> str:
    plain = all((each.own.label, each.other.label) == (subject, label) for each in found)
    return "" if plain else ", in the same form"


def _budgets_by_conclusion(found: Sequence[Verdict]) -> dict[Conclusion, list[Budget]]:
    budgets: dict[Conclusion, list[Budget]] = {}
    for verdict in found:
        budgets.setdefault(verdict.difference.conclusion, []).append(verdict.budget)
    return budgets


def _conclusions(budgets: Mapping[Conclusion, Sequence[Budget]]) -> str:
    groups = [f"{each} at {_list(budgets[each])}" for each in Conclusion if each in budgets]
    return "; ".join(groups)


def _detectable(found: Iterable[Verdict]) -> str:
    return detectable_sentence([verdict.difference.detectable for verdict in found])


def _list(budgets: Sequence[Budget]) -> str:
    return ", ".join(budget.label for budget in budgets)
