"""Compare each arm of an ablation with the full method, over seeds."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from harness.measure.budget import Budget
from harness.measure.mean_difference import MeanDifference
from harness.measure.quality import MEASURE
from harness.report.numbers import Spread, spread
from harness.report.rows.comparison import compare
from harness.report.rows.difference import Difference, estimate_difference
from harness.report.rows.summary import QueryValues, Row, shown_parts, summarise
from harness.store.quality import PARTS, Part
from harness.store.record import Record

CSV_COLUMNS = (
    *("arm", "dataset", "budget", "budget_by", "seeds", "mean", "deviation", *PARTS),
    *("difference", "p", "detectable", "verdict", "low", "high"),
    *(f"{part}_{value}" for part in PARTS for value in ("difference", "low", "high")),
    *("macs", "largest_over_mean", "entropy", "dead"),
)


@dataclass(frozen=True)
class AblationRow:
    """An arm at a budget, over its seeds.

    All differences of an ablation are one family. There is none for the full method itself, nor
    for an arm with other seeds than the full method.
    """

    arm: str
    summary: Row
    difference: Difference | None  # from the full method
    balance: Mapping[str, Spread]  # of harness.store.record.Postings; empty for an index without
    estimates: Mapping[Part | None, MeanDifference]  # of the difference; None: on all queries

    @property
    def quality(self) -> Spread:
        """The mean of nDCG@10 over seeds."""
        return self.summary.metrics[MEASURE]


def ablation_rows(
    arms: Mapping[str, Sequence[Record]],
    per_query: Mapping[str, QueryValues],
    is_unseen: QueryValues,
) -> list[AblationRow]:
    """Return one row per arm and budget, arm by arm.

    Args:
        arms: The records of each arm by its name, the full method first.
        per_query: The values of nDCG@10 by query id, by cell.
        is_unseen: 1 for every unseen query, and 0 for the others.

    Raises:
        InputError: If two records of an arm have the same seed, or different queries.
    """
    full = next(iter(arms))
    summaries = {
        arm: [replace(row, label=arm) for row in _by_budget(summarise(records, per_query))]
        for arm, records in arms.items()
    }
    full_rows = {_group(row): row for row in summaries[full]}
    pairs = [(arm, row) for arm, rows in summaries.items() for row in rows]
    full_seeds = {group: row.seeds for group, row in full_rows.items()}
    comparable = [
        row for arm, row in pairs if arm == full or full_seeds.get(_group(row)) == row.seeds
    ]
    differences: dict[tuple[str, object], Difference | None] = {}
    if any(row.label != full for row in comparable):
        compared = compare(comparable, full).differences
        differences = {
            (row.label, _group(row)): difference
            for row, difference in zip(comparable, compared, strict=True)
        }
    result = []
    for arm, row in pairs:
        group = _group(row)
        difference = differences.get((arm, group))
        estimates = {} if difference is None else _estimates(row, full_rows[group], is_unseen)
        result.append(AblationRow(arm, row, difference, _balance(arms[arm], row), estimates))
    return result


def ablation_csv(rows: Sequence[AblationRow]) -> str:
    """Return a header and one line per row; a cell is empty if the row has no value for it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in rows:
        summary, difference = row.summary, row.difference
        balance = (row.balance.get(name) for name in ("largest_over_mean", "entropy", "dead"))
        writer.writerow(
            [
                *(
                    row.arm,
                    summary.dataset,
                    summary.budget.limit,
                    summary.budget.kind,
                    " ".join(map(str, summary.seeds)),
                ),
                *(row.quality.mean, row.quality.deviation),
                *(summary.part_mean(part, MEASURE) for part in PARTS),
                *_difference_cells(difference, row.estimates),
                *(value.mean if value else None for value in (summary.macs, *balance)),
            ]
        )
    return text.getvalue()


def _difference_cells(
    difference: Difference | None, estimates: Mapping[Part | None, MeanDifference]
) -> Sequence[object]:
    if difference is None:
        return (None,) * (6 + 3 * len(PARTS))
    tested = (difference.mean, difference.p, difference.detectable, difference.conclusion)
    of_parts = [value for part in PARTS for value in _interval_cells(estimates.get(part))]
    return *tested, *estimates[None].interval, *of_parts


def _interval_cells(estimate: MeanDifference | None) -> Sequence[object]:
    return (None,) * 3 if estimate is None else (estimate.mean, *estimate.interval)


def _estimates(row: Row, full: Row, is_unseen: QueryValues) -> dict[Part | None, MeanDifference]:
    """Estimate the difference on all queries, and on each part that has some of them but not all.

    Where some queries have no relevant document, which ones are seen is not known.
    """
    estimates: dict[Part | None, MeanDifference] = {None: estimate_difference(row, full)}
    for part in shown_parts([row]):
        ids = [query for query in row.per_query if bool(is_unseen[query]) == (part == "unseen")]
        if len(ids) == row.part_counts[part]:
            estimates[part] = estimate_difference(_among(row, ids), _among(full, ids))
    return estimates


def _among(row: Row, queries: Sequence[str]) -> Row:
    """Return the row with the values of these queries alone."""
    per_seed = {
        seed: {query: values[query] for query in queries} for seed, values in row.per_seed.items()
    }
    return replace(row, per_seed=per_seed)


def _by_budget(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.budget.sort_key)


def _group(row: Row) -> tuple[str, Budget]:
    return row.dataset, row.budget


def _balance(records: Sequence[Record], row: Row) -> dict[str, Spread]:
    postings = [
        asdict(record.result.postings)
        for record in records
        if record.result is not None
        and (record.dataset, record.budget) == _group(row)
        and record.result.postings is not None
    ]
    names = postings[0] if postings else ()
    return {name: spread([values[name] for values in postings]) for name in names}
