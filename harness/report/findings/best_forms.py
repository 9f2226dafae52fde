"""The best form of a method at each budget, as its tuning queries show.

A method may have several rows at a budget: with whole vectors, with each form of them, and with a
graph that is entered from its lists. Only one is held against other methods. As it is chosen before
the test queries are seen, its difference from another method needs no correction for the choice.
"""

from collections.abc import Iterable, Sequence

from harness.measure.budget import Budget
from harness.report.rows.summary import Row


def is_form(name: str, method: str) -> bool:
    """Whether a method is the other one, as it is or in a form such as ehi+pq or ehi+hnsw."""
    return name == method or name.startswith(f"{method}+")


def best_forms(rows: Iterable[Row], method: str) -> dict[Budget, Row]:
    """Return the row of a method's best form at each budget.

    It is the method as it is, unless every form chose its settings, which shows what each finds on
    the tuning queries. A form that lacks a seed, because it failed with it, is left out.
    """
    by_budget: dict[Budget, list[Row]] = {}
    for row in rows:
        if is_form(row.method, method):
            by_budget.setdefault(row.budget, []).append(row)
    best = {budget: _best(forms, method) for budget, forms in by_budget.items()}
    return {budget: row for budget, row in best.items() if row is not None}


def in_best_form(name: str, best: Iterable[Row]) -> str:
    """Return a method's name, with the forms of its best rows if they are not the method itself."""
    forms = list(dict.fromkeys(row.label for row in best))
    if forms in ([], [name]):
        return name
    return f"{name} in its best form ({', '.join(forms)})"


def _best(forms: Sequence[Row], method: str) -> Row | None:
    """Return the form that finds most on the tuning queries, or the method itself."""
    seeds = max(len(row.seeds) for row in forms)
    forms = [row for row in forms if len(row.seeds) == seeds]
    tuned = [(row.tuned, -i) for i, row in enumerate(forms) if row.tuned is not None]
    if len(tuned) == len(forms):
        return forms[-max(tuned)[1]]
    return next((row for row in forms if row.method == method), None)
