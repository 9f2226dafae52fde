"""A drift in the terminal."""

from dataclasses import replace

from rich.console import Console
from rich.table import Table

from harness.plan.drift import ARMS
from harness.report.rows.drift import drift_differences, drift_rows
from harness.report.terminal.drift import drift_difference_table, drift_failures, drift_table
from harness.report.terminal.table import print_table
from harness.store.record import Failure
from tests.harness.report.fake_drift import make_drift

RECORDS = [make_drift(arm, seed=seed) for seed in (0, 1) for arm in ARMS]
ROWS = drift_rows(RECORDS, {record.cell: [0.4, 0.6] for record in RECORDS})


def lines(table: Table) -> list[str]:
    """Return the lines of a table, header first, with | between the cells."""
    texts = [[str(column.header), *map(str, column.cells)] for column in table.columns]
    return ["|".join(line) for line in zip(*texts, strict=True)]


def test_each_arm_has_a_line():
    assert lines(drift_table(ROWS, 0.2)) == [
        "method|budget|arm|nDCG@10|seen|unseen|first|later|R@10|visited|MACs|effort|max/mean|seconds",
        "ivf|10 %|added|.500 ± .000|.550|.300|.600|.400|.700|10.00|11.00|4|3.0|0.2",
        "||rebuilt|.500 ± .000|.550|.300|.600|.400|.700|10.00|11.00|4|3.0|2.0",
        "||retrained|.500 ± .000|.550|.300|.600|.400|.700|10.00|11.00|4|3.0|32.0",
    ]


def test_the_table_fits_into_120_columns_and_says_what_it_shows():
    wide = drift_rows(
        [replace(record, method="ehi-encoder+hnsw") for record in RECORDS],
        {record.cell: [0.4, 0.6] for record in RECORDS},
    )
    console = Console(width=120)
    with console.capture() as capture:
        print_table(console, drift_table(wide, 0.2))
    text = " ".join(capture.get().split())
    assert "…" not in text and "seconds" in text.split("ehi-encoder")[0]
    assert "About 20 % of the documents arrive later." in text
    assert "nDCG@10: mean over the seeds 0, 1, for 10 test queries" in text
    assert "for 6 whose relevant documents were all there first, and for 4 with a later one" in text
    assert "unseen ones, which have none: 8 seen and 2 unseen. Visited" in text


def test_each_difference_has_its_verdict():
    table = drift_difference_table(drift_differences(ROWS))
    assert [line.split("|")[:6] for line in lines(table)] == [
        ["method", "budget", "from", "difference", "seen", "unseen"],
        ["ivf", "10 %", "rebuilt", "+.000", "+.000", "+.000"],
        ["ivf", "10 %", "retrained", "+.000", "+.000", "+.000"],
    ]
    assert "Not tested: the differences of the seen queries" in str(table.caption)
    assert "Holm-corrected for 2 comparisons" in str(table.caption)


def test_a_reason_is_printed_once():
    failure = Failure("InputError", "it cannot add documents")
    failed = [replace(make_drift("added", seed=s), result=None, failure=failure) for s in (0, 1)]
    assert drift_failures([*failed, *RECORDS]) == ["ivf, added: it cannot add documents"]
