"""Cells and trained encoders keep the names that ehibench 0.1 gave them.

`../records_0_1.jsonl` holds the records of a run of every method, made by ehibench 0.1.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.config import load_settings, result_settings, sections
from harness.measure.budget import Budget
from harness.plan.cells import Cell
from harness.plan.hashed_identity import component_identity, with_added_defaults
from harness.plan.job import Job
from harness.plan.menu import Menu
from harness.retired_settings import without_retired_defaults
from harness.store.artifacts import Artifacts
from methods.registry import method

LINES = (Path(__file__).parents[1] / "records_0_1.jsonl").read_text().splitlines()
RECORDS = [json.loads(line) for line in LINES]
UNCHANGED = [
    record
    for record in RECORDS
    if record["method"] != "ivfpq"
    and all(part.version == 1 for part in method(record["method"]).parts)
]
"""The records of methods that still exist and whose results are still those of 0.1."""


def job_of(record: dict[str, Any]) -> Job:
    """The job that a record's settings describe, planned today."""
    current = without_retired_defaults(record["settings"])
    recorded = with_added_defaults(record["method"], current)
    settings = dict(load_settings("quick"))
    settings |= {name: sections()[name](**values) for name, values in recorded.items()}
    data, encoder = (record["provenance"][key] for key in ("dataset_sha256", "encoder_sha256"))
    row = method(record["method"])
    return Job(record["dataset"], row, settings, record["seed"], data, encoder, "cuda")


@pytest.mark.parametrize("record", UNCHANGED, ids=[record["cell"] for record in UNCHANGED])
def test_a_cell_of_0_1_keeps_its_name(record: dict[str, Any]):
    menu = None
    if record["menu"]:
        values = {name: tuple(values) for name, values in record["menu"].items()}
        menu = Menu(values, tuple(record["chosen"]["seeds"]))
    budget = Budget(record["budget_by"], record["budget"])
    assert Cell(job_of(record), budget, menu, depth=100).name == record["cell"]


@pytest.mark.parametrize("record", UNCHANGED, ids=[record["cell"] for record in UNCHANGED])
def test_artifacts_of_0_1_keep_their_folders(record: dict[str, Any]):
    artifacts = Artifacts.for_job(job_of(record), Path("trained"))
    folders = {"learned": artifacts.learned, "index": artifacts.index}
    for name, folder in record["artifacts"].items():
        if name in folders:
            assert folders[name].as_posix() == folder


def test_the_records_cover_every_method_of_0_1():
    assert len({record["method"] for record in RECORDS}) == 12


def test_only_methods_whose_results_have_changed_have_new_names():
    changed = {record["method"] for record in RECORDS} - {r["method"] for r in UNCHANGED}
    graphs = {"hnsw", "faiss-hnsw", "ehi-encoder+hnsw"}  # which keep as many as a query asks for
    trees = {"ehi", "ehi-frozen", "ivf+router", "ehi-encoder+ivf"}  # learned without hard negatives
    assert changed == {"bm25", "scann", "ivfpq", *graphs, *trees}


def test_a_component_is_named_by_its_version_and_not_by_its_file():
    ivf = method("ivf").index
    assert component_identity(replace(ivf, target="elsewhere:Ivf")) == component_identity(ivf)
    assert component_identity(replace(ivf, version=2)) == "ivf, version 2"
    assert component_identity(replace(ivf, name="of_a_plugin")) == "of_a_plugin, version 1"


def test_another_loss_of_the_dual_encoder_makes_another_cell_of_its_methods_alone():
    record = next(record for record in UNCHANGED if record["method"] == "ivf")
    for name, changes in (("ivf", True), ("ehi-frozen", True), ("ehi", False)):
        softmax = replace(job_of(record), method=method(name))
        margin = load_settings("quick", ["dual_encoder.contrastive=margin"])["dual_encoder"]
        other = replace(softmax, settings={**softmax.settings, "dual_encoder": margin})
        names = {Cell(job, Budget("visited", 0.1), None, depth=10).name for job in (softmax, other)}
        assert (len(names) == 2) is changes


def short_job(name: str, way: str) -> Job:
    settings = load_settings("quick", [f"short.lists_by={way}"])
    return Job("hpo", method(name), settings, 0, "dataset", "encoder", "cpu")


def test_lists_of_short_vectors_were_once_found_by_short_vectors():
    old = {"training": {}, "short": {"by": "pca", "rank": 64, "rescore": 30}}
    assert with_added_defaults("ivf+short", old)["short"]["lists_by"] == "short"
    whole, short = (short_job("ivf+short", way) for way in ("whole", "short"))
    assert whole.name != short.name and whole.index_key != short.index_key


def test_what_an_index_has_no_use_for_changes_no_name_and_is_not_recorded():
    ways = [short_job("hnsw+short", way) for way in ("whole", "short")]
    assert ways[0].name == ways[1].name and ways[0].index_key == ways[1].index_key
    assert "lists_by" not in result_settings(ways[0].method, ways[0].settings)["short"]
    old = {"training": {}, "short": {"by": "pca", "rank": 64, "rescore": 30}}
    assert with_added_defaults("hnsw+short", old)["short"] == old["short"]
