"""The table a paper would print of a dataset: methods by budgets, in the field's measures."""

from collections.abc import Iterable, Mapping, Sequence

from harness.budget import BudgetBy
from harness.report.comparison import Difference, compare_where_possible
from harness.report.measured import Measured
from harness.report.summary import Row
from harness.report.table import amount
from harness.report.typeset import Cell, Column, Table

FIELD = (
    ("scifact", ("R@10",)),
    ("fiqa", ("R@10",)),
    ("nq320k", ("R@10", "R@100")),
    ("trec-dl-2019", ("nDCG@10",)),
    ("msmarco", ("RR@10", "nDCG@10")),
)
"""What is reported on a dataset whose name holds the word; the first that fits counts."""
ELSE = ("nDCG@10", "R@100")
CEILING = "exact"
SIGNIFICANT = 0.05
VISITED: BudgetBy = "visited"
ABOVE, BELOW = "†", "‡"
Place = tuple[str, float | None, BudgetBy]
"""A row: its label, budget and kind of budget."""


def field_measures(dataset: str) -> tuple[str, ...]:
    """Return the measures that papers report on a dataset."""
    return next((measures for word, measures in FIELD if word in dataset.lower()), ELSE)


def paper_tables(measured: Measured, name: str, baseline: str | None) -> list[Table]:
    """Return a table for every kind of budget that was measured, each named after `name`.

    Exact search and other methods without a budget stand below and do not compete. Marks are of
    the test against the baseline, if there is one.
    """
    measures = [m for m in field_measures(measured.dataset) if m in measured.measures]
    measures = measures or measured.measures[:1]
    tested = {measure: differences(measured.rows(measure), baseline) for measure in measures}
    kinds = dict.fromkeys(row.budget_by for row in measured.rows(measures[0]) if row.budget)
    return [
        _table(measured, name if kind == "visited" else f"{name}-{kind}", kind, tested, baseline)
        for kind in kinds or {VISITED: None}
    ]


def differences(rows: Sequence[Row], baseline: str | None) -> dict[Place, Difference]:
    """Return the differences from the baseline of the rows that could be compared with it."""
    if baseline is None:
        return {}
    comparison = compare_where_possible(rows, baseline)
    paired = zip(rows, comparison.differences, strict=True)
    return {place(row): found for row, found in paired if found is not None}


def place(row: Row) -> Place:
    """Return what tells a row from the others of its dataset."""
    return row.label, row.budget, row.budget_by


def _table(
    measured: Measured,
    name: str,
    kind: BudgetBy,
    tested: Mapping[str, Mapping[Place, Difference]],
    baseline: str | None,
) -> Table:
    by_measure = {m: {place(row): row for row in measured.rows(m)} for m in tested}
    all_rows = measured.rows(next(iter(tested)))
    budgets = sorted({r.budget for r in all_rows if r.budget is not None and r.budget_by == kind})
    competing = _labels(row for row in all_rows if row.budget is not None and row.budget_by == kind)
    references = [row for row in all_rows if row.budget is None]
    columns = [(measure, budget) for measure in tested for budget in budgets or (None,)]
    best = {
        (measure, budget): max(
            (
                round(by_measure[measure][label, budget, kind].metrics[measure].mean, 3)
                for label in competing
                if (label, budget, kind) in by_measure[measure]
            ),
            default=None,
        )
        for measure, budget in columns
    }

    def cell(label: str, measure: str, budget: float | None) -> Cell:
        row = by_measure[measure].get((label, budget, kind))
        if row is None:
            return Cell("-")
        spread = row.metrics[measure]
        return Cell(
            number=spread.mean,
            deviation=spread.deviation,
            bold=round(spread.mean, 3) == best[measure, budget],
            mark=_mark(tested[measure].get(place(row))),
        )

    def line(row: Row) -> list[Cell]:
        cells = []
        for measure, _ in columns:
            spread = by_measure[measure][place(row)].metrics[measure]
            cells.append(Cell(number=spread.mean, deviation=spread.deviation))
        return [Cell(row.label), *cells]

    sections = [
        [[Cell(label), *(cell(label, *column) for column in columns)] for label in competing],
        [line(row) for row in sorted(references, key=lambda row: row.method == CEILING)],
    ]
    heads = [
        Column("" if budget is None else amount(budget, kind), _field_name(measure))
        for measure, budget in columns
    ]
    return Table(
        name,
        f"{measured.dataset}: quality at equal budgets",
        _caption(all_rows, kind, references, tested, baseline),
        [Column("method", numeric=False), *heads],
        [section for section in sections if section],
    )


def _caption(
    rows: Sequence[Row],
    kind: BudgetBy,
    references: Sequence[Row],
    tested: Mapping[str, Mapping[Place, Difference]],
    baseline: str | None,
) -> str:
    spent = {
        "visited": "the documents a query visits, as a share of the corpus",
        "macs": "a query's multiply-adds with routing, as a share of a full scan",
        "latency": "a query's milliseconds on one thread",
    }[kind]
    seeds = sorted({len(row.seeds) for row in rows})
    told = [f"Budgets limit {spent}."]
    if seeds == [1]:
        told.append("One seed.")
    else:
        counts = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
        told.append(f"Mean ± standard deviation over {counts} seeds.")
    told.append("Bold: the best of a column, without what has no budget.")
    if any(row.method == CEILING for row in references):
        told.append("Exact search is the ceiling.")
    counted = {len(differences) for differences in tested.values()} - {0}
    if baseline is not None and counted:
        told.append(
            f"{ABOVE} above and {BELOW} below {baseline} at the same budget: paired randomisation "
            f"test over {len(rows[0].per_query):,} queries, p < .05 after Holm's correction for "
            f"{max(counted)} comparison{'s' if max(counted) > 1 else ''} a measure."
        )
    return " ".join(told)


def _mark(difference: Difference | None) -> str:
    if difference is None or difference.p >= SIGNIFICANT:
        return ""
    return ABOVE if difference.mean > 0 else BELOW


def _labels(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(row.label for row in rows))


def _field_name(measure: str) -> str:
    return {"RR@10": "MRR@10"}.get(measure, measure)
