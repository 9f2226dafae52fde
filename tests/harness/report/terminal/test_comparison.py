from collections.abc import Sequence

from harness.report.numbers import Spread
from harness.report.rows.comparison import Comparison
from harness.report.rows.difference import Difference
from harness.report.rows.summary import Row
from harness.report.terminal.comparison import comparison_table, difference_cells
from tests.harness.report.fake_run import row

WORSE, BETTER = Difference(-0.032, 0.008, 1.0, 0.03), Difference(0.25, 0.0001, 1.0, 0.05)
EQUAL, UNKNOWN = Difference(0.0, 1.0, 0.001, 0.002), Difference(0.004, 0.6, 0.4, 0.02)


def against_ivf(differences: list[Difference | None]) -> Comparison:
    """Return a comparison with these differences from rows of ivf, which has .5 everywhere."""
    others = [None if each is None else in_parts("ivf", 0.5, 0.5) for each in differences]
    return Comparison("ivf", differences, others)


def in_parts(method: str, seen: float, unseen: float) -> Row:
    """Return a row with these means of its 40 seen and its 20 unseen queries."""
    means = {"seen": {"nDCG@10": Spread(seen, None)}, "unseen": {"nDCG@10": Spread(unseen, None)}}
    return row(method, 0.1, 0.5, parts=means, part_counts={"seen": 40, "unseen": 20})


def cells(rows: Sequence[Row], differences: list[Difference | None]) -> list[str]:
    """Return the lines of a table, header first, with | between the cells."""
    columns = comparison_table(rows, "nDCG@10", against_ivf(differences)).columns
    texts = [[str(column.header), *map(str, column.cells)] for column in columns]
    return ["|".join(line) for line in zip(*texts, strict=True)]


def test_every_row_that_is_compared_has_its_test_and_verdict():
    rows = [row(name, 0.1, 0.5) for name in ("ivf", "ehi", "hnsw", "scann", "ivfpq")]
    assert cells(rows, [None, WORSE, BETTER, UNKNOWN, EQUAL]) == [
        "method|budget|difference|corrected|detectable|verdict",
        "ehi|10 %|-.032|p=.008|.030|worse",
        "hnsw|10 %|+.250|p<.001|.050|better",
        "scann|10 %|+.004|p=.600|.020|cannot tell",
        "ivfpq|10 %|+.000|p=1.000|.002|equal within .005",
    ]


def test_seen_and_unseen_queries_have_an_untested_difference_each():
    rows = [in_parts("ehi", 0.75, 0.375), row("hnsw", 0.1, 0.5)]
    assert cells(rows, [BETTER, WORSE]) == [
        "method|budget|difference|seen|unseen|corrected|detectable|verdict",
        "ehi|10 %|+.250|+.250|-.125|p<.001|.050|better",
        "hnsw|10 %|-.032|-|-|p=.008|.030|worse",
    ]
    caption = str(comparison_table(rows, "nDCG@10", against_ivf([BETTER, WORSE])).caption)
    assert "Not tested: the differences of the seen queries, which have" in caption


def test_several_datasets_have_a_column():
    rows = [row("ehi", 0.1, 0.5), row("ehi", 0.1, 0.5, dataset="e")]
    table = cells(rows, [WORSE, WORSE])
    assert [line.split("|")[:2] for line in table] == [
        ["dataset", "method"],
        ["d", "ehi"],
        ["e", "ehi"],
    ]


def test_the_caption_names_the_baseline_the_test_and_its_correction():
    rows = [row("ivf", 0.1, 0.5), row("ehi", 0.1, 0.6)]
    caption = str(comparison_table(rows, "nDCG@10", against_ivf([None, WORSE])).caption)
    assert caption.startswith("nDCG@10: difference from ivf at the same budget. Tested by a paired")
    assert (
        "over the queries alone, as there is one seed, Holm-corrected for 1 comparison" in caption
    )


def test_without_a_difference_the_cells_are_empty():
    assert difference_cells(None) == ("", "", "", "")
    assert difference_cells(None, (0.1, None)) == ("",) * 6
