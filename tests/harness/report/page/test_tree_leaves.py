import shutil
from pathlib import Path

import numpy as np

from harness.report.dataset_report import DatasetReport
from harness.report.page.tree_leaves import LEAST_PER_LEAF, tree_leaves
from harness.report.rows.dataset_records import DatasetRecords, gather
from harness.store.artifacts import FILES
from harness.store.run_folder import RunFolder
from methods.ehi.tree_index import ROUTER
from methods.ehi.tree_router import TreeRouter
from tests.harness.report.fake_run import LEAVES, QUERIES, MadeUpRun
from tests.harness.store.fake_records import change


def with_router(run: MadeUpRun, path: Path) -> DatasetReport:
    """Return a report on a copy of the run whose tree sends query i to leaf i modulo LEAVES."""
    shutil.copytree(run.path, path)
    trained = path / "trained" / "t"
    router = TreeRouter((), (np.eye(LEAVES, dtype=np.float32)[None],), 1.0)
    router.save(trained / "indexes" / "tree-1" / FILES / ROUTER)
    (trained / "embeddings").mkdir()
    np.save(trained / "embeddings" / "test.npy", np.eye(LEAVES)[np.arange(QUERIES) % LEAVES])
    (measured,), _ = gather([RunFolder(path)])
    kept = {"embeddings": "trained/t/embeddings"}
    records = [
        change(record, artifacts={**record.measured.artifacts, **kept}) for record in measured.ok
    ]
    return DatasetReport(DatasetRecords(measured.dataset, records, measured.runs), "d", None, None)


def test_a_leaf_has_its_documents_and_the_queries_that_come_there_first(
    made_up_run: MadeUpRun, tmp_path: Path
):
    report = with_router(made_up_run, tmp_path / "run")
    leaves = tree_leaves(report)
    assert leaves is not None and report.leaves is not None
    corpus = made_up_run.dataset.corpus
    for leaf in leaves:
        documents = report.leaves[leaf["number"]].tolist()
        assert leaf["size"] == len(documents)
        assert len(leaf["documents"]) == min(20, len(documents))
        own = range(leaf["number"], QUERIES, LEAVES)
        assert leaf["queries"]["count"] == len(own)
        # The relevant document of query i is document i.
        assert leaf["queries"]["found"] == len(set(own) & set(documents))
        for position, text in zip(documents, leaf["documents"], strict=False):
            assert corpus.texts[position].startswith(text.removesuffix(" …"))


def test_large_trees_show_fewer_documents_of_each_leaf(made_up_run: MadeUpRun, tmp_path: Path):
    leaves = tree_leaves(with_router(made_up_run, tmp_path / "run"), max_texts=8)
    assert leaves is not None
    assert max(len(leaf["documents"]) for leaf in leaves) == LEAST_PER_LEAF
    assert max(len(leaf["queries"]["texts"]) for leaf in leaves) == LEAST_PER_LEAF


def test_without_its_router_a_tree_has_no_queries_and_a_note(made_up_run: MadeUpRun):
    (measured,), _ = gather([RunFolder(made_up_run.path)])
    report = DatasetReport(measured, "d", None, None)
    leaves = tree_leaves(report)
    assert leaves is not None and {leaf["queries"] for leaf in leaves} == {None}
    assert any(note.startswith("no queries by leaf of") for note in report.notes)
