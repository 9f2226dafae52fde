"""Lists are found by all their vectors, by codes of them or by a graph, and all is counted."""

import faiss
import numpy as np
import pytest

from methods.base import Array, Resources
from methods.errors import InputError
from methods.forms.short import linear_transform
from methods.indexes.faiss_hnsw import graph_of
from methods.indexes.graph_search import replay
from methods.indexes.ivf import IvfIndex, IvfSettings
from methods.postings import coarse_quantizer as module
from methods.postings.coarse_quantizer import (
    CANDIDATES,
    ROUTINGS,
    Routing,
    coarse_quantizer,
    reach,
    routing_macs,
)
from tests.methods.pairs import unit_vectors

LISTS = 400


@pytest.fixture(scope="module")
def centroids() -> Array:
    return unit_vectors(0, LISTS)


@pytest.fixture(scope="module")
def queries() -> Array:
    return unit_vectors(1, 50)


def inverted_file(quantizer: faiss.Index) -> faiss.IndexIVFFlat:
    return faiss.IndexIVFFlat(quantizer, 16, LISTS, faiss.METRIC_INNER_PRODUCT)


@pytest.mark.parametrize(("routing", "share"), [("flat", 1), ("codes", 0.95), ("graph", 0.95)])
def test_nearly_all_of_the_nearest_lists_are_found(
    routing: Routing, share: float, centroids: Array, queries: Array
):
    index = inverted_file(coarse_quantizer(routing, centroids))
    nearest = np.argsort(-(queries @ centroids.T), axis=1)[:, :8]
    reach(index, index.quantizer, 8)
    found = index.quantizer.search(queries, 8)[1]
    shared = [len(set(a) & set(b)) / 8 for a, b in zip(found, nearest, strict=True)]
    assert np.mean(shared) >= share


def test_a_flat_quantizer_counts_every_list(centroids: Array, queries: Array):
    quantizer = coarse_quantizer("flat", centroids)
    macs = routing_macs(quantizer, queries, 8)
    assert macs.tolist() == [LISTS * 16] * 50


@pytest.mark.parametrize("dimensions", [16, 20, 64, 128])
def test_codes_count_look_ups_a_table_and_what_is_scored_again(dimensions: int):
    centroids, queries = unit_vectors(0, 100, dimensions), unit_vectors(1, 5, dimensions)
    quantizer = coarse_quantizer("codes", centroids)
    blocks = {16: 16, 20: 20, 64: 16, 128: 16}[dimensions]  # at least 16, if possible
    for probes, again in ((3, 12), (90, 100)):
        macs = routing_macs(quantizer, queries, probes)
        assert macs.tolist() == [100 * blocks + 16 * dimensions + again * dimensions] * 5


@pytest.mark.parametrize("probes", [1, 8, 100])
def test_a_graph_counts_the_distances_of_its_replay(probes: int, centroids: Array, queries: Array):
    quantizer = coarse_quantizer("graph", centroids)
    index = inverted_file(quantizer)
    reach(index, index.quantizer, probes)
    graph = graph_of(quantizer)
    replays = [replay(graph, query, CANDIDATES * probes) for query in queries]
    # The replay follows hnswlib, which scores the node where it enters level 0 once more.
    distances = np.mean([each.upper + each.base - 1 for each in replays])
    macs = routing_macs(quantizer, queries, probes)
    assert (macs == macs[0]).all() and macs[0] == pytest.approx(distances * 16, rel=0.01)
    found = quantizer.search(queries, probes)[1]
    same = [
        set(row) == set(each.documents[:probes]) for row, each in zip(found, replays, strict=True)
    ]
    assert np.mean(same) >= 0.95


@pytest.mark.parametrize("routing", ROUTINGS)
def test_a_projection_before_the_lists_is_counted(
    routing: Routing, centroids: Array, queries: Array
):
    projection = np.ascontiguousarray(np.eye(16, 5, dtype=np.float32))
    lists = coarse_quantizer(routing, centroids @ projection)
    projected = faiss.IndexPreTransform(linear_transform(projection), lists)
    index = inverted_file(projected)
    reach(index, index.quantizer, 4)
    inner = routing_macs(lists, queries @ projection, 4)
    assert np.array_equal(routing_macs(projected, queries, 4), inner + 16 * 5)
    if routing == "graph":
        assert lists.hnsw.efSearch == 4 * CANDIDATES


def test_lists_that_a_graph_does_not_find_are_not_scanned(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "NEIGHBOURS", 2)
    random = np.random.default_rng(0)
    lengths = np.exp(random.normal(size=(300, 1)))  # nothing links to short vectors
    vectors = (lengths * random.normal(size=(300, 16))).astype(np.float32)
    index = IvfIndex(IvfSettings(lists=100, routing="graph"), resources)
    index.build(vectors, 0, None)
    lists = index.postings.nearest_lists(vectors, 98)
    assert (lists == -1).any()
    cost, hits = index.cost(vectors, 10, 98), index.search(vectors, 300, 98)
    assert np.array_equal(cost.visited, (hits.ids >= 0).sum(axis=1))
    assert np.array_equal(cost.scan_macs, cost.visited * 16)
    assert (cost.visited < 290).any()


def test_codes_need_at_least_as_many_lists_as_centres(centroids: Array):
    with pytest.raises(InputError) as refused:
        coarse_quantizer("codes", centroids[:15])
    assert str(refused.value) == (
        "routing by codes needs at least 16 lists, not 15; use routing=flat"
    )
    assert coarse_quantizer("codes", centroids[:16]).ntotal == 16
