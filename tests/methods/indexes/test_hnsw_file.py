"""The graph read from a file is the one that hnswlib holds in memory."""

from pathlib import Path

import numpy as np
import pytest

from methods.indexes.hnsw_file import read_graph

hnswlib = pytest.importorskip("hnswlib")


def test_the_file_contains_the_graph_that_hnswlib_pickles(tmp_path: Path):
    vectors = np.random.default_rng(5).normal(size=(3000, 24)).astype(np.float32)
    index = hnswlib.Index(space="ip", dim=24)
    index.init_index(4000, M=6, ef_construction=40, random_seed=3)  # capacity for more than 3000
    labels = np.random.default_rng(0).permutation(3000)
    index.add_items(vectors, labels)
    index.mark_deleted(int(labels[5]))
    index.save_index(str(tmp_path / "graph"))
    graph = read_graph(tmp_path / "graph")

    state = index.__getstate__()[0]
    level0 = state["data_level0"].view(np.uint8).reshape(3000, -1)
    assert (graph.entry, graph.top) == (state["enterpoint_node"], state["max_level"])
    assert graph.top >= 2
    assert np.flatnonzero(graph.removed).tolist() == [5]
    assert np.array_equal(graph.vectors[np.argsort(graph.documents)], vectors[np.argsort(labels)])
    upper, room = state["link_lists"].view(np.uint32), 1 + 6
    start = 0
    for node in range(3000):
        links = level0[node, : 4 + 4 * 12].view(np.uint32)
        count = links[0] & 0xFFFF  # above it is the mark of a removed node
        assert np.array_equal(graph.neighbours(0, node), links[1 : 1 + count])
        for level in range(1, state["element_levels"][node] + 1):
            row = upper[start : start + room]
            assert np.array_equal(graph.neighbours(level, node), row[1 : 1 + row[0]])
            start += room
    assert start == len(upper)


def test_a_file_with_another_layout_is_rejected(tmp_path: Path):
    index = hnswlib.Index(space="ip", dim=2)
    index.init_index(3)
    index.add_items(np.eye(3, 2, dtype=np.float32))
    index.save_index(str(tmp_path / "graph"))
    content = bytearray((tmp_path / "graph").read_bytes())
    content[24] += 8  # the low byte of the size of a node
    (tmp_path / "graph").write_bytes(content)
    with pytest.raises(
        ValueError, match=r"expected nodes of 148 bytes as in hnswlib 0\.8, got 156"
    ):
        read_graph(tmp_path / "graph")
