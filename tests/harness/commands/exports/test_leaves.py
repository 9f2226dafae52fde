"""`ehibench export leaves`: a database that reads some leaves finds what the run found."""

from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
import pytest
from click.testing import Result

from harness.commands.exports.leaves import write_leaves
from methods.base import Resources
from methods.indexes.ivf import IvfIndex, IvfSettings
from tests.harness.exported_cells import embeddings, run_of

pytest.importorskip("pyarrow")
from pyarrow import parquet

Export = Callable[..., Result]


@pytest.mark.parametrize("name", ["lists", "linear"])
def test_duckdb_finds_in_the_nearest_leaves_what_the_run_found(
    cells: dict[str, Path], export: Export, name: str
):
    duckdb = pytest.importorskip("duckdb")
    done = export(cells[name], "leaves.parquet", kind="leaves")
    assert done.exit_code == 0, done.output
    assert export(cells[name], "index.faiss").exit_code == 0
    index = faiss.read_index("index.faiss")
    queries = np.load(embeddings(cells[name]) / "test.npy")[:5]
    vectors = index.chain.at(0).apply(queries) if hasattr(index, "chain") else queries
    lists = faiss.extract_index_ivf(index)
    _, nearest = lists.quantizer.search(vectors, lists.nprobe)
    wanted = list(run_of(cells[name]).ranking(cells[name].name).values())[:5]
    for query, leaves, documents in zip(queries, nearest, wanted, strict=True):
        found = duckdb.execute(
            "SELECT id FROM 'leaves.parquet' WHERE leaf IN (SELECT unnest(?)) "
            f"ORDER BY array_inner_product(vector::FLOAT[{len(query)}], ?::FLOAT[{len(query)}]) "
            "DESC LIMIT 10",
            [leaves.tolist(), query.tolist()],
        ).fetchall()
        assert [row[0] for row in found] == documents[:10]


def test_rows_are_sorted_by_leaf_with_one_for_each_copy(cells: dict[str, Path], export: Export):
    done = export(cells["paper, height 3"], "leaves.parquet", kind="leaves")
    assert done.exit_code == 0, done.output
    table = parquet.read_table("leaves.parquet").to_pydict()
    assert table["leaf"] == sorted(table["leaf"])
    counts = np.unique(table["id"], return_counts=True)[1]
    assert len(counts) == 300 and set(counts) == {2}


def test_a_reader_can_skip_the_groups_of_other_leaves(tmp_path: Path):
    random = np.random.default_rng(0)
    documents = random.normal(size=(20_000, 4)).astype(np.float32)
    index = IvfIndex(IvfSettings(lists=64), Resources("cpu", tmp_path))
    index.build(documents, 0, None)
    ids = [f"d{position}" for position in range(len(documents))]
    assert write_leaves(index, documents, ids, tmp_path / "leaves.parquet") == 20_000
    metadata = parquet.ParquetFile(tmp_path / "leaves.parquet").metadata
    groups = [metadata.row_group(i).column(1).statistics for i in range(metadata.num_row_groups)]
    assert len(groups) == 10
    assert len([group for group in groups if group.min <= 40 <= group.max]) <= 2


def test_a_method_without_lists_is_refused(cells: dict[str, Path], export: Export):
    done = export(cells["exact"], "leaves.parquet", kind="leaves")
    assert done.exit_code == 2 and "no posting lists" in done.output
