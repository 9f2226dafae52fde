from collections.abc import Sequence
from io import StringIO
from typing import Any

from rich.console import Console

from harness.report.numbers import Spread
from harness.report.rows.summary import Row
from harness.report.terminal.summary import summary_table
from harness.report.terminal.table import print_table
from tests.harness.report.fake_run import row

IVF = row(
    "ivf",
    0.1,
    0.45,
    seeds=(0, 1),
    metrics={"nDCG@10": Spread(0.45, 0.141)},
    spent=Spread(0.09, 0.01),
    macs=Spread(0.2, 0.0),
    latency_p50_ms=Spread(0.25, 0.0),
)
BM25 = row("bm25", None, 1.0, spent=Spread(0.07, None), macs=None, interval=(1.0, 1.0))


def cells(rows: Sequence[Row]) -> list[str]:
    """Return the lines of a table, header first, with | between the cells."""
    columns = summary_table(rows, "nDCG@10").columns
    texts = [[str(column.header), *map(str, column.cells)] for column in columns]
    return ["|".join(line) for line in zip(*texts, strict=True)]


def test_the_table_shows_cost_and_quality_of_every_row():
    assert cells([IVF, BM25]) == [
        "method|budget|seeds|spent|MACs|ms|nDCG@10|95 % interval",
        "ivf|10 %|2|9.00|20.00|0.250|.450 ± .141|[.400, .700]",
        "bm25|-|1|7.00|||1.000|[1.000, 1.000]",
    ]


def test_seen_and_unseen_queries_have_a_column_each():
    parts: dict[str, Any] = {
        "parts": {"seen": {"nDCG@10": Spread(0.8, 0.1)}, "unseen": {}},
        "part_counts": {"seen": 40, "unseen": 20},
    }
    rows = [row("ivf", 0.1, 0.5), row("ehi", 0.1, 0.6, **parts)]
    lines = [line.split("|")[-3:] for line in cells(rows)]
    assert [line[:2] for line in lines] == [["seen", "unseen"], ["-", "-"], [".800", "-"]]
    caption = str(summary_table([rows[1]], "nDCG@10").caption)
    assert caption.endswith("unseen ones, which have none: 40 seen and 20 unseen.")


def test_a_summary_fits_100_columns():
    parts: dict[str, Any] = {
        "seeds": (0, 1, 2),
        "metrics": {"nDCG@10": Spread(0.755, 0.003)},
        "parts": {part: {"nDCG@10": Spread(0.8, 0.1)} for part in ("seen", "unseen")},
        "part_counts": {"seen": 40, "unseen": 20},
        "spent": Spread(0.1, 0.0),
        "latency_p50_ms": Spread(0.245, 0.0),
    }
    rows = [row("faiss-hnsw", 0.1, 0.5, **parts), row("ivf", 0.1, 0.5, **parts)]
    console = Console(width=100, file=StringIO())
    print_table(console, summary_table(rows, "nDCG@10"))
    assert "…" not in console.file.getvalue()  # type: ignore[attr-defined]
    assert "faiss-hnsw" in console.file.getvalue()  # type: ignore[attr-defined]


def test_several_datasets_have_a_column():
    table = cells([row("ivf", 0.1, 0.5), row("ivf", 0.1, 0.5, dataset="e")])
    assert [line.split("|")[:2] for line in table] == [
        ["dataset", "method"],
        ["d", "ivf"],
        ["e", "ivf"],
    ]


def test_chosen_values_have_a_column():
    table = cells([row("ivf", 0.1, 0.5, chosen="ivf.lists=8")])
    assert [line.split("|")[2] for line in table] == ["chosen", "ivf.lists=8"]


def test_what_was_spent_is_in_the_unit_of_its_budget():
    rows = [
        row("ivf", 0.5, 0.5, kind="latency", spent=Spread(0.25, None)),
        row("ivf", 0.5, 0.5, kind="macs", spent=Spread(0.25, None)),
    ]
    lines = [line.split("|") for line in cells(rows)[1:]]
    assert [(line[1], line[3]) for line in lines] == [("0.5 ms", "0.250"), ("50 % MACs", "25.00")]


def test_the_caption_names_measure_and_queries():
    assert summary_table([row("ivf", 0.1, 0.5)], "nDCG@10").caption == (
        "nDCG@10: mean ± standard deviation over seeds, and the bootstrap interval over 60 queries "
        "of d."
    )


def test_chosen_values_are_folded_so_that_names_and_numbers_stay_whole():
    values = ", ".join(f"section.setting_{number}=1024" for number in range(6))
    rows = [row("ehi-encoder+scann", 0.1, 0.5, chosen=values)]
    console = Console(width=100, file=StringIO())
    print_table(console, summary_table(rows, "nDCG@10"))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "ehi-encoder+scann" in shown and ".500" in shown and "…" not in shown
    assert shown.count("section.setting_") == 6
