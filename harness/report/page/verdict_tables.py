"""The tables of the subject against one rival per budget: both means, and the test of them."""

from collections.abc import Sequence
from itertools import groupby

from harness.report.dataset_report import DatasetReport
from harness.report.findings.baselines import FROZEN
from harness.report.findings.sentences import closest_baselines
from harness.report.findings.verdicts import Verdict
from harness.report.numbers import probability, short
from harness.report.paper.differences import part_entries
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.difference import PART_DIFFERENCES
from harness.report.rows.summary import shown_parts
from harness.store.quality import Part


def joint_training_table(report: DatasetReport) -> Table | None:
    """Return the subject against the same tree on a finished encoder; None without such a row."""
    found = [verdict for verdict in report.verdicts if verdict.is_against_frozen]
    return _table(
        report,
        found,
        "joint-training",
        f"{report.records.title}: what training the encoder with the tree is worth",
        f"{FROZEN} learns the same tree on the vectors of an encoder that was trained before it, "
        "with as many updates. What differs is that the encoder learns with the tree.",
    )


def best_baseline_table(report: DatasetReport) -> Table | None:
    """Return the subject against the best two-stage baseline of each budget; None without one."""
    return _table(
        report,
        closest_baselines(report.verdicts, report.measure),
        "best-baseline",
        f"{report.records.title}: against the best two-stage baseline of each budget",
        "The best baseline is the one with the highest mean on the same queries.",
    )


def _table(
    report: DatasetReport, found: Sequence[Verdict], name: str, title: str, caption: str
) -> Table | None:
    if not found:
        return None
    parts = shown_parts(verdict.own for verdict in found)
    return Table(
        f"{report.name}-{name}",
        title,
        f"{caption} p-values are corrected for all comparisons with one kind of budget. "
        "Detectable: the smallest difference that the test finds in 80 % of all cases."
        f"{f' {PART_DIFFERENCES}' if parts else ''}",
        [
            Column("budget", numeric=False),
            Column("method", numeric=False),
            Column(report.measure),
            Column("rival", numeric=False),
            Column("its"),
            *(Column(head) for head in ("difference", *parts, "corrected", "detectable")),
            Column("verdict", numeric=False),
        ],
        [
            [_entries(verdict, report.measure, parts) for verdict in of_kind]
            for _, of_kind in groupby(found, key=lambda verdict: verdict.budget.kind)
        ],
    )


def _entries(verdict: Verdict, measure: str, parts: Sequence[Part]) -> list[Entry]:
    difference = verdict.difference
    own, other = (row.metrics[measure] for row in (verdict.own, verdict.other))
    return [
        Entry(verdict.budget.label),
        Entry(verdict.own.label),
        Entry(number=own.mean, deviation=own.deviation),
        Entry(verdict.other.label),
        Entry(number=other.mean, deviation=other.deviation),
        Entry(short(difference.mean, "+"), difference.mean),
        *part_entries(verdict.own, verdict.other, measure, parts),
        Entry(probability(difference.p), difference.p),
        Entry(number=difference.detectable),
        Entry(difference.conclusion),
    ]
