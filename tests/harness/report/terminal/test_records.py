from io import StringIO
from typing import Any

from rich.console import Console
from rich.table import Table

from harness.measure.budget import BudgetKind
from harness.measure.quality import CUTOFFS, measures_within
from harness.report.terminal.records import FULL_WIDTH, record_tables
from harness.store.record import Choice, Record, Selection, Trial
from tests.harness.store.fake_records import BROKEN, make_record, make_selection

METRICS = dict.fromkeys(CUTOFFS, 0.5)


def ivf(**fields: Any) -> Record:
    return make_record(**{"metrics": METRICS, **fields})


def column(table: Table, header: str) -> list[str]:
    return list(map(str, table.columns[headers(table).index(header)].cells))


def headers(table: Table) -> list[str]:
    return [str(each.header) for each in table.columns]


def test_costs_are_per_cent_of_exact_search():
    (table,) = record_tables([ivf(visited=0.1, scan_macs=0.08, route_macs=0.02)], FULL_WIDTH)
    shown = [column(table, name) for name in ("budget", "visited", "MACs", "scan+route", "ms")]
    assert shown == [["10 %"], ["10.00"], ["10.00"], ["8.00+2.00"], ["0.250"]]


def test_costs_from_a_sample_of_the_queries_are_marked():
    (table,) = record_tables([ivf(visited=0.1, exact=False)], FULL_WIDTH)
    assert column(table, "visited") == ["~10.00"]


def half_seen() -> Record:
    return ivf(
        queries=100,
        queries_seen=50,
        metrics_seen=dict.fromkeys(CUTOFFS, 0.75),
        queries_unseen=40,
        metrics_unseen=dict.fromkeys(CUTOFFS, 0.25),
    )


def test_seen_and_unseen_queries_have_a_column_each():
    (table,) = record_tables([half_seen()], FULL_WIDTH)
    names = ("nDCG@10", "seen", "unseen", "RR@10")
    assert [column(table, name) for name in names] == [["0.500"], ["0.750"], ["0.250"], ["0.500"]]
    assert str(table.caption).startswith("d: 100 test queries, 50 seen, 40 unseen. nDCG@10 of the")


def test_the_seen_queries_of_an_older_record_are_the_rest():
    record = ivf(queries=100, queries_unseen=40, metrics_unseen=dict.fromkeys(CUTOFFS, 0.2))
    (table,) = record_tables([record], FULL_WIDTH)
    assert column(table, "seen") == ["0.700"]


def test_a_part_that_is_all_or_none_of_the_queries_has_no_column():
    record = ivf(queries=100, queries_unseen=100, metrics_unseen=METRICS)
    (table,) = record_tables([record], FULL_WIDTH)
    assert not {"seen", "unseen"} & set(headers(table))
    assert table.caption == "d: 100 test queries."


def chosen(method: str, kind: BudgetKind, tried: int) -> Record:
    """Return a record that chose among some of the two combinations of its menu."""
    menu = {f"{method}.beam": ("fixed", "mass")}
    trial = Trial({f"{method}.beam": "mass"}, 0.5)
    choice = Choice("nDCG@10", (0,), (trial,) * tried)
    return make_record(
        method, kind=kind, cell=f"{method}-{kind}", selection=Selection(menu, choice)
    )


def test_the_caption_says_how_many_combinations_each_method_tried():
    records = [chosen("ivf", "visited", 2), chosen("tree", "visited", 1)]
    assert record_tables(records, 200)[0].caption == (
        "d: 100 test queries. Combinations of settings tried: ivf all 2, tree 1 of 2."
    )
    records.append(chosen("ivf", "latency", 1))
    assert str(record_tables(records, 200)[0].caption).endswith(
        "Combinations of settings tried, by documents visited: ivf all 2, tree 1 of 2. "
        "Combinations of settings tried, by time per query: ivf 1 of 2."
    )


def test_only_measures_within_the_depth_are_shown():
    shallow = ivf(metrics=dict.fromkeys(measures_within(10), 0.5), depth=10)
    (table,) = record_tables([shallow], FULL_WIDTH)
    assert "R@100" not in headers(table) and "depth" not in headers(table)


def test_records_of_two_depths_show_them_and_a_dash_for_what_one_lacks():
    shallow = make_record("hnsw", metrics=dict.fromkeys(measures_within(10), 0.5), depth=10)
    (table,) = record_tables([shallow, ivf()], FULL_WIDTH)
    assert column(table, "depth") == ["10", "100"]
    assert column(table, "R@100") == ["-", "0.500"]


def test_a_table_of_quality_fits_100_columns():
    console = Console(width=100, file=StringIO())
    for table in record_tables([half_seen()], 100):
        assert console.measure(table).minimum <= 100


def test_a_record_without_a_result_shows_its_status():
    (table,) = record_tables([make_record("hnsw", failure=BROKEN)], FULL_WIDTH)
    assert [column(table, name) for name in ("method", "budget", "spent")] == [
        ["hnsw"],
        ["10 %"],
        ["failed"],
    ]


def test_a_narrow_terminal_gets_quality_and_cost_in_two_tables():
    quality, cost = record_tables([ivf()], FULL_WIDTH - 1)
    assert column(quality, "nDCG@10") == ["0.500"] and column(cost, "ms") == ["0.250"]
    assert "ms" not in headers(quality) and "nDCG@10" not in headers(cost)


def test_chosen_values_have_a_column_and_need_a_wider_terminal():
    record = ivf(selection=make_selection({"ivf.lists": [8, 16]}, (0, 1), ivf__lists=8))
    assert len(record_tables([record], FULL_WIDTH)) == 2
    (table,) = record_tables([record], FULL_WIDTH + len("ivf.lists=8 "))
    assert column(table, "chosen") == ["ivf.lists=8"]
    assert "chosen" not in headers(record_tables([ivf()], FULL_WIDTH)[0])
