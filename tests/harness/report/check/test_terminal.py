from io import StringIO

import pytest
from rich.console import Console

from harness.regression.check import Check
from harness.report.check.lines import HEADERS, legend
from harness.report.check.terminal import regression_table
from harness.report.terminal.table import print_table


def test_the_table_has_one_row_per_verdict(checked: Check):
    table = regression_table(checked)
    assert tuple(column.header for column in table.columns) == HEADERS
    cells = [list(map(str, column.cells)) for column in table.columns]
    assert list(zip(*cells, strict=True)) == [
        ("nDCG@10", "ehi", "5 %", "0", "passed", "0.500", "0.500", "+0.0 %", "p=1.000"),
        ("nDCG@10", "ivf", "5 %", "0", "passed", "0.500", "0.500", "+0.0 %", "p=1.000"),
        ("ms", "ehi", "5 %", "0", "regressed", "0.100", "0.200", "+100.0 %", "p<.001"),
        ("ms", "ivf", "5 %", "0", "not judged", "", "", "", ""),
    ]


def test_regressions_are_red_and_unjudged_rows_dim(checked: Check):
    assert [row.style for row in regression_table(checked).rows] == ["", "", "bold red", "dim"]


def test_the_caption_is_the_legend(checked: Check):
    assert regression_table(checked).caption == legend(checked)


@pytest.mark.parametrize("width", [20, 60, 80, 100])
def test_a_narrow_terminal_gets_every_number_and_name_whole(checked: Check, width: int):
    table, output = regression_table(checked), StringIO()
    print_table(Console(width=width, file=output), table)
    cells = {
        word for column in table.columns for cell in column.cells for word in str(cell).split()
    }
    assert "…" not in output.getvalue() and cells <= set(output.getvalue().split())
