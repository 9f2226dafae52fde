"""What `ehibench show` does, from its options to the printed records."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from harness.report.labels import failures, retired_setting_lines, training_lines
from harness.report.rows.comparison import compare
from harness.report.rows.csv_export import records_to_csv
from harness.report.rows.selection import select
from harness.report.rows.summary import summarise
from harness.report.terminal.records import record_tables
from harness.report.terminal.summary import summary_table
from harness.store.record import Record
from harness.store.record_json import record_to_json
from harness.store.run_folder import RunFolder
from methods.errors import InputError, unknown


@dataclass(frozen=True)
class ShowOptions:
    """The options of `ehibench show` as they were given; an empty choice means all."""

    folder: Path
    methods: Sequence[str]
    datasets: Sequence[str]
    budgets: Sequence[float]
    against: str | None
    measure: str
    as_json: bool
    as_csv: bool


def show_records(options: ShowOptions, output: Console) -> None:
    """Print the chosen records, and what they come to over seeds or against a baseline.

    Raise InputError where options exclude each other or choose what is not there.
    """
    _check_forms(options)
    folder = RunFolder(options.folder)
    records = select(
        folder.records(),
        _parts("--method", options.methods),
        _parts("--dataset", options.datasets),
        options.budgets or None,
    )
    if options.as_json:
        output.out(
            json.dumps([record_to_json(record) for record in records], indent=1), highlight=False
        )
    elif options.as_csv:
        output.out(records_to_csv(records), highlight=False, end="")
    else:
        _print_tables(options, folder, records, output)


def _print_tables(
    options: ShowOptions, folder: RunFolder, records: Sequence[Record], output: Console
) -> None:
    measured = [record for record in records if record.status == "ok"]
    _check_measure(measured, options.measure)
    for table in record_tables(records, output.width):
        output.print(table)
    for line in [*training_lines(records), *retired_setting_lines(records), *failures(records)]:
        output.print(line, soft_wrap=True, highlight=False, markup=False)
    several_seeds = len({record.seed for record in measured}) > 1
    if options.against is None and not several_seeds:
        return
    per_query = {r.cell: folder.values(r.cell, options.measure) for r in measured}
    rows = summarise(records, per_query)
    comparison = compare(rows, options.against) if options.against is not None else None
    output.print()
    output.print(summary_table(rows, options.measure, comparison))


def _check_forms(options: ShowOptions) -> None:
    if options.as_json and options.as_csv:
        raise InputError("--json and --csv exclude each other; choose one")
    if options.against is not None and (options.as_json or options.as_csv):
        raise InputError("--against prints a table; leave out --json and --csv, or --against")


def _check_measure(measured: Sequence[Record], measure: str) -> None:
    for record in measured:
        metrics = record.measured.quality.metrics
        if measure not in metrics:
            raise unknown("measure", measure, metrics)


def _parts(option: str, values: Sequence[str]) -> list[str] | None:
    parts = [part.strip() for value in values for part in value.split(",") if part.strip()]
    if values and not parts:
        raise InputError(f"{option} names nothing; leave it out to show all")
    return parts or None
