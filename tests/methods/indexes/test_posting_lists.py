"""Documents come and go, and the index is as if built anew of those that are there."""

from pathlib import Path

import faiss
import numpy as np
import pytest
import torch

from methods.base import Index, Resources
from methods.ehi.indexer import TreeIndexer
from methods.ehi.settings import EhiSettings, TreeSettings
from methods.ehi.split_routers import EvidenceRouter
from methods.ehi.tree_index import TreeIndex
from methods.ehi.warm_start import start_from_kmeans
from methods.errors import InputError
from methods.indexes.exact import ExactIndex
from methods.indexes.ivf import IvfIndex, IvfSettings
from methods.indexes.ivfpq import IvfPqIndex, IvfPqSettings
from methods.indexes.posting_lists import PostingIndex
from methods.settings import NoSettings

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
    "by evidence, two leaves",
]


class Life:
    """An index of the first 150 vectors, and how one is built anew with the same weights."""

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
        if "evidence" in kind:
            self.router = EvidenceRouter(indexer.tree(), vectors[::7] + np.float32(0.1))
        self.index = self.unbuilt()
        self.index.build(vectors[:150], 0, self.router)

    def unbuilt(self) -> PostingIndex:
        if self.kind == "ivf":
            return IvfIndex(IvfSettings(lists=8), self.resources)
        copies, most = 2 if "two leaves" in self.kind else 1, 27 if "cap" in self.kind else 0
        return TreeIndex(TreeSettings(copies, most), self.resources)

    def anew(self, vectors: np.ndarray) -> PostingIndex:
        index = self.unbuilt()
        if isinstance(index, TreeIndex):
            index.build(vectors, 0, self.router)
            return index
        trained = self.index.postings.index  # k-means would find other centroids
        other = faiss.IndexIVFFlat(
            trained.quantizer, trained.d, trained.nlist, faiss.METRIC_INNER_PRODUCT
        )
        other.add(vectors)
        index._keep(other)  # type: ignore[attr-defined]
        return index


@pytest.fixture(params=KINDS)
def life(request: pytest.FixtureRequest, vectors: np.ndarray, resources: Resources) -> Life:
    return Life(request.param, vectors, resources)


@pytest.fixture
def queries(vectors: np.ndarray) -> np.ndarray:
    noisy = vectors[::5] + 0.2 * np.random.default_rng(3).normal(size=(40, 16))
    return (noisy / np.linalg.norm(noisy, axis=1, keepdims=True)).astype(np.float32)


def assert_same(index: Index, ids: np.ndarray, anew: Index, queries: np.ndarray) -> None:
    """`index` finds what `anew` finds, whose positions have the `ids`, and it costs the same."""
    assert index.efforts() == anew.efforts()
    for effort in (1, 3, index.efforts()[-1]):
        hits, expected = index.search(queries, K, effort), anew.search(queries, K, effort)
        assert np.array_equal(hits.ids, np.where(expected.ids < 0, -1, ids[expected.ids]))
        assert np.array_equal(hits.scores, expected.scores)
        cost, expected_cost = index.cost(queries, effort), anew.cost(queries, effort)
        for part in ("visited", "scan_macs", "route_macs"):
            assert np.array_equal(getattr(cost, part), getattr(expected_cost, part))
    assert (index.cost(queries, index.efforts()[-1]).visited == len(ids)).all()
    assert np.array_equal(index.posting_sizes(), anew.posting_sizes())


def test_added_documents_are_found_as_if_they_had_always_been_there(
    life: Life, vectors: np.ndarray, queries: np.ndarray
):
    life.index.cost(queries, 1)  # what was counted before an addition is counted again
    life.index.add(np.arange(170, 200), vectors[170:])
    life.index.add(np.arange(150, 170), vectors[150:170])
    assert_same(life.index, np.arange(200), life.anew(vectors), queries)


