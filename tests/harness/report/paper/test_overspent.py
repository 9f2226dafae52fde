from harness.report.paper.overspent import overspent_table
from harness.report.paper.typeset import to_markdown
from harness.report.rows.summary import Row, summarise
from harness.store.record import Record
from tests.harness.store.fake_records import make_record


def rows(*records: Record) -> list[Row]:
    return summarise(records, {record.cell: {"q1": 0.5} for record in records})


def test_what_spends_over_a_twentieth_more_than_its_budget_is_a_row():
    spending = [
        make_record("ivf", 0.01, spent=0.012),
        make_record("ehi", 0.01, spent=0.0104),
        make_record("hnsw", 0.05, kind="latency", spent=0.06),
    ]
    table = overspent_table(rows(*spending), "d")
    assert table is not None and table.name == "d-overspent"
    text = to_markdown(table)
    assert "| ivf | 1 % | 1.20 % |" in text
    assert "| hnsw | 0.05 ms | 0.060 ms |" in text
    assert "ehi" not in text


def test_within_the_budgets_there_is_no_table():
    within = rows(make_record("ivf", 0.01, spent=0.01), make_record("exact", None))
    assert overspent_table(within, "d") is None
