"""Draw and write all figures of a dataset."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from harness.report.dataset_report import DatasetReport
from harness.report.figures.curves import quality_against_cost, recall_against_throughput
from harness.report.figures.learning import Bar, ablation_bars, leaf_histogram, training_curves
from harness.report.figures.style import styled, write_figure
from harness.report.rows.ablation import MEASURE, AblationRow
from harness.report.rows.frontier import AXES


def draw(report: DatasetReport, folder: Path) -> None:
    """Write every figure the records allow, as `folder`/DATASET-FIGURE.pdf and .png."""
    measured, name = report.records, report.records.title
    with styled():
        for axis in AXES:
            if any(axis.cost(row) is not None for row in report.rows):
                figure = quality_against_cost(report.rows, report.measure, axis)
                write_figure(figure, folder / f"{report.name}-{axis.name}")
        if any(row.queries_per_second and row.overlap for row in report.rows):
            recall = measured.rows("R@100") if "R@100" in measured.measures else []
            figure = recall_against_throughput(report.rows, recall)
            write_figure(figure, folder / f"{report.name}-throughput")
        if report.leaves is not None:
            sizes = np.array([len(leaf) for leaf in report.leaves])
            write_figure(leaf_histogram(sizes, name), folder / f"{report.name}-leaves")
        for budget, bars in _by_budget(measured.ablation()).items():
            figure = ablation_bars(bars, MEASURE, f"{name} at {budget}")
            write_figure(figure, folder / f"{report.name}-ablation-{budget.replace(' ', '')}")
        if report.history:
            write_figure(training_curves(report.history, name), folder / f"{report.name}-training")


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
