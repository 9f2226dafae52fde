"""Make the table a paper would print for a dataset: methods by budgets, in the field's measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.measure.budget import Budget, BudgetKind
from harness.report.labels import CEILING, PART_MEANINGS
from harness.report.paper.cost_table import cost_table
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.comparison import compare_where_possible
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.difference import Conclusion, Difference, name_test
from harness.report.rows.summary import Row, shown_parts
from harness.store.quality import Part

FIELD = (
    ("scifact", ("R@10",)),
    ("fiqa", ("R@10",)),
    ("nq320k", ("R@10", "R@100")),
    ("trec-dl-2019", ("nDCG@10",)),
    ("msmarco", ("RR@10", "nDCG@10")),
)
"""The measures that papers report on datasets whose names contain the word; the first counts."""
DEFAULT_MEASURES = ("nDCG@10", "R@100")
VISITED: BudgetKind = "visited"
MARKS = {Conclusion.BETTER: "†", Conclusion.WORSE: "‡", Conclusion.EQUAL: "≈"}
Section = list[list[Entry]]
RowKey = tuple[str, Budget]
"""A row's label and budget, which distinguish it from the others of its dataset."""


def field_measures(dataset: str) -> tuple[str, ...]:
    """Return the measures that papers report on a dataset."""
    matching = (measures for word, measures in FIELD if word in dataset.lower())
    return next(matching, DEFAULT_MEASURES)


def paper_tables(measured: DatasetRecords, name: str, baseline: str | None) -> list[Table]:
    """Return one table for every kind of budget that was measured, each named after `name`.

    If methods had to reach a quality, a table shows their costs; otherwise it shows the quality.

    Exact search and other methods without a budget are at the bottom and do not compete. If there
    is a baseline, marks show which rows are better or worse than it, or equal to it.
    """
    rows = {measure: measured.rows(measure) for measure in table_measures(measured)}
    tested = {measure: _differences(own, baseline) for measure, own in rows.items()}
    by_measure = {measure: {_row_key(row): row for row in own} for measure, own in rows.items()}
    first = next(iter(rows.values()))
    kinds = dict.fromkeys(row.budget.kind for row in first if not row.budget.unlimited)
    tables = []
    for kind in kinds or {VISITED: None}:
        own_name = name if kind == VISITED else f"{name}-{kind}"
        if Budget(kind, None).is_quality:
            tables.append(cost_table(first, kind, own_name))
        else:
            grid = _Grid(kind, by_measure, tested, baseline)
            tables.append(_table(grid, own_name, measured.title))
    return tables


def table_measures(measured: DatasetRecords) -> list[str]:
    """Return the measures that the field uses for a dataset, as far as they were measured."""
    measures = [m for m in field_measures(measured.dataset) if m in measured.measures]
    return measures or measured.measures[:1]


def _differences(rows: Sequence[Row], baseline: str | None) -> dict[RowKey, Difference]:
    """Return the differences from the baseline, for the rows that can be compared with it."""
    if baseline is None:
        return {}
    compared = compare_where_possible(rows, baseline).pairs(rows)
    return {_row_key(row): difference for row, _, difference in compared}


def _row_key(row: Row) -> RowKey:
    """Return the key of a row among the rows of its dataset."""
    return row.label, row.budget


