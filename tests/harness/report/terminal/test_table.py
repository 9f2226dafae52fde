"""No number and no name is cut, in terminals of any width."""

from io import StringIO

import pytest
from rich.console import Console

from harness.report.rows.ablation import AblationRow
from harness.report.rows.comparison import Comparison
from harness.report.rows.difference import Difference
from harness.report.rows.drift import drift_differences, drift_rows
from harness.report.terminal.ablation import ablation_table
from harness.report.terminal.comparison import comparison_table
from harness.report.terminal.drift import drift_difference_table, drift_table
from harness.report.terminal.records import record_tables
from harness.report.terminal.summary import summary_table
from harness.report.terminal.table import TerminalTable, print_table
from tests.harness.report.fake_drift import make_drift
from tests.harness.report.fake_run import row
from tests.harness.store.fake_records import BROKEN, make_record, make_selection

WIDTHS = [1, 20, 40, 60, 79, 80, 81, 100, 101, 120, 140, 200]


def printed(table: TerminalTable, width: int) -> str:
    console = Console(width=width, file=StringIO())
    print_table(console, table)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def words_of(table: TerminalTable) -> set[str]:
    cells = [cell for column in table.columns for cell in (column.header, *column.cells)]
    return {word for cell in cells for word in str(cell).split()}


def long_record(method: str, chosen: bool, depth: int = 100) -> TerminalTable:
    selection = make_selection({"ivf.lists": [8, 16]}, (0, 1), ivf__lists=8) if chosen else None
    fields = {"settings": {"ivf": {"lists": 8}}, "selection": selection, "depth": depth}
    records = [
        make_record(method, 0.05, cell="a", dataset="d", **fields),
        make_record(method, 0.05, cell="b", dataset="d", **{**fields, "selection": None}),
        make_record("hnsw", failure=BROKEN),
    ]
    return record_tables(records, 200)[0]


WORSE = Difference(-0.032, 0.008, 1.0, 0.03)
LONG = [row("ehi-encoder+faiss-hnsw", 0.1, 0.5, dataset=name) for name in ("hpo", "beir:scifact")]
DRIFT = [make_drift(arm, seed=seed) for seed in (0, 1) for arm in ("added", "rebuilt")]
DRIFT_ROWS = drift_rows(DRIFT, {record.cell: [0.4, 0.6] for record in DRIFT})
TABLES = {
    "records": long_record("ehi-encoder+hnsw", chosen=False),
    "records with menus": long_record("ivf+router+hnsw", chosen=True),
    "summary": summary_table(LONG, "nDCG@10"),
    "comparison": comparison_table(LONG, "nDCG@10", Comparison("ivf", [WORSE, WORSE], LONG)),
    "ablation": ablation_table([AblationRow("without_everything", LONG[0], WORSE, {}, {})]),
    "drift": drift_table(DRIFT_ROWS, 0.2),
    "drift differences": drift_difference_table(drift_differences(DRIFT_ROWS)),
}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", TABLES)
def test_every_word_and_number_is_whole(name: str, width: int):
    text = printed(TABLES[name], width)
    assert "…" not in text and words_of(TABLES[name]) <= set(text.split())


def made(caption: str = "") -> TerminalTable:
    table = TerminalTable(names=1, caption=caption)
    table.add_headers(("method", "quality", "cost"), texts=("method",))
    table.add_row("flat", "0.500", "100")
    table.add_row("a graph", "0.400", "7")
    return table


def test_a_table_that_fits_is_one_table():
    assert printed(made(), 22).splitlines() == [
        "method   quality  cost",
        "flat       0.500   100",
        "a graph    0.400     7",
    ]


def test_names_are_wrapped_between_words_before_the_table_is_split():
    assert printed(made(), 21).splitlines() == [
        "method  quality  cost",
        "flat      0.500   100",
        "a         0.400     7",
        "graph                ",
    ]


def test_a_table_that_is_too_wide_becomes_several_with_the_names_of_the_rows():
    text = printed(made("What the columns mean."), 17)
    assert [line.rstrip() for line in text.splitlines()] == [
        "method   quality",
        "flat       0.500",
        "a graph    0.400",
        "",
        "method   cost",
        "flat      100",
        "a graph     7",
        "What the columns",
        "mean.",
    ]


def test_lines_are_wider_than_the_terminal_if_nothing_else_helps():
    assert printed(made(), 8).splitlines()[:2] == ["method  quality", "flat      0.500"]
