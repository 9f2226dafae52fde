"""Exact search ranks by the inner product and counts the whole corpus."""

from pathlib import Path

import numpy as np
import pytest

from methods.base import Resources
from methods.indexes.exact import ExactIndex
from methods.settings import NoSettings

K = 10

DOCUMENTS = np.array([[1, 0], [0, 1], [3, 3]], dtype=np.float32)
QUERIES = np.array([[2, 1], [0, 1]], dtype=np.float32)


@pytest.fixture
def index(resources: Resources) -> ExactIndex:
    index = ExactIndex(NoSettings(), resources)
    index.build(DOCUMENTS, 0, None)
    return index


def test_documents_are_ranked_by_inner_product(index: ExactIndex):
    hits = index.search(QUERIES, 2, 1)
    assert hits.ids.tolist() == [[2, 0], [2, 1]]
    assert hits.scores.tolist() == [[9, 2], [3, 1]]


def test_ids_after_the_last_document_are_minus_one(index: ExactIndex):
    assert index.search(QUERIES[:1], 5, 1).ids.tolist() == [[2, 0, 1, -1, -1]]


def test_every_query_costs_a_full_scan(index: ExactIndex):
    cost = index.cost(QUERIES, K, 1)
    assert cost.visited.tolist() == [3, 3] and cost.scan_macs.tolist() == [6, 6]
    assert cost.route_macs.tolist() == [0, 0] and list(index.efforts(K)) == [1]


def test_nothing_is_saved_and_the_documents_are_not_copied(
    index: ExactIndex, resources: Resources, tmp_path: Path
):
    index.save(tmp_path)
    assert not list(tmp_path.iterdir())
    loaded = ExactIndex(NoSettings(), resources)
    documents = DOCUMENTS.copy()
    loaded.load(tmp_path, documents)
    documents[0] = 10
    assert loaded.search(QUERIES[:1], 1, 1).ids.tolist() == [[0]]
