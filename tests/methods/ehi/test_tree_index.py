"""Search of a tree: by Faiss alone if it is linear, and with what its postings hold."""

from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
import torch

from methods.base import Array, Resources, Router
from methods.ehi.indexer import TreeIndexer
from methods.ehi.settings import EhiSettings, TreeSettings
from methods.ehi.tree_index import TreeIndex
from methods.errors import InputError
from methods.forms.codes import RabitqForm, RabitqSettings, Sq8Form, Sq8Settings
from methods.forms.form import WHOLE, Form
from methods.forms.short import ShortForm, ShortSettings
from tests.methods.pairs import tree

K = 10
PCA = ShortForm(ShortSettings(rank=4, rescore=10))


def projected(rescore: int) -> ShortForm:
    return ShortForm(ShortSettings("projection", rescore=rescore))


def built(
    vectors: Array,
    router: Router,
    resources: Resources,
    form: Form = WHOLE,
    settings: TreeSettings | None = None,
) -> TreeIndex:
    index = TreeIndex(settings or TreeSettings(), resources, form)
    index.build(vectors, 0, router)
    return index


@pytest.mark.parametrize(
    ("rank", "form"),
    [(0, WHOLE), (5, WHOLE), (5, projected(0)), (5, projected(10)), (0, PCA), (5, PCA)],
)
def test_faiss_routes_a_linear_tree_like_its_own_beam(
    vectors: Array, resources: Resources, rank: int, form: Form
):
    router = tree(vectors, rank, leaves=8)
    index = built(vectors, router, resources, form)
    assert index.routes_itself
    for beam in (1, 3):
        hits = index.search(vectors, 200, beam)
        leaves = router.beam(vectors, beam)[0]
        placed = router.assign(vectors, 1)[:, 0]
        for query in range(len(vectors)):
            expected = set(np.flatnonzero(np.isin(placed, leaves[query])))
            assert {i for i in hits.ids[query] if i >= 0} == expected
        assert np.array_equal((hits.ids >= 0).sum(axis=1), index.cost(vectors, K, beam).visited)


@pytest.mark.parametrize("mixer", ["none", "relu"])
def test_rescored_documents_have_the_scores_of_whole_vectors(
    vectors: Array, resources: Resources, mixer: str
):
    router = tree(vectors, 5, mixer, leaves=8)
    hits = built(vectors, router, resources, projected(10)).search(vectors, 5, 8)
    by_projection = vectors @ router.projection @ router.projection.T @ vectors.T
    for query, ids in enumerate(hits.ids):
        candidates = np.argsort(-by_projection[query])[:10]
        exact = vectors[candidates] @ vectors[query]
        assert np.array_equal(ids, candidates[np.argsort(-exact)][:5])
        assert np.allclose(hits.scores[query], np.sort(exact)[::-1][:5], atol=1e-5)
    everything = built(vectors, router, resources, projected(200)).search(vectors, 5, 8)
    assert np.array_equal(everything.ids, np.argsort(-(vectors @ vectors.T), axis=1)[:, :5])


def test_macs_count_projected_vectors_and_both_copies_that_are_rescored(
    vectors: Array, resources: Resources
):
    router = tree(vectors, 5, leaves=8)
    for rescore in (10, 400):
        index = built(vectors, router, resources, projected(rescore), TreeSettings(spilled=1))
        scanned = index.posting_sizes()[router.beam(vectors, 3)[0]].sum(axis=1)
        rescored = 2 * K if rescore == 10 else scanned
        cost = index.cost(vectors, K, 3)
        assert np.array_equal(cost.scan_macs, scanned * 5 + rescored * 16)
    assert (cost.route_macs == 16 * 5 + 5 * 8).all()
    assert (cost.visited < scanned).any()


def test_macs_count_a_second_projection_if_faiss_cannot_route(vectors: Array, resources: Resources):
    index = built(vectors, tree(vectors, 5, "relu", leaves=8), resources, projected(10))
    assert (index.cost(vectors, K, 3).route_macs == 2 * 16 * 5 + 5 * 5 + 5 * 8).all()


