from harness.report.page.origin import origin
from harness.report.rows.dataset_records import DatasetRecords
from tests.harness.store.fake_records import BROKEN, make_record

COMMAND = {"command": "ehibench run", "commit": "abc", "cores": 2, "versions": {"faiss": "1.12"}}


def test_records_of_one_command_are_one_run_with_their_cells_by_label():
    records = [
        make_record("ivf", seed=0, cell="a", provenance=COMMAND),
        make_record("ivf", seed=1, cell="b", provenance=COMMAND),
        make_record("hnsw", seed=0, cell="c", provenance=COMMAND),
    ]
    (run,) = origin(DatasetRecords("d", records, {}))["runs"]
    assert run["command"] == "ehibench run"
    assert run["cells"] == {"ivf": ["a", "b"], "hnsw": ["c"]}
    assert run["facts"] == {"commit": "abc", "cores": "2", "versions": "faiss 1.12"}


def test_what_microseconds_hang_on_is_listed():
    made = COMMAND | {"caches": {"L1": "32K", "L2": "1024K"}, "builds": {"faiss": "AVX2"}}
    (run,) = origin(DatasetRecords("d", [make_record(provenance=made)], {}))["runs"]
    assert run["facts"]["caches"] == "L1 32K, L2 1024K"
    assert run["facts"]["builds"] == "faiss AVX2" and "governor" not in run["facts"]


def test_the_same_command_on_another_machine_is_another_run():
    records = [
        make_record(seed=0, cell="a", provenance=COMMAND),
        make_record(seed=1, cell="b", provenance=COMMAND | {"cores": 64}),
    ]
    runs = origin(DatasetRecords("d", records, {}))["runs"]
    assert [run["facts"]["cores"] for run in runs] == ["2", "64"]
    assert [run["cells"] for run in runs] == [{"ivf": ["a"]}, {"ivf": ["b"]}]


def test_a_record_without_provenance_says_that_its_command_is_not_recorded():
    (run,) = origin(DatasetRecords("d", [make_record()], {}))["runs"]
    assert run["command"] == "not recorded" and run["facts"] == {}


def test_what_was_trained_and_what_failed_is_listed():
    records = [make_record("ivf"), make_record("hnsw", failure=BROKEN)]
    provenance = origin(DatasetRecords("d", records, {}))
    assert provenance["failed"] == ["hnsw at 10 %: failed: it broke"]
    assert provenance["trained"][0].startswith("ivf: trained the encoder's head, 3,600 updates")
