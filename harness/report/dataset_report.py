"""All that a report says of one dataset: what goes into its tables, its figures and its page."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from harness.datasets.dataset import Dataset
from harness.datasets.hpo_hierarchy import read_hierarchy
from harness.report.paper.headline import headlines
from harness.report.paper.table import field_measures, paper_tables
from harness.report.paper.typeset import Table
from harness.report.rows.comparison import baseline_label, left_out
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.source_texts import load_again
from harness.report.rows.tree import Leaf, describe, find_tree
from methods.base import Positions
from methods.errors import unknown

USUAL_BASELINE = "ivf"


class DatasetReport:
    """What was measured on a dataset, and what follows from it.

    `notes` say what is left out; a part adds to them when it is first asked for.

    Raise InputError where the measure was not measured or nothing was measured of the baseline.
    """

    def __init__(
        self, measured: DatasetRecords, name: str, baseline: str | None, measure: str | None
    ) -> None:
        self.measured = measured
        self.name = name
        self.measure = _measure(measured, measure)
        self.rows = measured.rows(self.measure)
        self.notes: list[str] = []
        self.baseline = self._baseline(baseline)

    @cached_property
    def tables(self) -> list[Table]:
        """The tables a paper would print, one for every kind of budget."""
        return paper_tables(self.measured, self.name, self.baseline)

    @cached_property
    def headlines(self) -> list[str]:
        """The sentences."""
        return headlines(self.rows, self.measure)

    @cached_property
    def dataset(self) -> Dataset | None:
        """The dataset itself, if it can be had."""
        loaded = load_again(self.measured)
        if isinstance(loaded, Dataset):
            return loaded
        self.notes.append(loaded)
        return None

    @cached_property
    def leaves(self) -> list[Positions] | None:
        """The documents of every leaf of a learned tree, if a record leads to one."""
        found = find_tree(self.measured)
        if found is None and any(record.method == "ehi" for record in self.measured.ok):
            self.notes.append(f"no tree of {self.measured.dataset}: no record leads to its files")
        return found

    @cached_property
    def tree(self) -> list[Leaf] | None:
        """The leaves in words, which needs the dataset's texts."""
        if self.leaves is None or self.dataset is None:
            return None
        held = np.unique(np.concatenate(self.leaves))
        if not np.array_equal(held, np.arange(len(self.dataset.corpus))):
            self.notes.append(f"no tree of {self.measured.dataset}: it is of another corpus")
            return None
        hierarchy = read_hierarchy() if self.measured.dataset == "hpo" else None
        return describe(self.leaves, self.dataset.corpus, hierarchy)

    @cached_property
    def history(self) -> Sequence[Mapping[str, Any]]:
        """The losses of EHI's training by epoch, of the first record that leads to them."""
        for record in self.measured.ok:
            encoder = self.measured.artifact(record, "encoder")
            if record.method == "ehi" and encoder is not None:
                note = json.loads((encoder / "training.json").read_text(encoding="utf-8"))
                history: list[Mapping[str, Any]] = note["history"]
                return history
        return []

    def _baseline(self, asked: str | None) -> str | None:
        labels = dict.fromkeys(row.label for row in self.rows)
        usual = [row.label for row in self.rows if row.method == USUAL_BASELINE]
        if asked is None and len(set(usual)) != 1:
            self.notes.append(
                f"no baseline on {self.measured.dataset}: choose one with --baseline, "
                f"of {', '.join(labels)}"
            )
            return None
        label = baseline_label(self.rows, asked or usual[0])
        self.notes += left_out(self.rows, label).values()
        return label


def _measure(measured: DatasetRecords, asked: str | None) -> str:
    if asked is not None:
        if asked not in measured.measures:
            raise unknown("measure", asked, measured.measures)
        return asked
    field = [name for name in field_measures(measured.dataset) if name in measured.measures]
    return field[0] if field else measured.measures[0]