def test_faiss_does_not_route_to_leaves_of_residual_codes(vectors: Array, resources: Resources):
    router = tree(vectors, leaves=8)
    index = built(vectors, router, resources, RabitqForm(RabitqSettings(rescore=50)))
    assert not index.routes_itself and index.searches_documents
    quantizer = index.postings._index.quantizer
    placed = router.assign(vectors, 1)[:, 0]
    means = np.stack([vectors[placed == leaf].mean(axis=0) for leaf in range(8)])
    assert np.allclose(quantizer.reconstruct_n(0, 8), means, atol=1e-6)
    assert (index.cost(vectors, K, 3).route_macs == 16 * 8).all()


@pytest.mark.parametrize("rank", [0, 5])
def test_a_graph_over_leaves_keeps_twice_as_many_candidates(
    vectors: Array, resources: Resources, rank: int
):
    index = built(
        vectors, tree(vectors, rank, leaves=30), resources, settings=TreeSettings(routing="graph")
    )
    index.search(vectors, K, 4)
    quantizer = faiss.downcast_index(index.postings._index.quantizer)
    if rank:
        quantizer = faiss.downcast_index(quantizer.index)
    assert quantizer.hnsw.efSearch == 8


@pytest.mark.parametrize("form", [projected(0), projected(10)])
def test_scanning_the_projection_needs_one(vectors: Array, resources: Resources, form: Form):
    with pytest.raises(InputError, match=r"only a tree with ehi\.rank above 0 has learned"):
        built(vectors, tree(vectors, leaves=8), resources, form)


def test_documents_are_added_if_faiss_rescores_them_or_nobody_does(
    vectors: Array, resources: Resources
):
    linear, mixed = tree(vectors, leaves=8), tree(vectors, mixer="relu", leaves=8)
    for router, rescore in ((linear, 10), (linear, 0), (mixed, 0)):
        index = built(vectors[:150], router, resources, Sq8Form(Sq8Settings(rescore)))
        index.add(np.arange(150, 200), vectors[150:])
        found = index.search(vectors, 1, 8).ids[:, 0] == np.arange(200)
        assert found.all() if rescore else found.mean() > 0.95  # codes confuse near documents
    index = built(vectors[:150], mixed, resources, Sq8Form(Sq8Settings(10)))
    with pytest.raises(InputError, match=r"--set sq8\.rescore=0, or build the index again"):
        index.add(np.arange(150, 200), vectors[150:])
    assert index.posting_sizes().sum() == 150


@pytest.mark.parametrize(
    ("rank", "form"), [(0, WHOLE), (5, WHOLE), (5, projected(0)), (5, projected(10))]
)
def test_a_linear_tree_can_be_saved_as_a_faiss_index(
    vectors: Array, resources: Resources, tmp_path: Path, rank: int, form: Form
):
    index = built(vectors, tree(vectors, rank, leaves=8), resources, form)
    faiss.write_index(index.to_faiss(50, 3), str(tmp_path / "index"))
    scores, ids = faiss.read_index(str(tmp_path / "index")).search(vectors, 50)
    hits = index.search(vectors, 50, 3)
    assert np.array_equal(ids, hits.ids)
    assert np.allclose(scores[ids >= 0], hits.scores[ids >= 0], atol=1e-5)


def test_a_tree_that_faiss_cannot_route_is_exported_with_whole_vectors_alone(
    vectors: Array, resources: Resources
):
    router: Any = tree(vectors, 5, "relu", leaves=8)
    index = built(vectors, router, resources)
    leaves, probabilities = router.beam(vectors, 3)
    _, ids = index.to_faiss(K, 3).search_preassigned(vectors, K, leaves, probabilities)
    assert np.array_equal(ids, index.search(vectors, K, 3).ids)
    with pytest.raises(InputError, match=r"by \+short, because it does not choose them itself"):
        built(vectors, router, resources, projected(10)).to_faiss(K, 3)


FUSION, MANY = 0.3, 60  # among the first documents, all are in one leaf


