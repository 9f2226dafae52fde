from typing import Any

from rich.table import Table

from harness.measure.quality import MEASURES
from harness.report.terminal.records import FULL_WIDTH, record_tables
from harness.store.record import Record
from tests.harness.store.fake_records import BROKEN, make_record, make_selection

METRICS = dict.fromkeys(map(str, MEASURES), 0.5)


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


def test_unseen_queries_have_a_second_line():
    record = ivf(queries=100, queries_unseen=40, metrics_unseen=dict.fromkeys(METRICS, 0.25))
    (table,) = record_tables([record], FULL_WIDTH)
    assert column(table, "queries") == ["all 100", "unseen 40"]
    assert column(table, "nDCG@10") == ["0.500", "0.250"]


def test_there_is_no_second_line_if_all_queries_are_unseen():
    record = ivf(queries=100, queries_unseen=100, metrics_unseen=METRICS)
    (table,) = record_tables([record], FULL_WIDTH)
    assert column(table, "queries") == ["all 100"]


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
