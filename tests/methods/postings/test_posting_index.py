"""After adding and removing documents, an index is as if it had been built from the rest."""

from pathlib import Path

import faiss
import numpy as np
import pytest
import torch

from methods.base import Index, Resources
from methods.ehi.indexer import TreeIndexer
from methods.ehi.settings import EhiSettings, TreeSettings
from methods.ehi.tree_index import TreeIndex
from methods.ehi.warm_start import start_from_kmeans
from methods.errors import InputError
from methods.forms.form import WHOLE
from methods.forms.layers import Layers
from methods.indexes.ivf import IvfIndex, IvfSettings
from methods.postings.posting_index import PostingIndex
from methods.postings.posting_lists import PostingLists

K = 12
KINDS = [
    "ivf",
    "height 1",
    "height 1, two leaves",
    "height 2",
    "height 2, two leaves",
    "linear",
    "linear, two leaves",
    "linear, projected",
]


class Life:
    """An index of the first 150 vectors, and how to build another with the same weights."""

    def __init__(self, kind: str, vectors: np.ndarray, resources: Resources) -> None:
        self.kind, self.resources = kind, resources
        torch.manual_seed(0)
        height, branching = (2, 3) if "height 2" in kind else (1, 8)
        settings = EhiSettings(
            height,
            branching,
            temperature=0.1,
            rank=6 if "projected" in kind else 0,
            mixer="none" if "linear" in kind else "relu",
        )
        indexer = TreeIndexer(vectors.shape[1], settings)
        start_from_kmeans(indexer, vectors, seed=0)
        self.router = indexer.router()
        self.index = self.unbuilt()
        self.index.build(vectors[:150], 0, self.router)

    def unbuilt(self) -> PostingIndex:
        if self.kind == "ivf":
            return IvfIndex(IvfSettings(lists=8), self.resources)
        return TreeIndex(TreeSettings(int("two leaves" in self.kind)), self.resources)

    def rebuilt(self, vectors: np.ndarray) -> PostingIndex:
        index = self.unbuilt()
        if isinstance(index, TreeIndex):
            index.build(vectors, 0, self.router)
            return index
        trained = self.index.to_faiss(1, 1)  # k-means would find other centroids
        other = faiss.IndexIVFFlat(
            trained.quantizer, trained.d, trained.nlist, faiss.METRIC_INNER_PRODUCT
        )
        other.add(vectors)
        index.postings = PostingLists(Layers(other), WHOLE)
        return index


@pytest.fixture(params=KINDS)
def life(request: pytest.FixtureRequest, vectors: np.ndarray, resources: Resources) -> Life:
    return Life(request.param, vectors, resources)


@pytest.fixture
def queries(vectors: np.ndarray) -> np.ndarray:
    noisy = vectors[::5] + 0.2 * np.random.default_rng(3).normal(size=(40, 16))
    return (noisy / np.linalg.norm(noisy, axis=1, keepdims=True)).astype(np.float32)


def assert_same(index: Index, ids: np.ndarray, rebuilt: Index, queries: np.ndarray) -> None:
    """Both have the same hits and costs; `ids` are those of the documents of `rebuilt`."""
    assert index.efforts(K) == rebuilt.efforts(K)
    for effort in (1, 3, index.efforts(K)[-1]):
        hits, expected = index.search(queries, K, effort), rebuilt.search(queries, K, effort)
        assert np.array_equal(hits.ids, np.where(expected.ids < 0, -1, ids[expected.ids]))
        assert np.array_equal(hits.scores, expected.scores)
        cost, expected_cost = index.cost(queries, K, effort), rebuilt.cost(queries, K, effort)
        for part in ("visited", "scan_macs", "route_macs"):
            assert np.array_equal(getattr(cost, part), getattr(expected_cost, part))
    assert (index.cost(queries, K, index.efforts(K)[-1]).visited == len(ids)).all()
    assert np.array_equal(index.posting_sizes(), rebuilt.posting_sizes())


def test_added_documents_are_found_as_if_they_had_been_indexed_at_first(
    life: Life, vectors: np.ndarray, queries: np.ndarray
):
    life.index.cost(queries, K, 1)  # caches counts that an addition must invalidate
    life.index.add(np.arange(170, 200), vectors[170:])
    life.index.add(np.arange(150, 170), vectors[150:170])
    assert_same(life.index, np.arange(200), life.rebuilt(vectors), queries)


def test_the_caller_chooses_the_ids(life: Life, vectors: np.ndarray, queries: np.ndarray):
    own = np.array([10**15, 2**63 - 1, 777, 5000])
    life.index.add(own, vectors[150:154])
    ids = np.concatenate([np.arange(150), own])
    assert_same(life.index, ids, life.rebuilt(vectors[:154]), queries)


