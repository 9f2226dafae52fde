"""The form in which a method is compared with others at a budget, chosen on the tuning queries.

EHI may be measured with whole vectors (ehi), with codes (ehi+pq) or as the entry of a graph
(ehi+hnsw). Comparing whichever did best on the test queries would favour it, and comparing whole
vectors alone would favour rivals with codes. The tuning queries decide instead, so that no test has
to be corrected for the choice.
"""

from collections.abc import Iterable, Sequence

from harness.measure.budget import Budget
from harness.report.rows.summary import Row


def is_form_of(name: str, method: str) -> bool:
    """Whether a method is the other one, as it is or in a form such as ehi+pq or ehi+hnsw."""
    return name == method or name.startswith(f"{method}+")


def is_about(label: str, name: str, subject: str) -> bool:
    """Whether a label and its method are the subject, or, if that is a method, a form of it."""
    return label == subject or is_form_of(name, subject)


def best_forms(rows: Iterable[Row], method: str) -> dict[Budget, Row]:
    """Return the row of the method's form that did best on the tuning queries, by budget.

    Forms that lack a seed, because they failed with it, do not count. Unless every other form has a
    quality on the tuning queries, which only `--choose` records, it is the method as it is.
    """
    by_budget: dict[Budget, list[Row]] = {}
    for row in rows:
        if is_form_of(row.method, method):
            by_budget.setdefault(row.budget, []).append(row)
    best = {budget: _best(forms, method) for budget, forms in by_budget.items()}
    return {budget: row for budget, row in best.items() if row is not None}


def in_best_form(name: str, best: Iterable[Row]) -> str:
    """Return a method's name, and the forms that `best_forms` found if there are others."""
    forms = list(dict.fromkeys(row.label for row in best))
    if forms in ([], [name]):
        return name
    return f"{name} in its best form ({', '.join(forms)})"


def _best(forms: Sequence[Row], method: str) -> Row | None:
    """Return the row with the highest quality on the tuning queries, or the method's own."""
    seeds = max(len(row.seeds) for row in forms)
    forms = [row for row in forms if len(row.seeds) == seeds]
    if all(row.tuned is not None for row in forms):
        return max(forms, key=lambda row: row.tuned or 0.0)
    return next((row for row in forms if row.method == method), None)
