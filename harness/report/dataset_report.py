"""Everything that a report shows of one dataset, for its tables, figures and page."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from harness.datasets.dataset import Dataset
from harness.datasets.hpo_hierarchy import read_hierarchy
from harness.measure.quality import measures_within, unmeasured
from harness.report.findings.baselines import SUBJECT
from harness.report.findings.sentences import Findings, state_findings
from harness.report.findings.stated import KINDS
from harness.report.findings.verdicts import Verdict, verdicts
from harness.report.labels import retired_setting_lines
from harness.report.paper.claims_table import claims_table
from harness.report.paper.differences import difference_tables
from harness.report.paper.menus import menu_edge_table, trials_table
from harness.report.paper.overspent import overspent_table
from harness.report.paper.table import field_measures, paper_tables
from harness.report.paper.typeset import Table
from harness.report.rows.comparison import baseline_label, incomparable_rows
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.leaders import Leader, find_leaders
from harness.report.rows.published import read_published
from harness.report.rows.source_texts import load_measured_dataset
from harness.report.rows.summary import Row
from harness.report.rows.tree import Leaf, describe_leaves, find_leaves
from harness.store.artifacts import TRAINING
from methods.base import Positions

DEFAULT_BASELINE = "ivf"


class DatasetReport:
    """The measurements on a dataset, and the tables, sentences and tree that follow from them.

    The constructor raises InputError if the measure or the baseline was not measured.
    """

    def __init__(
        self, records: DatasetRecords, name: str, baseline: str | None, measure: str | None
    ) -> None:
        self.records = records
        self.name = name
        self.measure = _choose_measure(records, measure)
        self.rows = records.rows(self.measure)
        # What a reader needs to know, such as what is left out. Properties add to it on first use.
        self.notes = retired_setting_lines(records.records)
        self.baseline = self._choose_baseline(baseline)

    @cached_property
    def tables(self) -> list[Table]:
        """The tables of a paper by kind of budget, those of differences, and those of caveats."""
        reservations = [self.trials, self.menu_edges, self.overspent]
        return [
            *paper_tables(self.records, self.name, self.baseline),
            *self._claims(),
            *difference_tables(self.records, self.name, self.baseline),
            *(table for table in reservations if table is not None),
        ]

    @cached_property
    def findings(self) -> Findings:
        """The findings as sentences, by the question that they answer."""
        return state_findings(self.rows, self.measure)

    @property
    def competing(self) -> list[Row]:
        """The rows that compete in quality at a budget, and not in the cost of a quality."""
        return [row for row in self.rows if not row.budget.is_quality]

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """The verdicts on the subject against every other method, by kind of budget and budget."""
        rows = self.competing
        subjects = dict.fromkeys(row.label for row in rows if row.method == SUBJECT)
        found = [each for subject in subjects for each in verdicts(rows, subject)]
        return sorted(found, key=lambda verdict: list(KINDS).index(verdict.budget.kind))

    @cached_property
    def leaders(self) -> list[Leader]:
        """The first method of every budget at which all can be compared."""
        return find_leaders(self.competing, self.measure)

    @property
    def headlines(self) -> list[str]:
        """The findings, as sentences in one list."""
        return self.findings.sentences

    @cached_property
    def trials(self) -> Table | None:
        """How many combinations of settings each method tried, if any chose some."""
        return trials_table(self.records.records, self.name)

    @cached_property
    def menu_edges(self) -> Table | None:
        """The settings whose best value is at the edge of its menu, if there are any."""
        return menu_edge_table(self.records.records, self.name)

    @cached_property
    def overspent(self) -> Table | None:
        """The methods that exceed their budgets on the test queries, if there are any."""
        return overspent_table(self.rows, self.name)

    @cached_property
    def dataset(self) -> Dataset | None:
        """The dataset itself, if it can be loaded."""
        loaded = load_measured_dataset(self.records)
        if isinstance(loaded, Dataset):
            return loaded
        self.notes.append(loaded)
        return None

    @cached_property
    def leaves(self) -> list[Positions] | None:
        """The documents of every leaf of EHI's tree, if one is still on disk."""
        leaves = find_leaves(self.records)
        in_folders = [r for r in self.records.ok if self.records.folder(r.cell) is not None]
        if leaves is None and any(record.method == "ehi" for record in in_folders):
            self.notes.append(
                f"no tree of {self.records.title}: its files are not in the run folder"
            )
        return leaves

    @cached_property
    def tree(self) -> list[Leaf] | None:
        """The leaves in words, for which the texts of the dataset are needed."""
        if self.leaves is None or self.dataset is None:
            return None
        documents = np.unique(np.concatenate(self.leaves))
        if not np.array_equal(documents, np.arange(len(self.dataset.corpus))):
            self.notes.append(f"no tree of {self.records.title}: it indexes another corpus")
            return None
        hierarchy = read_hierarchy() if self.records.dataset == "hpo" else None
        return describe_leaves(self.leaves, self.dataset.corpus, hierarchy)

    @cached_property
    def history(self) -> Sequence[Mapping[str, Any]]:
        """The losses of EHI's training by epoch, of the first record that still has its files."""
        for record in self.records.ok:
            encoder = self.records.artifact(record, "encoder")
            if record.method == "ehi" and encoder is not None:
                training = json.loads((encoder / TRAINING).read_text(encoding="utf-8"))
                history: list[Mapping[str, Any]] = training["history"]
                return history
        return []

    def _claims(self) -> list[Table]:
        """Return the table of what papers claim, or none if the records can test no claim."""
        claims = [claim for file in read_published() for claim in file.claims.values()]
        table = claims_table(claims, self.records, self.name)
        return [] if table is None else [table]

    def _choose_baseline(self, baseline: str | None) -> str | None:
        labels = dict.fromkeys(row.label for row in self.rows)
        default = [row.label for row in self.rows if row.method == DEFAULT_BASELINE]
        if baseline is None and len(set(default)) != 1:
            self.notes.append(
                f"no baseline on {self.records.title}: choose one of {', '.join(labels)} "
                "with --baseline"
            )
            return None
        label = baseline_label(self.rows, baseline or default[0])
        self.notes += incomparable_rows(self.rows, label).values()
        return label


def _choose_measure(records: DatasetRecords, measure: str | None) -> str:
    if measure is not None:
        if measure not in records.measures:
            raise unmeasured(measure, records.measures)
        return measure
    # A measure that a smaller depth already has is not tested again, in another family of tests.
    answered = measures_within(records.smaller_depth) if records.smaller_depth else ()
    asked = [name for name in records.measures if name not in answered] or records.measures
    usual = [name for name in field_measures(records.dataset) if name in asked]
    return usual[0] if usual else asked[0]