@dataclass(frozen=True)
class _Grid:
    """A dataset's rows by measure and key, and the entries of a table for one kind of budget."""

    kind: BudgetKind
    by_measure: Mapping[str, Mapping[RowKey, Row]]
    tested: Mapping[str, Mapping[RowKey, Difference]]
    baseline: str | None

    @property
    def rows(self) -> list[Row]:
        """All rows, with the values of the first measure."""
        return list(next(iter(self.by_measure.values())).values())

    @property
    def competing(self) -> list[Row]:
        """The rows with a budget of this kind."""
        return [
            row for row in self.rows if not row.budget.unlimited and row.budget.kind == self.kind
        ]

    @property
    def references(self) -> list[Row]:
        """The rows without a budget, the ceiling last."""
        free = [row for row in self.rows if row.budget.unlimited]
        return sorted(free, key=lambda row: row.method == CEILING)

    def sections(self, columns: Sequence[tuple[str, Budget]], part: Part | None) -> list[Section]:
        """Return the competing and the reference rows of all queries, or of a part of them."""
        suffix = "" if part is None else f", {part}"
        labels = dict.fromkeys(row.label for row in self.competing)
        return [
            [
                [Entry(label + suffix), *(self._cell(label, *column, part) for column in columns)]
                for label in labels
            ],
            [
                [
                    Entry(row.label + suffix),
                    *(self._plain(row, measure, part) for measure, _ in columns),
                ]
                for row in self.references
            ],
        ]

    def _cell(self, label: str, measure: str, budget: Budget, part: Part | None) -> Entry:
        """Return the entry of a competing method at a budget."""
        row = self.by_measure[measure].get((label, budget))
        entry = Entry("-") if row is None else self._plain(row, measure, part)
        if row is None or entry.number is None:
            return entry
        best = round(entry.number, 3) == self._best(measure, budget, part)
        mark = _mark(self.tested[measure].get(_row_key(row))) if part is None else ""
        return replace(entry, bold=best, mark=mark)

    def _plain(self, row: Row, measure: str, part: Part | None) -> Entry:
        """Return a row's mean and deviation as an entry, without bold and mark."""
        found = self.by_measure[measure][_row_key(row)]
        spread = (found.metrics if part is None else found.parts.get(part, {})).get(measure)
        return (
            Entry("-") if spread is None else Entry(number=spread.mean, deviation=spread.deviation)
        )

    def _best(self, measure: str, budget: Budget, part: Part | None) -> float:
        rivals = [self._plain(row, measure, part) for row in self.competing if row.budget == budget]
        return max(round(rival.number, 3) for rival in rivals if rival.number is not None)


def _table(grid: _Grid, name: str, dataset: str) -> Table:
    budgets = sorted({row.budget for row in grid.competing}, key=lambda budget: budget.sort_key)
    unlimited = Budget(grid.kind, None)
    columns = [(measure, budget) for measure in grid.tested for budget in budgets or (unlimited,)]
    heads = [
        Column("" if budget.unlimited else budget.label, field_name(measure))
        for measure, budget in columns
    ]
    parts: list[Part | None] = [None, *shown_parts(grid.rows)]
    sections = [section for part in parts for section in grid.sections(columns, part)]
    return Table(
        name,
        f"{dataset}: quality at equal budgets",
        _caption(grid),
        [Column("method", numeric=False), *heads],
        [section for section in sections if section],
        kind=grid.kind,
    )


def _caption(grid: _Grid) -> str:
    """Return the caption: what budgets limit, the number of seeds, and the test behind marks."""
    seeds = sorted({len(row.seeds) for row in grid.rows})
    sentences = [f"Budgets limit {Budget(grid.kind, None).definition}."]
    if seeds == [1]:
        sentences.append("One seed.")
    else:
        counts = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
        sentences.append(f"Mean ± standard deviation over {counts} seeds.")
    parts = shown_parts(grid.rows)
    each = ", for all queries and for each part of them" if parts else ""
    sentences.append(f"Bold: the highest mean of each column among methods with a budget{each}.")
    if any(row.method == CEILING for row in grid.references):
        sentences.append("Exact search is the ceiling.")
    counted = {len(differences) for differences in grid.tested.values()} - {0}
    if grid.baseline is not None and counted:
        queries, plural = len(grid.rows[0].per_query), "s" if max(counted) > 1 else ""
        marks = ", ".join(f"{mark} {conclusion}" for conclusion, mark in MARKS.items())
        sentences.append(
            f"Against {grid.baseline} at the same budget: {marks}, without a mark "
            f"{Conclusion.UNKNOWN}; by {name_test(grid.rows)}, for {queries:,} queries, p < .05 "
            f"after Holm's correction for {max(counted)} comparison{plural} per measure."
        )
    if parts:
        counts = " and ".join(f"{grid.rows[0].part_counts[part]:,} {part}" for part in parts)
        sentences.append(f"Below are the means of the {PART_MEANINGS}: {counts}.")
    return " ".join(sentences)


def _mark(difference: Difference | None) -> str:
    return "" if difference is None else MARKS.get(difference.conclusion, "")


def field_name(measure: str) -> str:
    """Return the name that papers give a measure."""
    return {"RR@10": "MRR@10"}.get(measure, measure)
