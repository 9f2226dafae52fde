from harness.report.page.preparation_table import preparation_table
from harness.report.rows.dataset_records import DatasetRecords
from harness.store.record import Durations
from tests.harness.store.fake_records import make_record


def test_a_method_is_one_row_from_its_smallest_to_its_largest_number():
    records = [
        make_record("ivf", 0.1, durations=Durations(train=30.0, build=1.5, measure=2.0)),
        make_record("ivf", 0.2, durations=Durations(train=30.0, build=1200.0, measure=2.0)),
        make_record("bm25", None, training=None),
    ]
    table = preparation_table(DatasetRecords("d", records, {}))
    ivf, bm25 = table.rows
    values = dict(zip((column.name for column in table.columns), ivf, strict=True))
    assert values["method"].value == "ivf"
    assert values["training, s"].value == "30" and values["updates"].value == "3,600"
    assert values["building, s"].value == "1.5 to 1,200" and values["building, s"].number == 1200
    assert bm25[2].value == "0"
