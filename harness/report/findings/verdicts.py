"""How the subject compares with every other method at each budget, and with the baselines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from harness.measure.budget import Budget
from harness.report.findings.baselines import FROZEN, SUBJECT, is_baseline
from harness.report.findings.best_forms import best_forms, is_form_of
from harness.report.rows.comparison import compare_where_possible
from harness.report.rows.difference import Conclusion, Difference
from harness.report.rows.summary import Row


@dataclass(frozen=True)
class Verdict:
    """The subject's row against another method's row at one budget."""

    own: Row
    other: Row
    difference: Difference  # how far the subject is above the other

    @property
    def budget(self) -> Budget:
        """The budget of both rows."""
        return self.other.budget

    @property
    def is_against_baseline(self) -> bool:
        """Whether the other method is a two-stage baseline."""
        return is_baseline(self.other.method)

    @property
    def is_against_frozen(self) -> bool:
        """Whether the other is the same tree, in the same form, on an encoder trained before it."""
        form = self.own.method.removeprefix(SUBJECT)
        return self.other.method == f"{FROZEN}{form}"


def verdicts(rows: Sequence[Row], subject: str) -> list[Verdict]:
    """Return a verdict for every row with a budget that can be compared, in order of budget.

    Each kind of budget is a family of tests of its own: it asks another question, and its results
    vary over seeds to another degree. Rows that reach a quality at least cost do not compete. At
    each budget the subject's best form is compared; its other forms are left out.

    Args:
        rows: The rows of one dataset, with the values of one measure by query.
        subject: The label of the subject.
    """
    rows = [row for row in rows if not row.budget.is_quality and not row.budget.unlimited]
    kinds = dict.fromkeys(row.budget.kind for row in rows)
    found = [
        verdict
        for kind in kinds
        for verdict in _of_family([row for row in rows if row.budget.kind == kind], subject)
    ]
    return sorted(found, key=lambda verdict: verdict.budget.sort_key)


def _of_family(rows: Sequence[Row], subject: str) -> list[Verdict]:
    """Return the verdicts on the subject among rows with one kind of budget."""
    own = {row.budget: row for row in rows if row.label == subject}
    if any(row.method == subject for row in own.values()):  # not one of several settings
        own = best_forms(rows, subject)
        rows = [row for row in rows if not is_form_of(row.method, subject)]
        rows += [replace(row, label=subject) for row in own.values()]
    if not own:
        return []
    differences = compare_where_possible(rows, subject).differences
    return [
        Verdict(own[row.budget], row, difference.reversed)
        for row, difference in zip(rows, differences, strict=True)
        if difference is not None
    ]


def against_baselines(of_budget: Sequence[Verdict], rows: Sequence[Row]) -> Conclusion | None:
    """Return what the verdicts of one budget show of the subject against all its baselines.

    It is "worse" if the subject is worse than one of them; otherwise "cannot tell" if one verdict
    is that, or one baseline could not be compared; otherwise "equal" if one is. It is "better" only
    if the subject is better than each, because the best baseline was chosen on the same queries.
    Return None if no baseline was compared.

    Args:
        of_budget: The verdicts.
        rows: All rows of the dataset, those that could not be compared included.
    """
    found = {each.difference.conclusion for each in of_budget if each.is_against_baseline}
    if not found:
        return None
    if uncompared_baselines(of_budget, rows):
        found.add(Conclusion.UNKNOWN)
    for conclusion in (Conclusion.WORSE, Conclusion.UNKNOWN, Conclusion.EQUAL):
        if conclusion in found:
            return conclusion
    return Conclusion.BETTER


def best_baseline(of_budget: Sequence[Verdict], measure: str) -> Verdict | None:
    """Return the verdict against the best baseline that was compared, if there is one."""
    baselines = [verdict for verdict in of_budget if verdict.is_against_baseline]
    return max(baselines, key=lambda each: each.other.metrics[measure].mean, default=None)


def uncompared_baselines(of_budget: Sequence[Verdict], rows: Sequence[Row]) -> list[Row]:
    """Return the baselines at the verdicts' budget that have other seeds or queries."""
    compared = {verdict.other.label for verdict in of_budget}
    return [
        row
        for row in rows
        if row.budget == of_budget[0].budget
        and is_baseline(row.method)
        and row.label not in compared
    ]


def by_budget(found: Sequence[Verdict]) -> list[tuple[Budget, list[Verdict]]]:
    """Group verdicts that are in order of budget."""
    return [(budget, list(group)) for budget, group in groupby(found, lambda each: each.budget)]
