"""The results of a run, as pandas tables and matplotlib figures."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from harness.measure.quality import unmeasured
from harness.report.figures.curves import quality_against_cost
from harness.report.figures.style import CANVASES, styled
from harness.report.numbers import Spread
from harness.report.rows.comparison import compare_with_each
from harness.report.rows.csv_export import records_to_csv
from harness.report.rows.frontier import AXES
from harness.report.rows.summary import Row, summarise
from harness.store.quality import PARTS
from harness.store.record import Record
from harness.store.stored_run import StoredRun, open_run
from methods.errors import InputError, UnavailableError, missing_library

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

INSTALL_PANDAS = 'pip install "ehibench[notebook]"'


def load(path: str | PathLike[str]) -> "Run":
    """Return what a run folder holds, or a file that `ehibench baseline` wrote.

    Raise InputError if there is neither, or if it is damaged.
    """
    stored = open_run(Path(path).expanduser())
    return Run(stored.path, stored.records())


@dataclass(frozen=True)
class Run:
    """Records, and the run folder or file that they are in.

    The tables need pandas.
    """

    path: Path
    records: Sequence[Record] = field(repr=False)

    def table(self) -> "DataFrame":
        """Return one line per record, with the columns of `ehibench show --csv`."""
        return _pandas().read_csv(io.StringIO(records_to_csv(self.records)))

    def summary(self, measure: str = "nDCG@10") -> "DataFrame":
        """Return one line per method and budget: means over seeds and their deviations.

        `low` and `high` are the ends of the 95 % bootstrap interval over queries. `seen` and
        `unseen` are the means of these test queries alone. A deviation is missing if there is one
        seed. Raise InputError if the measure was not measured.
        """
        lines = [
            {
                "dataset": row.dataset,
                "method": row.label,
                "budget": row.budget.limit,
                "budget_by": row.budget.kind,
                "seeds": len(row.seeds),
                measure: row.metrics[measure].mean,
                "deviation": row.metrics[measure].deviation,
                "low": row.interval[0],
                "high": row.interval[1],
                **{part: row.part_mean(part, measure) for part in PARTS},
                "visited": _mean(row.visited),
                "macs": _mean(row.macs),
                "latency_p50_ms": _mean(row.latency_p50_ms),
                "queries_per_second": _mean(row.queries_per_second),
            }
            for row in self._rows(measure)
        ]
        return _pandas().DataFrame(lines)

    def differences(
        self, against: str | Sequence[str] = "ivf", measure: str = "nDCG@10"
    ) -> "DataFrame":
        """Return how far every method is above each baseline, at the same budget.

        All tests are one family: `p` is corrected for their number, by Holm's method.
        `detectable` is the smallest difference that the test finds in 80 % of all cases. `seen` and
        `unseen` are the differences of these test queries alone, which are not tested; they are
        missing if there are no such queries.

        Raises:
            InputError: If the measure or a baseline was not measured, or not on the same queries
                and seeds.
        """
        rows = self._rows(measure)
        names = against.split(",") if isinstance(against, str) else against
        comparisons = compare_with_each(rows, names)
        lines = [line for each in comparisons for line in each.plain(rows, measure)]
        return _pandas().DataFrame(lines)

    def figure(
        self, cost: Literal["visited", "macs", "latency"] = "visited", measure: str = "nDCG@10"
    ) -> "Figure":
        """Return the curves of quality against a cost, one per method, as reports draw them.

        Raise InputError if the measure was not measured, or if there are several datasets.
        """
        rows = self._rows(measure)
        axis = next((axis for axis in AXES if axis.name == cost), None)
        if axis is None:
            raise InputError(f"cost {cost!r} is not one of {', '.join(a.name for a in AXES)}")
        datasets = list(dict.fromkeys(row.dataset for row in rows))
        if len(datasets) != 1:
            raise InputError(f"a figure shows one dataset, not {len(datasets)}: {datasets}")
        canvas = CANVASES[0]
        with styled(canvas.theme):
            return quality_against_cost({measure: rows}, axis, canvas)

    @cached_property
    def _stored(self) -> StoredRun:
        return open_run(self.path)

    def _rows(self, measure: str) -> list[Row]:
        measured = [record for record in self.records if record.status == "ok"]
        for record in measured:
            if measure not in record.measured.quality.metrics:
                raise unmeasured(measure, record.measured.quality.metrics)
        values = {record.cell: self._stored.values(record.cell, measure) for record in measured}
        return summarise(self.records, values)


def _mean(spread: Spread | None) -> float | None:
    return None if spread is None else spread.mean


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise UnavailableError(missing_library("a table", "pandas", INSTALL_PANDAS)) from None
    return pandas
