import numpy as np
import pytest

from harness.report.figures.learning import Bar, ablation_bars, leaf_histogram, training_curves
from harness.report.figures.style import CANVASES

COLUMN = CANVASES[0]


def test_the_histogram_counts_every_leaf():
    figure = leaf_histogram(np.array([0, 3, 3, 9, 12]), "d", COLUMN)
    (axes,) = figure.axes
    assert sum(bar.get_height() for bar in axes.patches) == 5
    assert "5 leaves, largest 12, empty 1" in axes.get_title()


def test_every_loss_has_a_panel_with_the_epochs_that_recorded_it():
    history = [{"epoch": 0, "semantic": 2.0}, {"epoch": 1, "semantic": 1.0, "indexing": 0.5}]
    figure = training_curves(history, "d", COLUMN)
    drawn = {axes.get_title(): axes.lines[0].get_xydata().tolist() for axes in figure.axes}
    assert drawn == {"semantic": [[0, 2], [1, 1]], "indexing": [[1, 0.5]]}


def test_bars_are_differences_from_the_full_method():
    bars = [
        Bar("full", 0.75, 0.01),
        Bar("without a", 0.70, None),
        Bar("without b", 0.76, 0.02),
    ]
    (axes,) = ablation_bars(bars, "nDCG@10", "d", COLUMN).axes
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([0, -0.05, 0.01])
    assert [label.get_text() for label in axes.get_yticklabels()] == [bar.label for bar in bars]
