"""The leaves of the learned tree for the page: their load, documents and queries."""

from textwrap import shorten
from typing import Any

import numpy as np

from harness.datasets.dataset import Dataset
from harness.report.dataset_report import DatasetReport
from harness.report.rows.tree import Leaf, route_queries
from methods.base import Positions

MAX_TEXTS = 6000
"""Documents, and as many queries, that the leaves of all trees of a page show together."""
MOST_PER_LEAF, LEAST_PER_LEAF = 20, 3
LENGTH = 80
"""Characters shown of a text."""


def tree_leaves(report: DatasetReport, max_texts: int = MAX_TEXTS) -> list[dict[str, Any]] | None:
    """Return the leaves, the largest first; None without a tree or the texts of its documents.

    A leaf has the number of its documents, and the first few. It also has the test queries for
    which it is the first leaf: how many there are, how many of them have a relevant document in it,
    and the first few. These are None if the run folder lacks the router or the queries' vectors.
    """
    tree = report.tree
    if tree is None or report.leaves is None or report.dataset is None:
        return None
    routed = route_queries(report.records)
    if routed is None:
        report.notes.append(
            f"no queries by leaf of {report.records.title}: the router or the vectors of the "
            "queries are not in the run folder"
        )
    shown = max(LEAST_PER_LEAF, min(MOST_PER_LEAF, max_texts // len(tree)))
    return [_leaf(leaf, report.leaves[leaf.number], routed, report.dataset, shown) for leaf in tree]


def _leaf(
    leaf: Leaf, documents: Positions, routed: Positions | None, dataset: Dataset, shown: int
) -> dict[str, Any]:
    name, share = leaf.ancestor or (None, None)
    queries = None if routed is None else np.flatnonzero(routed == leaf.number)
    return {
        "number": leaf.number,
        "size": leaf.size,
        "words": " ".join(leaf.words),
        "concept": name,
        "share": share and round(share, 3),
        "documents": [_shortened(dataset.corpus.texts[int(i)]) for i in documents[:shown]],
        "queries": None if queries is None else _queries(queries, documents, dataset, shown),
    }


def _queries(
    queries: Positions, documents: Positions, dataset: Dataset, shown: int
) -> dict[str, Any]:
    test = dataset.test()
    found = 0
    for query in queries:
        judged = slice(test.starts[query], test.starts[query + 1])
        relevant = test.documents[judged][test.is_relevant[judged]]
        found += bool(np.isin(relevant, documents).any())
    return {
        "count": len(queries),
        "found": found,
        "texts": [_shortened(test.texts[int(query)]) for query in queries[:shown]],
    }


def _shortened(text: str) -> str:
    return shorten(text, LENGTH, placeholder=" …")