def test_with_a_cap_documents_added_in_their_order_lie_as_if_built(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    life = Life("with a cap", vectors, resources)
    life.index.add(np.arange(150, 170), vectors[150:170])
    life.index.add(np.arange(170, 200), vectors[170:])
    assert life.index.posting_sizes().max() == 27
    uncapped = Life("height 1", vectors, resources).anew(vectors)
    assert uncapped.posting_sizes().max() > 27
    assert_same(life.index, np.arange(200), life.anew(vectors), queries)


def test_the_ids_are_the_callers(life: Life, vectors: np.ndarray, queries: np.ndarray):
    own = np.array([10**15, 2**63 - 1, 777, 5000])
    life.index.add(own, vectors[150:154])
    ids = np.concatenate([np.arange(150), own])
    assert_same(life.index, ids, life.anew(vectors[:154]), queries)


def test_removed_documents_are_gone(life: Life, vectors: np.ndarray, queries: np.ndarray):
    life.index.cost(queries, 1)
    removed = np.array([149, 3, 0, 77, *range(20, 40)])  # all that the second cluster has
    life.index.remove(removed)
    kept = np.setdiff1d(np.arange(150), removed)
    assert_same(life.index, kept, life.anew(vectors[kept]), queries)


def test_documents_come_back_and_everything_can_go(
    life: Life, vectors: np.ndarray, queries: np.ndarray
):
    everything = np.arange(150)
    life.index.remove(everything)
    assert (life.index.search(queries, K, 3).ids == -1).all()
    assert not life.index.cost(queries, 3).visited.any()
    life.index.add(everything[::-1], vectors[:150][::-1])
    assert_same(life.index, everything, life.anew(vectors[:150]), queries)


def test_a_changed_index_is_saved_as_it_is(
    life: Life, vectors: np.ndarray, queries: np.ndarray, tmp_path: Path
):
    life.index.add(np.array([900]), vectors[150:151])
    life.index.remove(np.array([0]))
    life.index.save(tmp_path)
    loaded = life.unbuilt()
    loaded.load(tmp_path, vectors[:150])
    ids = np.array([*range(1, 150), 900])
    assert_same(loaded, ids, life.anew(vectors[1:151]), queries)
    loaded.add(np.array([0]), vectors[:1])
    with pytest.raises(InputError, match="document 900 is in the index already"):
        loaded.add(np.array([900]), vectors[:1])


@pytest.mark.parametrize(
    ("ids", "rows", "message"),
    [
        ([149], slice(0, 1), "document 149 is in the index already; remove it first"),
        ([500, 501, 500], slice(0, 3), "document 500 stands twice in one call"),
        ([500, -1], slice(0, 2), "from 0 to 2\\^63 - 1, not -1"),
        ([500, 501], slice(0, 3), r"2 ids need float32 vectors of shape \(2, 16\), not"),
        ([0.5], slice(0, 1), "ids are one row of whole numbers, not float64"),
        ([[500]], slice(0, 1), r"of shape \(1, 1\)"),
    ],
)
def test_what_cannot_be_added_changes_nothing(
    ids: list[int], rows: slice, message: str, life: Life, vectors: np.ndarray, queries: np.ndarray
):
    with pytest.raises(InputError, match=message):
        life.index.add(np.array(ids), vectors[rows])
    assert_same(life.index, np.arange(150), life.anew(vectors[:150]), queries)


def test_vectors_of_another_kind_are_refused(life: Life, vectors: np.ndarray):
    for wrong in (vectors[:1, :8], vectors[:1].astype(np.float64), np.full((1, 16), np.nan, "f4")):
        with pytest.raises(InputError, match=r"float32 vectors of shape|not finite"):
            life.index.add(np.array([500]), wrong)
    assert life.index.posting_sizes().sum() == 150 * life.index.copies


def test_what_cannot_be_removed_changes_nothing(
    life: Life, vectors: np.ndarray, queries: np.ndarray
):
    with pytest.raises(InputError, match="document 150 is not in the index"):
        life.index.remove(np.array([3, 150]))
    with pytest.raises(InputError, match="document 3 stands twice in one call"):
        life.index.remove(np.array([3, 4, 3]))
    assert_same(life.index, np.arange(150), life.anew(vectors[:150]), queries)


def test_nothing_added_and_nothing_removed(life: Life, vectors: np.ndarray, queries: np.ndarray):
    nothing = np.zeros(0, dtype=np.int64)
    life.index.add(nothing, vectors[:0])
    life.index.remove(nothing)
    assert_same(life.index, np.arange(150), life.anew(vectors[:150]), queries)


def test_an_addition_takes_no_copy_of_the_index(resources: Resources):
    vectors = np.random.default_rng(0).normal(size=(4000, 16)).astype(np.float32)
    index = IvfIndex(IvfSettings(lists=8, iterations=1), resources)
    index.build(vectors, 0, None)
    held = index.postings.index.invlists
    before = [int(held.get_codes(number)) for number in range(8)]
    index.add(np.array([5000]), vectors[:1])
    moved = sum(int(held.get_codes(number)) != before[number] for number in range(8))
    assert moved <= 1  # the list that it went to


def test_an_index_that_cannot_change_says_so(vectors: np.ndarray, resources: Resources):
    exact = ExactIndex(NoSettings(), resources)
    exact.build(vectors, 0, None)
    with pytest.raises(InputError, match="ExactIndex cannot add documents; build it anew"):
        exact.add(np.array([200]), vectors[:1])
    with pytest.raises(InputError, match="ExactIndex cannot remove documents"):
        exact.remove(np.array([0]))
    assert exact.posting_sizes() is None


def test_the_sizes_of_postings_count_copies(life: Life):
    sizes = life.index.posting_sizes()
    assert sizes.dtype == np.int64 and len(sizes) == life.index.efforts()[-1]
    assert sizes.sum() == 150 * life.index.copies


def test_codes_are_counted_by_list(vectors: np.ndarray, resources: Resources):
    index = IvfPqIndex(IvfPqSettings(lists=8, subquantizers=4, bits=4), resources)
    index.build(vectors, 0, None)
    assert len(index.posting_sizes()) == 8 and index.posting_sizes().sum() == 200
