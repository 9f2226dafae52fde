"""The records of a run as a table for the terminal."""

from collections.abc import Iterable, Mapping

from rich.table import Table

from harness.store import Record

METRICS = ("nDCG@10", "RR@10", "R@10", "R@100")


def record_table(records: Iterable[Record]) -> Table:
    """Return the table: a line for all test queries and one for the unseen, a record."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("method")
    for column in ("seed", "budget", "spent", "effort"):
        table.add_column(column, justify="right")
    table.add_column("queries")
    for column in (*METRICS, "visited", "MACs", "scan+route", "ms"):
        table.add_column(column, justify="right")
    for record in records:
        _add(table, record)
    return table


def training_lines(records: Iterable[Record]) -> list[str]:
    """Return a line a method and seed that says what was trained, and for how long."""
    lines = {}
    for record in records:
        if record.status == "ok":
            told = record.training
            parts = " and ".join(told["trained_parts"]) or "nothing"
            lines[record.method, record.seed] = (
                f"{record.method}, seed {record.seed}: trained the encoder's {parts}, "
                f"{told['encoder_updates']:,} updates, {told['seconds']:.0f} s; "
                f"encoded in {told['precision']}"
            )
    return list(lines.values())


def failures(records: Iterable[Record]) -> list[str]:
    """Return a line for every record that is not ok."""
    return [
        f"{record.method} at {_budget(record)}: {record.status}: {record.reason}"
        for record in records
        if record.status != "ok"
    ]


def _add(table: Table, record: Record) -> None:
    cell = [record.method, str(record.seed), _budget(record)]
    if record.status != "ok":
        table.add_row(*cell, record.status)
        return
    cost = [
        _percent(record.visited),
        _percent(record.macs),
        f"{_percent(record.scan_macs)}+{_percent(record.route_macs)}",
        f"{record.latency_ms['p50']:.3f}" if record.latency_ms else "",
    ]
    effort = [_percent(record.spent), str(record.effort)]
    table.add_row(*cell, *effort, f"all {record.queries}", *_values(record.metrics), *cost)
    if record.metrics_unseen is not None and record.queries_unseen != record.queries:
        unseen = f"unseen {record.queries_unseen}"
        table.add_row("", "", "", "", "", unseen, *_values(record.metrics_unseen))


def _values(metrics: Mapping[str, float] | None) -> list[str]:
    return [f"{metrics[name]:.3f}" if metrics else "" for name in METRICS]


def _budget(record: Record) -> str:
    return "-" if record.budget is None else f"{100 * record.budget:g} %"


def _percent(fraction: float | None) -> str:
    return "" if fraction is None else f"{100 * fraction:.2f}"
