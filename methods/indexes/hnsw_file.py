"""Read the graph from a file of hnswlib by memory map, since hnswlib does not expose it."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from methods.indexes.graph_search import LayeredGraph, Nodes

HEADER = np.dtype(
    [
        ("level0_offset", "<u8"),
        ("capacity", "<u8"),
        ("nodes", "<u8"),
        ("node_bytes", "<u8"),
        ("label_offset", "<u8"),
        ("vector_offset", "<u8"),
        ("top", "<i4"),
        ("entry", "<u4"),
        ("upper_neighbours", "<u8"),
        ("base_neighbours", "<u8"),
        ("neighbours", "<u8"),
        ("level_factor", "<f8"),
        ("ef_construction", "<u8"),
    ]
)
"""The header that `saveIndex` of hnswlib 0.8.0 writes, where size_t has 8 bytes."""


def read_graph(path: Path) -> LayeredGraph:
    """Map a file of hnswlib 0.8 into memory, without copying it.

    The header is followed by the nodes, each with its links on level 0, its vector and its label,
    which is the document's position; then by the links of each node on the levels above, preceded
    by their size in bytes. Raise ValueError if the header describes a different layout of nodes.
    """
    header = np.fromfile(path, HEADER, count=1)[0]
    nodes, base_neighbours = int(header["nodes"]), int(header["base_neighbours"])
    dimensions = (int(header["label_offset"]) - int(header["vector_offset"])) // 4
    layout = np.dtype(
        [
            ("count", "<u2"),
            ("removed", "<u2"),
            ("links", "<u4", (base_neighbours,)),
            ("vector", "<f4", (dimensions,)),
            ("label", "<i8"),
        ]
    )
    if layout.itemsize != header["node_bytes"]:
        raise ValueError(
            f"{path}: expected nodes of {layout.itemsize} bytes as in hnswlib 0.8, "
            f"got {header['node_bytes']}; build the index again"
        )
    base = np.asarray(np.memmap(path, layout, "r", HEADER.itemsize, (nodes,)))
    end = HEADER.itemsize + base.nbytes
    words = np.asarray(np.memmap(path, "<u4", "r", end))
    return LayeredGraph(
        vectors=base["vector"],
        documents=base["label"],
        entry=int(header["entry"]),
        top=int(header["top"]),
        neighbours=_Links(base, words, int(header["upper_neighbours"])),
        removed=base["removed"],
    )


class _Links:
    """The links of every node on every level."""

    def __init__(self, base: NDArray[Any], words: NDArray[np.uint32], capacity: int) -> None:
        """Find where the links of each node begin in `words`, the links above level 0.

        `capacity` is the number of links that a node has room for on each of these levels.
        """
        self._counts, self._links, self._words = base["count"], base["links"], words
        self._level_words = 1 + capacity
        self._starts: dict[int, int] = {}
        sizes, offset = words.data, 0  # reading items of the buffer is faster
        for node in range(len(base)):
            length = sizes[offset] // 4
            if length:
                self._starts[node] = offset + 1
            offset += 1 + length

    def __call__(self, level: int, node: int) -> Nodes:
        if level == 0:
            return self._links[node, : self._counts[node]]
        start = self._starts[node] + (level - 1) * self._level_words
        return self._words[start + 1 : start + 1 + int(self._words[start])]
