from harness.regression.check import Check
from harness.report.check.lines import HEADERS, legend
from harness.report.check.terminal import regression_table


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
