from pathlib import Path

import numpy as np
import pytest
import torch

from methods.ehi.indexer import TreeIndexer
from methods.ehi.router import TreeRouter


def router_of(height: int, branching: int = 4, dimensions: int = 6) -> TreeRouter:
    torch.manual_seed(height)
    indexer = TreeIndexer(dimensions, branching, height, temperature=0.5)
    with torch.no_grad():
        for mixer in indexer.mixers:
            mixer.normal_(std=0.3)
    return indexer.router()


def queries(count: int = 20) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(count, 6)).astype(np.float32)


def test_one_height_keeps_the_most_probable_leaves():
    router = router_of(height=1)
    every, log_probabilities = router.beam(queries(), router.leaves)
    ordered = np.take_along_axis(every, np.argsort(-log_probabilities, axis=1), axis=1)
    for width in (1, 2, 3):
        leaves, _ = router.beam(queries(), width)
        assert [set(row) for row in leaves] == [set(row[:width]) for row in ordered]


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


def test_a_batch_in_parts_is_the_batch_as_a_whole(monkeypatch: pytest.MonkeyPatch):
    router = router_of(height=3)
    whole = router.beam(queries(50), 5)
    monkeypatch.setattr("methods.ehi.router.BEAM_FLOATS", 700)
    parts = router.beam(queries(50), 5)
    assert np.array_equal(np.sort(whole[0]), np.sort(parts[0]))


def test_macs_of_one_height_are_u_with_u_matrix_and_classifier():
    assert router_of(height=1).macs(width=3) == 6 * 6 + 6 * 4


def test_macs_of_two_heights_grow_with_the_beam_and_not_with_the_leaves():
    router = router_of(height=2)
    first = 6 * 6 + 6 * 4
    assert router.macs(1) == first + 6 * 10 + 6 * 4 + 1 * 10 * 4
    assert router.macs(3) == first + 6 * 10 + 6 * 4 + 3 * 10 * 4
    assert router.macs(16) == router.macs(4)  # no more than 4 nodes to expand


def test_no_vectors_no_leaves():
    assert router_of(height=2).beam(np.empty((0, 6), np.float32), 3)[0].shape == (0, 3)


def test_saved_and_loaded_it_routes_alike(tmp_path: Path):
    router = router_of(height=3)
    router.save(tmp_path / "router.safetensors")
    loaded = TreeRouter.load(tmp_path / "router.safetensors")
    assert loaded.temperature == router.temperature
    for before, after in zip(router.beam(queries(), 4), loaded.beam(queries(), 4), strict=True):
        assert np.array_equal(before, after)


def test_what_a_beam_returns_holds_no_more_than_it_shows():
    random = np.random.default_rng(0)
    router = TreeRouter(
        (np.zeros((8, 8), dtype=np.float32),),
        (random.normal(size=(8, 64)).astype(np.float32),),
        temperature=1.0,
    )
    leaves, probabilities = router.beam(random.normal(size=(5, 8)).astype(np.float32), 3)
    for array in (leaves, probabilities):
        assert array.base is None or array.base.nbytes == array.nbytes
