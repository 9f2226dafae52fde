from dataclasses import replace

from harness.report.page.tree_loads import tree_loads
from harness.report.rows.dataset_records import DatasetRecords
from tests.harness.store.fake_records import POSTINGS, make_record


def test_a_method_is_one_row_per_number_of_leaves_over_its_seeds():
    fuller = replace(POSTINGS, largest=4, largest_over_mean=4.0, dead=1)
    more = replace(POSTINGS, leaves=16, mean=0.5, largest=1, largest_over_mean=2.0, dead=8)
    records = [
        make_record("ehi", 0.1, seed=0, postings=POSTINGS),
        make_record("ehi", 0.1, seed=1, postings=fuller),
        make_record("ehi", 0.2, postings=more),
        make_record("hnsw", 0.1),
    ]
    table = tree_loads(DatasetRecords("d", records, {}))
    assert table is not None
    assert [[cell.value for cell in row] for row in table.rows] == [
        ["ehi", "8", "1", "3 to 4", "3 to 4", "1 to 2"],
        ["ehi", "16", "0.5", "1", "2", "8"],
    ]


def test_without_leaves_and_lists_there_is_no_table():
    assert tree_loads(DatasetRecords("d", [make_record("hnsw", 0.1)], {})) is None