def test_removed_documents_are_not_found(life: Life, vectors: np.ndarray, queries: np.ndarray):
    life.index.cost(queries, K, 1)
    removed = np.array([149, 3, 0, 77, *range(20, 40)])  # the whole second cluster
    life.index.remove(removed)
    kept = np.setdiff1d(np.arange(150), removed)
    assert_same(life.index, kept, life.rebuilt(vectors[kept]), queries)


def test_all_documents_can_be_removed_and_added_back(
    life: Life, vectors: np.ndarray, queries: np.ndarray
):
    everything = np.arange(150)
    life.index.remove(everything)
    assert (life.index.search(queries, K, 3).ids == -1).all()
    assert not life.index.cost(queries, K, 3).visited.any()
    life.index.add(everything[::-1], vectors[:150][::-1])
    assert_same(life.index, everything, life.rebuilt(vectors[:150]), queries)


def test_a_changed_index_is_saved_with_its_changes(
    life: Life, vectors: np.ndarray, queries: np.ndarray, tmp_path: Path
):
    life.index.add(np.array([900]), vectors[150:151])
    life.index.remove(np.array([0]))
    life.index.save(tmp_path)
    loaded = life.unbuilt()
    loaded.load(tmp_path, vectors[:150])
    ids = np.array([*range(1, 150), 900])
    assert_same(loaded, ids, life.rebuilt(vectors[1:151]), queries)
    loaded.add(np.array([0]), vectors[:1])
    with pytest.raises(InputError, match="document 900 is in the index already"):
        loaded.add(np.array([900]), vectors[:1])


@pytest.mark.parametrize(
    ("ids", "rows", "message"),
    [
        ([149], slice(0, 1), "document 149 is in the index already; remove it first"),
        ([500, 501, 500], slice(0, 3), "duplicate id 500 in one call"),
        ([500, -1], slice(0, 2), "from 0 to 2\\^63 - 1, got -1"),
        ([500, 501], slice(0, 3), r"2 ids need float32 vectors of shape \(2, 16\), got"),
        ([0.5], slice(0, 1), "one-dimensional array of integers, got float64"),
        ([[500]], slice(0, 1), r"of shape \(1, 1\)"),
    ],
)
def test_a_rejected_addition_changes_nothing(
    ids: list[int], rows: slice, message: str, life: Life, vectors: np.ndarray, queries: np.ndarray
):
    with pytest.raises(InputError, match=message):
        life.index.add(np.array(ids), vectors[rows])
    assert_same(life.index, np.arange(150), life.rebuilt(vectors[:150]), queries)


def test_vectors_of_another_width_or_type_are_rejected(life: Life, vectors: np.ndarray):
    for wrong in (vectors[:1, :8], vectors[:1].astype(np.float64), np.full((1, 16), np.nan, "f4")):
        with pytest.raises(InputError, match=r"float32 vectors of shape|contain NaN"):
            life.index.add(np.array([500]), wrong)
    assert life.index.posting_sizes().sum() == 150 * life.index.copies


def test_a_rejected_removal_changes_nothing(life: Life, vectors: np.ndarray, queries: np.ndarray):
    with pytest.raises(InputError, match="document 150 is not in the index"):
        life.index.remove(np.array([3, 150]))
    with pytest.raises(InputError, match="duplicate id 3 in one call"):
        life.index.remove(np.array([3, 4, 3]))
    assert_same(life.index, np.arange(150), life.rebuilt(vectors[:150]), queries)


def test_adding_and_removing_nothing_changes_nothing(
    life: Life, vectors: np.ndarray, queries: np.ndarray
):
    nothing = np.zeros(0, dtype=np.int64)
    life.index.add(nothing, vectors[:0])
    life.index.remove(nothing)
    assert_same(life.index, np.arange(150), life.rebuilt(vectors[:150]), queries)


def test_an_addition_does_not_copy_the_other_lists(resources: Resources):
    vectors = np.random.default_rng(0).normal(size=(4000, 16)).astype(np.float32)
    index = IvfIndex(IvfSettings(lists=8, iterations=1), resources)
    index.build(vectors, 0, None)
    invlists = index.to_faiss(K, 1).invlists
    before = [int(invlists.get_codes(number)) for number in range(8)]
    index.add(np.array([5000]), vectors[:1])
    moved = sum(int(invlists.get_codes(number)) != before[number] for number in range(8))
    assert moved <= 1  # the list that it went to


def test_posting_sizes_count_copies(life: Life):
    sizes = life.index.posting_sizes()
    assert sizes.dtype == np.int64 and len(sizes) == life.index.efforts(K)[-1]
    assert sizes.sum() == 150 * life.index.copies
