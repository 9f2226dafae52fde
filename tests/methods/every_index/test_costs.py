"""The costs of every index with every form, counted again by hand."""

import faiss
import numpy as np
import pytest

from methods.base import Array, Cost, Index, Positions, Resources
from methods.indexes.faiss_hnsw import graph_of
from methods.indexes.graph_search import LayeredGraph, Replay, replay
from methods.indexes.hnsw import HnswIndex
from tests.methods.pairs import (
    DIMENSIONS,
    DOCUMENTS,
    GRAPHS,
    LISTS,
    POSTINGS,
    PROJECTED,
    RANK,
    SHORT_LISTS,
    Pair,
    pairs,
    unit_vectors,
)

K = 10
BLOCKS = DIMENSIONS // 2
# A form's multiply-adds for a document, for a query and for a list, and to transform a query.
FORMS = {
    "whole": (DIMENSIONS, 0, 0, 0),
    "pca": (RANK, 0, 0, DIMENSIONS * RANK),
    SHORT_LISTS: (RANK, 0, 0, DIMENSIONS * RANK),
    "truncation": (RANK, 0, 0, 0),
    "projection": (PROJECTED, 0, 0, DIMENSIONS * PROJECTED),
    "sq8": (DIMENSIONS, 0, 0, 0),
    "pq of 4 bits": (BLOCKS, 16 * DIMENSIONS, 0, 0),
    "pq of 8 bits": (BLOCKS, 256 * DIMENSIONS, 0, 0),
    "rabitq": (DIMENSIONS // 4, 0, DIMENSIONS, 0),
}


@pytest.fixture(scope="module")
def documents() -> Array:
    return unit_vectors(0, DOCUMENTS)


@pytest.fixture(scope="module")
def queries() -> Array:
    return unit_vectors(1, 20)


def lists_of(index: Index[Array]) -> list[set[int]]:
    """Return the documents of each list of a Faiss inverted file."""
    core = index.postings._index
    return [
        set(faiss.rev_swig_ptr(core.invlists.get_ids(i), core.invlists.list_size(i)).tolist())
        for i in range(core.nlist)
    ]


def found(index: Index[Array], queries: Array, probes: int) -> list[set[int]]:
    """Return the documents that searches find if they return everything."""
    hits = index.search(queries, DOCUMENTS, probes)
    return [set(row[row >= 0].tolist()) for row in hits.ids]


def expected(pair: Pair, entries: Positions, lists: Positions) -> Positions:
    """Return the multiply-adds of scans of some entries in some lists that are not empty."""
    document, query, posting, _ = FORMS[pair.form]
    depth = 0 if pair.form == "whole" else max(pair.rescore, K * pair.copies)
    return (
        entries * document + query + lists * posting + np.minimum(entries, depth) * DIMENSIONS
    ).astype(np.int64)


@pytest.mark.parametrize("probes", [1, 3, LISTS])
@pytest.mark.parametrize("pair", POSTINGS, ids=str)
def test_a_scan_of_lists_counts_what_a_search_that_returns_everything_finds(
    probes: int, pair: Pair, documents: Array, queries: Array, resources: Resources
):
    index = pair.built(documents, resources)
    cost = index.cost(queries, K, probes)
    lists = lists_of(index)
    assert sum(map(len, lists)) == DOCUMENTS * pair.copies == index.posting_sizes().sum()
    everything = found(index, queries, probes)
    assert cost.visited.tolist() == [len(documents) for documents in everything]
    if pair.copies == 1:
        probed = [[part for part in lists if part and part <= whole] for whole in everything]
    else:  # Faiss reads the linear weights as the router does, unless short vectors find lists
        router = None if pair.form in ("truncation", SHORT_LISTS) else pair.router(documents)
        leaves = router.beam(queries, probes)[0] if router else index.reached(queries, probes)
        probed = [[lists[leaf] for leaf in row if lists[leaf]] for row in leaves]
    assert [set().union(*row) for row in probed] == everything
    entries = np.array([sum(map(len, row)) for row in probed])
    by_hand = expected(pair, entries, np.array([len(row) for row in probed]))
    assert np.array_equal(cost.scan_macs, by_hand)
    assert cost.route_macs.tolist() == [routing(pair, index, queries, probes)] * len(queries)


def routing(pair: Pair, index: Index[Array], queries: Array, probes: int) -> int:
    """Return the multiply-adds to transform a query and to find its lists."""
    transform = FORMS[pair.form][3]
    if not getattr(index, "routes_itself", True):
        projection = DIMENSIONS * PROJECTED if "graph" in pair.index else 0
        projection += DIMENSIONS * PROJECTED if "projected" in pair.index else 0
        mixer = DIMENSIONS * DIMENSIONS if pair.index == "mixed tree" else 0
        width = PROJECTED if projection else DIMENSIONS
        return projection + mixer + width * LISTS + transform
    quantizer = faiss.downcast_index(index.postings._layers.quantizer)
    routed = index.postings._layers.routed(queries)
    if isinstance(quantizer, faiss.IndexPreTransform):  # whole vectors under a projected tree
        linear = faiss.downcast_VectorTransform(quantizer.chain.at(0))
        routed, transform = linear.apply(routed), transform + DIMENSIONS * PROJECTED
        quantizer = faiss.downcast_index(quantizer.index)
    width = routed.shape[1]
    if pair.index == "ivf by codes":
        blocks = width if width < 32 else width // 2
        return transform + LISTS * blocks + 16 * width + min(LISTS, 4 * probes) * width
    if pair.index.endswith("graph"):
        graph = graph_of(quantizer)
        replays = [replay(graph, query, 2 * probes) for query in routed]
        # Unlike the replay, Faiss does not score the node again where it enters level 0.
        distances = np.mean([replay.upper + replay.base - 1 for replay in replays])
        return transform + round(float(distances) * width)
    return transform + LISTS * width


@pytest.mark.parametrize("more", [0, 25])
@pytest.mark.parametrize("pair", pairs(*GRAPHS), ids=str)
def test_a_search_of_a_graph_counts_what_its_replay_computes(
    more: int, pair: Pair, documents: Array, queries: Array, resources: Resources
):
    index = pair.built(documents, resources)
    least = index.efforts(K)[0]
    assert least == (K if pair.form == "whole" else pair.rescore)
    graph, scanned = searched(index, queries)
    replays = [replay(graph, query, least + more) for query in scanned]
    cost = index.cost(queries, K, least + more)
    document, _, _, transform = FORMS[pair.form]
    visited = np.array([each.visited for each in replays])
    computed = np.array([each.upper + each.base for each in replays])
    assert np.array_equal(cost.visited, visited)
    assert np.array_equal(cost.scan_macs, expected(pair, visited, np.zeros_like(visited)))
    again = computed - visited - (pair.index == "faiss-hnsw")
    assert np.array_equal(cost.route_macs, again * document + transform)
    assert_hits_are_the_best_of(replays, index, pair, documents, queries, least + more)


def searched(index: Index[Array], queries: Array) -> tuple[LayeredGraph, Array]:
    """Return the graph of an index, and the queries as it is searched."""
    if isinstance(index, HnswIndex):
        return index._graph, index._transform.transformed(queries)
    return graph_of(index._layers.core), index._layers.transformed(queries)


def assert_hits_are_the_best_of(
    replays: list[Replay],
    index: Index[Array],
    pair: Pair,
    documents: Array,
    queries: Array,
    ef: int,
) -> None:
    ids = index.search(queries, K, ef).ids
    for row, (query, each) in enumerate(zip(queries, replays, strict=True)):
        candidates = each.documents[: max(K, pair.rescore)]
        best = candidates
        if pair.form != "whole":
            best = candidates[np.argsort(-(documents[candidates] @ query))]
        assert np.array_equal(ids[row], best[:K])


def test_a_cost_has_one_number_for_each_query(
    documents: Array, queries: Array, resources: Resources
):
    cost = Pair("ivf", "sq8").built(documents, resources).cost(queries[:3], K, 2)
    assert isinstance(cost, Cost) and cost.exact and cost.counted is None
    assert cost.visited.shape == cost.scan_macs.shape == cost.route_macs.shape == (3,)
