"""Posting lists of six documents on two axes, small enough to check by hand."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from methods.forms.form import WHOLE
from methods.forms.layers import Layers
from methods.forms.short import linear_transform
from methods.postings.posting_lists import PostingLists

# Lists 0 and 1 have their centroids on the two axes; list 2 is between them.
CENTROIDS = np.array([[1, 0], [0, 1], [0.7, 0.7]], dtype=np.float32)
DOCUMENTS = np.array([[3, 0], [2, 0], [0, 2], [0, 1], [2, 2], [1, 1]], dtype=np.float32)
EAST = np.array([[1, 0]], dtype=np.float32)


def filled(lists: list[list[int]]) -> faiss.IndexIVFFlat:
    """Return an inverted file with each document in its lists."""
    quantizer = faiss.IndexFlatIP(2)
    quantizer.add(CENTROIDS)
    return WHOLE.filled(quantizer, 3, DOCUMENTS, np.array(lists), seed=0)


@pytest.fixture
def postings() -> PostingLists:
    return PostingLists(Layers(filled([[0], [0], [1], [1], [2], [2]])), WHOLE)


def visited(postings: PostingLists, lists: list[list[int]]) -> list[int]:
    """Return how many documents are scored, for as many queries as there are rows of lists."""
    queries = np.tile(EAST, (len(lists), 1))
    return postings.cost(queries, 1, np.array(lists)).visited.tolist()


def test_documents_are_in_the_list_with_the_nearest_centroid(postings: PostingLists):
    assert len(postings) == 3
    assert postings.nearest_lists(DOCUMENTS, 1)[:, 0].tolist() == [0, 0, 1, 1, 2, 2]
    assert postings.sizes.tolist() == [2, 2, 2]
    assert postings.ids.tolist() == [0, 1, 2, 3, 4, 5]


def test_a_search_scans_the_nearest_lists_only(postings: PostingLists):
    one = postings.search(EAST, 3, probes=1)
    assert one.ids.tolist() == [[0, 1, -1]] and one.scores[0, :2].tolist() == [3, 2]
    two = postings.search(EAST, 4, probes=2)
    assert sorted(two.ids[0].tolist()) == [0, 1, 4, 5]


def test_search_in_scans_the_given_lists_instead(postings: PostingLists):
    hits = postings.search_in(EAST, 3, np.array([[2]]), np.zeros((1, 1), dtype=np.float32))
    assert hits.ids.tolist() == [[4, 5, -1]] and hits.scores[0, :2].tolist() == [2, 1]


def test_copies_are_scored_twice_but_are_one_document():
    both = PostingLists(Layers(filled([[0, 1]] * 6)), WHOLE)
    assert both.sizes.tolist() == [6, 6, 0] and both.ids.tolist() == [0, 1, 2, 3, 4, 5]
    assert both.search(EAST, 2, probes=3).ids.tolist() == [[0, 0]]
    assert visited(both, [[0, 1], [1, 2], [2, 2]]) == [6, 6, 0]
    cost = both.cost(np.tile(EAST, (2, 1)), 1, np.array([[0, 1], [1, 2]]))
    assert cost.scan_macs.tolist() == [12 * 2, 6 * 2] and cost.route_macs.tolist() == [3 * 2] * 2


def test_new_documents_go_where_they_are_placed():
    postings = PostingLists(
        Layers(filled([[0], [0], [1], [1], [2], [2]])),
        WHOLE,
        place=lambda vectors: (vectors, np.tile([1, 2], (len(vectors), 1))),
    )
    postings.add(np.array([7]), EAST)
    assert postings.sizes.tolist() == [2, 3, 3]


def test_a_transform_comes_before_the_lists():
    negated = linear_transform(-np.eye(2, dtype=np.float32))
    postings = PostingLists(Layers(filled([[0], [0], [1], [1], [2], [2]]), (negated,)), WHOLE)
    hits = postings.search(-EAST, 1, probes=1)
    assert hits.ids.tolist() == [[0]] and hits.scores.tolist() == [[3]]
    cost = postings.cost(-EAST, 1, postings.nearest_lists(-EAST, 1))
    assert cost.scan_macs.tolist() == [2 * 2] and cost.route_macs.tolist() == [2 * 2 + 3 * 2]


def test_a_list_that_routing_did_not_find_counts_nothing(postings: PostingLists):
    cost = postings.cost(np.tile(EAST, (2, 1)), 1, np.array([[0, -1], [-1, -1]]))
    assert cost.visited.tolist() == [2, 0] and cost.scan_macs.tolist() == [4, 0]
    given = postings.cost(EAST, 1, np.array([[0]]), route=np.array([100]))
    assert given.route_macs.tolist() == [100]


def test_visited_counts_again_after_a_change(postings: PostingLists):
    lists = [[0, 1], [2, 1]]
    assert visited(postings, lists) == [4, 4]
    postings.add(np.array([9]), EAST)
    postings.remove(np.array([4, 5]))
    assert visited(postings, lists) == [5, 2]
    assert postings.ids.tolist() == [0, 1, 2, 3, 9]


def test_written_lists_are_a_faiss_index(postings: PostingLists, tmp_path: Path):
    postings.write(tmp_path / "lists.faiss")
    scores, ids = faiss.read_index(str(tmp_path / "lists.faiss")).search(EAST, 2)
    assert ids.tolist() == [[0, 1]] and scores.tolist() == [[3, 2]]
    assert postings.to_faiss(k=2, probes=3).nprobe == 3
    assert postings.search(EAST, 4, probes=1).ids.tolist() == [[0, 1, -1, -1]]
