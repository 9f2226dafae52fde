"""The graph in a file of hnswlib, read where it lies: hnswlib itself does not show it."""

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
"""What `saveIndex` of hnswlib 0.8.0 writes first, with its size_t of 8 bytes."""


def read_graph(path: Path) -> LayeredGraph:
    """Map a file that hnswlib 0.8 saved into memory; nothing of it is copied.

    Behind the header lie the nodes, each with its links on level 0, its vector and its label,
    the document's position; then for each node its links on the levels above, preceded by their
    bytes. Raise ValueError where the header says that nodes are laid out in another way.
    """
    header = np.fromfile(path, HEADER, count=1)[0]
    nodes, base_neighbours = int(header["nodes"]), int(header["base_neighbours"])
    dimensions = (int(header["label_offset"]) - int(header["vector_offset"])) // 4
    layout = np.dtype(
        [
            ("count", "<u2"),
            ("deleted", "<u2"),
            ("links", "<u4", (base_neighbours,)),
            ("vector", "<f4", (dimensions,)),
            ("label", "<i8"),
        ]
    )
    if layout.itemsize != header["node_bytes"]:
        raise ValueError(f"{path} is not laid out as hnswlib 0.8 does")
    base = np.asarray(np.memmap(path, layout, "r", HEADER.itemsize, (nodes,)))
    end = HEADER.itemsize + base.nbytes
    words = np.asarray(np.memmap(path, "<u4", "r", end))
    return LayeredGraph(
        vectors=base["vector"],
        documents=base["label"],
        entry=int(header["entry"]),
        top=int(header["top"]),
        neighbours=_Links(base, words, int(header["upper_neighbours"])),
    )


class _Links:
    """The links of every node on every level."""

    def __init__(self, base: NDArray[Any], words: NDArray[np.uint32], most: int) -> None:
        """Find where in `words`, the links above level 0, those of each node begin.

        `most` is the number of links a node has room for on each of these levels.
        """
        self._counts, self._links, self._words = base["count"], base["links"], words
        self._level_words = 1 + most
        self._starts: dict[int, int] = {}
        sizes, place = words.data, 0  # the buffer, whose items are read faster
        for node in range(len(base)):
            length = sizes[place] // 4
            if length:
                self._starts[node] = place + 1
            place += 1 + length

    def __call__(self, level: int, node: int) -> Nodes:
        if level == 0:
            return self._links[node, : self._counts[node]]
        place = self._starts[node] + (level - 1) * self._level_words
        return self._words[place + 1 : place + 1 + int(self._words[place])]