def fused_scores(queries: Array, documents: Array, router: Router) -> Array:
    """u . v + FUSION log p(leaf of v | u), for all queries and documents."""
    leaves, log_probabilities = router.beam(queries, router.leaves)
    ordered = np.take_along_axis(log_probabilities, np.argsort(leaves, axis=1), axis=1)
    return queries @ documents.T + FUSION * ordered[:, router.assign(documents, 1)[:, 0]]


@pytest.mark.parametrize("rank", [0, 5])
@pytest.mark.parametrize(
    "form", [WHOLE, Sq8Form(Sq8Settings(200)), projected(200)], ids=lambda form: form.name
)
def test_fusion_adds_the_log_probability_of_a_documents_leaf(
    vectors: Array, resources: Resources, rank: int, form: Form, tmp_path: Path
):
    if form.scans_as_routed and not rank:
        pytest.skip("there is no projection to scan")
    router, queries = tree(vectors, rank, leaves=8), vectors[:50]
    expected = np.argsort(-fused_scores(queries, vectors, router), axis=1)[:, :MANY]
    settings = TreeSettings(fusion=FUSION)
    index = built(vectors, router, resources, form, settings)
    assert np.array_equal(index.search(queries, MANY, 8).ids, expected)
    assert not np.array_equal(
        built(vectors, router, resources, form).search(queries, MANY, 8).ids, expected
    )
    index.save(tmp_path)
    loaded = TreeIndex(settings, resources, form)
    loaded.load(tmp_path, vectors)
    assert np.array_equal(loaded.search(queries, MANY, 8).ids, expected)


def test_added_documents_are_fused_too(vectors: Array, resources: Resources):
    router, queries = tree(vectors, 5, leaves=8), vectors[:50]
    index = built(vectors[:-20], router, resources, settings=TreeSettings(fusion=FUSION))
    index.add(np.arange(len(vectors) - 20, len(vectors)), vectors[-20:])
    expected = np.argsort(-fused_scores(queries, vectors, router), axis=1)[:, :MANY]
    assert np.array_equal(index.search(queries, MANY, 8).ids, expected)


def test_fusion_needs_a_linear_tree(vectors: Array, resources: Resources):
    mixed = tree(vectors, 5, mixer="relu", leaves=8)
    with pytest.raises(InputError, match=r"needs a tree with ehi\.height=1 and ehi\.mixer=none"):
        built(vectors, mixed, resources, settings=TreeSettings(fusion=FUSION))


def test_a_share_of_the_centroids_moves_queries_and_documents_to_other_leaves(
    vectors: Array, resources: Resources, tmp_path: Path
):
    torch.manual_seed(0)
    router = TreeIndexer(16, EhiSettings(branching=8)).tree()  # knows nothing of the centroids
    settings = TreeSettings(centroid_share=0.5)
    placed = router.assign(vectors, 1)[:, 0]
    centroids = np.stack([vectors[placed == leaf].mean(axis=0) for leaf in range(8)])
    moved = router.interpolated(centroids, 0.5)
    assert moved is not None
    index = built(vectors, router, resources, settings=settings)
    index.save(tmp_path)
    loaded = TreeIndex(settings, resources)
    loaded.load(tmp_path, vectors)
    for each in (index, loaded):
        assert np.array_equal(each.reached(vectors, 1), moved.beam(vectors, 1)[0])
        sizes = np.bincount(moved.assign(vectors, 1)[:, 0], minlength=8)
        assert np.array_equal(each.posting_sizes(), sizes)
    assert not np.array_equal(moved.beam(vectors, 1)[0], router.beam(vectors, 1)[0])


def test_a_share_of_the_centroids_needs_a_linear_tree(vectors: Array, resources: Resources):
    mixed = tree(vectors, mixer="relu", leaves=8)
    with pytest.raises(InputError, match=r"ehi\.mixer=none; --set tree\.centroid_share=0"):
        built(vectors, mixed, resources, settings=TreeSettings(centroid_share=0.5))
