"""Draw and write all figures of a dataset or of a growth, on every canvas."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mode
from typing import TYPE_CHECKING

import numpy as np

from harness.measure.budget import Budget
from harness.measure.quality import MEASURE
from harness.report.dataset_report import DatasetReport
from harness.report.figures.cost_bars import cost_bars
from harness.report.figures.curves import FIGURE_AXES, quality_against_cost, throughput
from harness.report.figures.growth import growth_figure
from harness.report.figures.learning import Bar, ablation_bars, leaf_histogram, training_curves
from harness.report.figures.query_time import where_time_goes
from harness.report.figures.record_axes import build_axes
from harness.report.figures.seen_unseen import parts_by_budget, seen_and_unseen
from harness.report.figures.style import CANVASES, Canvas, styled, write_figure
from harness.report.findings.reached_costs import SHARES, reached_costs
from harness.report.growth_report import GrowthReport
from harness.report.rows.ablation import AblationRow
from harness.report.rows.frontier import AXES, Axis, curves
from harness.report.rows.growth import Growth
from harness.report.rows.summary import Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MEASURES = ("nDCG@10", "R@10")
"""The measures that are drawn against cost, next to the report's own; two at most."""
Painter = Callable[[Canvas], "Figure"]
"""Draws a figure on a canvas."""


def draw(report: DatasetReport, folder: Path) -> None:
    """Write every figure the records allow: `folder`/DATASET-FIGURE.pdf and .png on each canvas."""
    _write(_painters(report), report.name, folder)


def draw_growth(report: GrowthReport, folder: Path) -> None:
    """Write one figure per cost of a search: `folder`/NAME-COST.pdf and .png on each canvas."""
    _write({axis.name: _growth(report.growth, axis) for axis in AXES}, report.name, folder)


def _write(painters: Mapping[str, Painter], stem: str, folder: Path) -> None:
    for canvas in CANVASES:
        with styled(canvas.theme):
            for name, paint in painters.items():
                write_figure(paint(canvas), folder / f"{stem}-{name}{canvas.suffix}")


def _growth(growth: Growth, axis: Axis) -> Painter:
    return lambda canvas: growth_figure(growth, axis, canvas)


def _painters(report: DatasetReport) -> dict[str, Painter]:
    """Return what can be drawn of a report, by the name of the figure."""
    measured, name = report.records, report.records.title
    budgeted = [row for row in report.rows if not row.budget.unlimited]
    painters = _contests(report) if budgeted else {}
    if parts_by_budget(report.rows, report.measure):
        painters["seen-unseen"] = lambda canvas: seen_and_unseen(
            report.rows, report.measure, canvas
        )
    if report.leaves is not None:
        sizes = np.array([len(leaf) for leaf in report.leaves])
        painters["leaves"] = lambda canvas: leaf_histogram(sizes, name, canvas)
    for budget, bars in _by_budget(measured.ablation()).items():
        painters[f"ablation-{budget.replace(' ', '')}"] = _ablation(bars, f"{name} at {budget}")
    if report.history:
        painters["training"] = lambda canvas: training_curves(report.history, name, canvas)
    return painters


def _contests(report: DatasetReport) -> dict[str, Painter]:
    """Return what can be drawn of methods with budgets, against each cost that was measured."""
    rows = [row for row in report.rows if not row.budget.unlimited]
    painters: dict[str, Painter] = {}
    for axis in FIGURE_AXES:
        if curves(rows, axis):
            painters |= {axis.name: _quality(report, axis), **_to_reach(report, axis)}
    if any(row.queries_per_second and row.overlap for row in rows):
        painters["throughput"] = lambda canvas: throughput(report.rows, canvas)
    for axis in build_axes(report.records):
        if curves(rows, axis):
            painters[axis.name] = _quality(report, axis)
    timed = [row for row in rows if row.budget == _most_frequent_budget(rows)]
    painters["query-time"] = lambda canvas: where_time_goes(report.records, timed, canvas)
    return painters


def _quality(report: DatasetReport, axis: Axis) -> Painter:
    wanted = dict.fromkeys((report.measure, *MEASURES))
    measures = [measure for measure in wanted if measure in report.records.measures][:2]
    rows = {measure: report.records.rows(measure) for measure in measures}
    return lambda canvas: quality_against_cost(rows, axis, canvas)


def _to_reach(report: DatasetReport, axis: Axis) -> dict[str, Painter]:
    """Return what it takes to reach nearly exact search's quality, if that was measured."""
    costs = {share: reached_costs(report.rows, report.measure, axis, share) for share in SHARES}
    if not all(costs.values()):
        return {}
    title = f"{report.records.title}, {report.measure}"
    return {f"{axis.name}-to-reach": lambda canvas: cost_bars(costs, axis, title, canvas)}


def _most_frequent_budget(rows: Sequence[Row]) -> Budget:
    """Return the budget with the most rows, a share of the documents if there is any.

    Under a limit on latency, all methods would take the same time.
    """
    shares = [row.budget for row in rows if row.budget.kind == "visited"]
    return mode(shares or [row.budget for row in rows])


def _ablation(bars: Sequence[Bar], title: str) -> Painter:
    return lambda canvas: ablation_bars(bars, MEASURE, title, canvas)


def _by_budget(rows: Sequence[AblationRow]) -> dict[str, list[Bar]]:
    """Return bars by budget label, for every budget at which the full method was measured."""
    bars: dict[str, list[Bar]] = {}
    full = rows[0].arm if rows else ""
    for row in rows:
        budget = row.summary.budget.label
        if row.arm == full or budget in bars:
            bars.setdefault(budget, []).append(
                Bar(row.arm, row.quality.mean, row.quality.deviation)
            )
    return bars
