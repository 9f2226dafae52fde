"""What each arm of an ablation comes to against the full method: records become rows."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from harness.measure.budget import Budget
from harness.report.numbers import Spread, spread
from harness.report.rows.comparison import Difference, compare
from harness.report.rows.summary import QueryValues, Row, summarise
from harness.store.record import Record

MEASURE = "nDCG@10"
CSV_COLUMNS = (
    *("arm", "dataset", "budget", "budget_by", "seeds", "mean", "deviation"),
    *("difference", "p", "macs", "largest_over_mean", "entropy", "dead"),
)


@dataclass(frozen=True)
class AblationRow:
    """An arm at a budget, over its seeds.

    `difference` from the full method has the p of a paired randomisation test over the queries,
    corrected by Holm for all rows; None for the full method itself, and where the seeds are not
    those of the full method. `balance` holds what tells how evenly documents are spread over
    leaves, by name, empty for an index without.
    """

    arm: str
    summary: Row
    difference: Difference | None
    balance: Mapping[str, Spread]

    @property
    def quality(self) -> Spread:
        """The mean of nDCG@10 over seeds."""
        return self.summary.metrics[MEASURE]


def ablation_rows(
    arms: Mapping[str, Sequence[Record]], per_query: Mapping[str, QueryValues]
) -> list[AblationRow]:
    """Return a row for every arm and budget that was measured, arm by arm.

    Args:
        arms: The records of every arm by its name, those of the full method first.
        per_query: The values of nDCG@10 by query id, by cell.

    Raises:
        InputError: If two records of an arm have the same seed, or other queries.
    """
    full = next(iter(arms))
    summaries = {
        arm: [replace(row, label=arm) for row in _by_budget(summarise(records, per_query))]
        for arm, records in arms.items()
    }
    whole = {_at(row): row.seeds for row in summaries[full]}
    pairs = [(arm, row) for arm, rows in summaries.items() for row in rows]
    comparable = [row for arm, row in pairs if arm == full or whole.get(_at(row)) == row.seeds]
    differences: dict[tuple[str, object], Difference | None] = {}
    if any(row.label != full for row in comparable):
        found = compare(comparable, full).differences
        differences = {
            (row.label, _at(row)): difference
            for row, difference in zip(comparable, found, strict=True)
        }
    return [
        AblationRow(arm, row, differences.get((arm, _at(row))), _balance(arms[arm], row))
        for arm, row in pairs
    ]


def ablation_csv(rows: Sequence[AblationRow]) -> str:
    """Return a header and a line a row, with empty cells for what a row has no value for."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in rows:
        of, difference = row.summary, row.difference
        balance = (row.balance.get(name) for name in ("largest_over_mean", "entropy", "dead"))
        writer.writerow(
            [
                *(
                    row.arm,
                    of.dataset,
                    of.budget.limit,
                    of.budget.kind,
                    " ".join(map(str, of.seeds)),
                ),
                *(row.quality.mean, row.quality.deviation),
                *((difference.mean, difference.p) if difference else (None, None)),
                *(value.mean if value else None for value in (of.macs, *balance)),
            ]
        )
    return text.getvalue()


def _by_budget(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.budget.sort_key)


def _at(row: Row) -> tuple[str, Budget]:
    return row.dataset, row.budget


def _balance(records: Sequence[Record], row: Row) -> dict[str, Spread]:
    kept = [
        asdict(record.result.postings)
        for record in records
        if record.result is not None
        and (record.dataset, record.budget) == _at(row)
        and record.result.postings is not None
    ]
    return {name: spread([postings[name] for postings in kept]) for name in (kept or [{}])[0]}
