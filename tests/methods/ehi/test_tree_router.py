from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from methods.ehi.indexer import TreeIndexer
from methods.ehi.settings import EhiSettings
from methods.ehi.tree_router import TreeRouter


def indexer_of(height: int, **settings: Any) -> TreeIndexer:
    torch.manual_seed(height)
    forms = {"rank": 0, "mixer": "relu", **settings}  # as in the paper, except for `settings`
    indexer = TreeIndexer(6, EhiSettings(height, 4, temperature=0.5, **forms))
    with torch.no_grad():
        for mixer in indexer.mixers:
            mixer.normal_(std=0.3)
    return indexer


def router_of(height: int, **settings: Any) -> TreeRouter:
    return indexer_of(height, **settings).router()


def queries(count: int = 20) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(count, 6)).astype(np.float32)


def test_with_one_height_a_beam_is_the_most_probable_leaves():
    router = router_of(height=1)
    every, log_probabilities = router.beam(queries(), router.leaves)
    ordered = np.take_along_axis(every, np.argsort(-log_probabilities, axis=1), axis=1)
    for width in (1, 2, 3):
        leaves, _ = router.beam(queries(), width)
        assert [set(row) for row in leaves] == [set(row[:width]) for row in ordered]


@pytest.mark.parametrize("height", [1, 2, 3])
@pytest.mark.parametrize("rank", [0, 3])
@pytest.mark.parametrize("mixer", ["relu", "none"])
@pytest.mark.parametrize("classifiers", ["shared", "per_node"])
def test_a_beam_of_all_leaves_has_the_probabilities_of_the_formula(
    height: int, rank: int, mixer: str, classifiers: str
):
    indexer = indexer_of(height, rank=rank, mixer=mixer, classifiers=classifiers)
    router = indexer.router()
    leaves, log_probabilities = router.beam(queries(), router.leaves)
    for leaf in range(router.leaves):
        digits = [leaf // 4**power % 4 for power in reversed(range(height))]
        path = torch.tensor([digits] * 20)
        plain, _ = indexer.log_path(torch.from_numpy(queries()), path)
        cheap = log_probabilities[leaves == leaf]
        assert np.allclose(cheap, plain[:, digits[-1]].detach().numpy(), atol=1e-4)


def test_a_beam_keeps_the_best_children_at_each_height():
    router = router_of(height=2)
    u = queries(1)
    every, log_probabilities = router.beam(u, router.leaves)
    joint = dict(zip(every[0].tolist(), np.exp(log_probabilities[0]), strict=True))
    first = [sum(joint[4 * node + child] for child in range(4)) for node in range(4)]
    kept = np.argsort(first)[-2:]  # p^1 is the sum of its children's p^2
    children = sorted(
        (joint[4 * node + child], 4 * node + child) for node in kept for child in range(4)
    )
    leaves, _ = router.beam(u, 2)
    assert set(leaves[0]) == {leaf for _, leaf in children[-2:]}


def test_a_batch_in_parts_gives_the_same_leaves(monkeypatch: pytest.MonkeyPatch):
    router = router_of(height=3)
    whole = router.beam(queries(50), 5)
    monkeypatch.setattr("methods.ehi.tree_router.BEAM_FLOATS", 700)
    parts = router.beam(queries(50), 5)
    assert np.array_equal(np.sort(whole[0]), np.sort(parts[0]))


def test_macs_of_one_height_are_those_of_mixer_and_classifier():
    assert router_of(height=1).macs(width=3) == 6 * 6 + 6 * 4


def test_macs_of_two_heights_grow_with_the_beam_but_not_with_the_leaves():
    router = router_of(height=2)
    first = 6 * 6 + 6 * 4
    assert router.macs(1) == first + 6 * 10 + 6 * 4 + 1 * 10 * 4
    assert router.macs(3) == first + 6 * 10 + 6 * 4 + 3 * 10 * 4
    assert router.macs(16) == router.macs(4)  # no more than 4 nodes to expand


def test_a_projection_is_counted_once_and_makes_the_rest_cheaper():
    assert router_of(height=1, rank=3).macs(2) == 6 * 3 + 3 * 3 + 3 * 4
    assert router_of(height=1, rank=3, mixer="none").macs(2) == 6 * 3 + 3 * 4


def test_macs_of_classifiers_per_node_count_the_nodes_in_the_beam():
    router = router_of(height=2, classifiers="per_node", mixer="none")
    assert [router.macs(width) for width in (1, 3, 16)] == [6 * 4 * (1 + n) for n in (1, 3, 4)]


def test_macs_of_a_shared_classifier_without_a_mixer_do_not_grow_with_the_beam():
    assert router_of(height=2, mixer="none").macs(3) == 6 * 4 + 6 * 4


def test_a_beam_of_no_vectors_is_empty():
    assert router_of(height=2).beam(np.empty((0, 6), np.float32), 3)[0].shape == (0, 3)


@pytest.mark.parametrize("settings", [{}, {"rank": 3, "mixer": "none", "classifiers": "per_node"}])
def test_a_loaded_router_routes_as_the_saved_one(tmp_path: Path, settings: dict[str, Any]):
    router = router_of(height=3, **settings)
    router.save(tmp_path / "router.safetensors")
    loaded = TreeRouter.load(tmp_path / "router.safetensors")
    assert loaded.temperature == router.temperature
    for before, after in zip(router.beam(queries(), 4), loaded.beam(queries(), 4), strict=True):
        assert np.array_equal(before, after)


def test_a_beam_returns_arrays_that_keep_no_larger_array_in_memory():
    random = np.random.default_rng(0)
    router = TreeRouter(
        (np.zeros((8, 8), dtype=np.float32),),
        (random.normal(size=(1, 8, 64)).astype(np.float32),),
        temperature=1.0,
    )
    leaves, probabilities = router.beam(random.normal(size=(5, 8)).astype(np.float32), 3)
    for array in (leaves, probabilities):
        assert array.base is None or array.base.nbytes == array.nbytes


@pytest.mark.parametrize("rank", [0, 3])
def test_interpolated_weights_are_between_those_learned_and_the_directions_of_centroids(rank: int):
    learned = router_of(height=1, rank=rank, mixer="none")
    weights, centroids = learned.linear_weights(), 5 * queries(learned.leaves)
    length = np.linalg.norm(weights, axis=1).mean()
    directions = learned.project(centroids)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    for share in (0.0, 0.25, 1.0):
        moved = learned.interpolated(centroids, share)
        expected = (1 - share) * weights + share * length * directions
        assert np.allclose(moved.linear_weights(), expected, atol=1e-5)
        assert moved.macs(2) == learned.macs(2)


def test_a_leaf_without_documents_keeps_its_weights():
    learned = router_of(height=1, mixer="none")
    centroids = queries(learned.leaves)
    centroids[2] = 0
    moved = learned.interpolated(centroids, 0.5)
    same = (moved.linear_weights() == learned.linear_weights()).all(axis=1)
    assert np.flatnonzero(same).tolist() == [2]


def test_a_tree_that_is_not_linear_has_no_weights_to_interpolate():
    assert router_of(height=2).interpolated(queries(16), 0.5) is None
    assert router_of(height=1, mixer="relu").interpolated(queries(4), 0.5) is None
