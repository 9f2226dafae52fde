"""Posting lists of six documents on two axes, small enough to check by hand."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from methods.indexes.posting_lists import PostingLists

# Lists 0 and 1 have their centroids on the two axes; list 2 is between them.
CENTROIDS = np.array([[1, 0], [0, 1], [0.7, 0.7]], dtype=np.float32)
DOCUMENTS = np.array([[3, 0], [2, 0], [0, 2], [0, 1], [2, 2], [1, 1]], dtype=np.float32)
EAST = np.array([[1, 0]], dtype=np.float32)


def empty_index() -> faiss.IndexIVFFlat:
    quantizer = faiss.IndexFlatIP(2)
    quantizer.add(CENTROIDS)
    index = faiss.IndexIVFFlat(quantizer, 2, 3, faiss.METRIC_INNER_PRODUCT)
    index.is_trained = True
    return index


@pytest.fixture
def postings() -> PostingLists:
    postings = PostingLists(empty_index())
    postings.fill(DOCUMENTS)
    return postings


def test_documents_are_in_the_list_with_the_nearest_centroid(postings: PostingLists):
    assert (len(postings), postings.dimensions) == (3, 2)
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


def test_assign_and_transform_decide_where_documents_are_and_what_lists_hold():
    both = PostingLists(
        empty_index(),
        assign=lambda vectors: np.tile([0, 1], (len(vectors), 1)),
        transform=lambda vectors: -vectors,
    )
    both.fill(DOCUMENTS)
    assert both.sizes.tolist() == [6, 6, 0]
    hits = both.search(EAST, 1, probes=1)
    assert hits.scores.tolist() == [[0]]  # of [0, -2] or [0, -1]: every other score is below 0
    assert both.visited(np.array([[0, 1], [1, 2], [2, 2]])).tolist() == [6, 6, 0]


def test_visited_counts_again_after_a_change(postings: PostingLists):
    lists = np.array([[0, 1], [2, 1]])
    assert postings.visited(lists).tolist() == [4, 4]
    postings.add(np.array([9]), EAST)
    postings.remove(np.array([4, 5]))
    assert postings.visited(lists).tolist() == [5, 2]
    assert postings.ids.tolist() == [0, 1, 2, 3, 9]


def test_written_lists_are_a_faiss_index(postings: PostingLists, tmp_path: Path):
    postings.write(tmp_path / "lists.faiss")
    scores, ids = faiss.read_index(str(tmp_path / "lists.faiss")).search(EAST, 2)
    assert ids.tolist() == [[0, 1]] and scores.tolist() == [[3, 2]]
    assert postings.to_faiss(probes=3).nprobe == 3
