"""The figures of a dataset, drawn and written."""

from pathlib import Path

import numpy as np

from harness.report.curves import quality_against_cost, recall_against_throughput
from harness.report.dataset_report import DatasetReport
from harness.report.figures import styled, write_figure
from harness.report.frontier import AXES
from harness.report.learning_figures import leaf_histogram, training_curves


def draw(report: DatasetReport, folder: Path) -> None:
    """Write every figure that the records give, as `folder`/DATASET-FIGURE.pdf and .png."""
    measured, name = report.measured, report.measured.dataset
    with styled():
        for axis in AXES:
            if any(axis.of(row) is not None for row in report.rows):
                figure = quality_against_cost(report.rows, report.measure, axis)
                write_figure(figure, folder / f"{report.name}-{axis.name}")
        if any(row.queries_per_second and row.overlap for row in report.rows):
            recall = measured.rows("R@100") if "R@100" in measured.measures else []
            figure = recall_against_throughput(report.rows, recall)
            write_figure(figure, folder / f"{report.name}-throughput")
        if report.leaves is not None:
            sizes = np.array([len(leaf) for leaf in report.leaves])
            write_figure(leaf_histogram(sizes, name), folder / f"{report.name}-leaves")
        if report.history:
            write_figure(training_curves(report.history, name), folder / f"{report.name}-training")
