"""The formula of the indexer, compared with a direct computation in loops."""

import itertools
import math
from typing import Any, Literal

import numpy as np
import pytest
import torch

from methods.ehi.indexer import TreeIndexer
from methods.ehi.settings import EhiSettings

M, B = 5, 3


def joint_probability(indexer: TreeIndexer, u: list[float], path: tuple[int, ...]) -> list[float]:
    """Return [p^1[i^1], ..., p^h[i^h]] of a path, computed with plain numbers."""
    joints = []
    parent = 1.0
    for level in range(len(path)):
        x: list[float] = []
        for earlier in reversed(path[:level]):  # [o(i^h); ...; o(i^1); u]
            x += [1.0 if child == earlier else 0.0 for child in range(B)]
        x += u
        mixer, classifier = indexer.mixers[level], indexer.classifiers[level][0]
        f = []
        for column in range(len(x)):
            product = sum(float(mixer[row, column].detach()) * x[row] for row in range(len(x)))
            f.append(x[column] + max(0.0, product))
        logits = [
            sum(float(classifier[row, child].detach()) * f[row] for row in range(len(x)))
            / indexer.temperature
            for child in range(B)
        ]
        total = sum(math.exp(logit) for logit in logits)
        parent *= math.exp(logits[path[level]]) / total
        joints.append(parent)
    return joints


def random_indexer(height: int, temperature: float = 0.7) -> TreeIndexer:
    torch.manual_seed(height)
    indexer = TreeIndexer(M, EhiSettings(height, B, temperature, rank=0, mixer="relu"))
    with torch.no_grad():
        for mixer in indexer.mixers:
            mixer.normal_()
    return indexer


@pytest.mark.parametrize("height", [1, 2, 3])
def test_the_path_embedding_follows_the_formula(height: int):
    indexer = random_indexer(height)
    u = torch.randn(4, M)
    log_embedding, path = indexer.log_path(u)
    assert log_embedding.shape == (4, B * height)
    for row in range(4):
        taken = tuple(int(i) for i in path[row])
        deepest_first: list[float] = []
        for level in range(height):
            children = [
                joint_probability(indexer, u[row].tolist(), (*taken[:level], child))[-1]
                for child in range(B)
            ]
            assert int(np.argmax(children)) == taken[level]
            deepest_first = children + deepest_first
        assert log_embedding[row].exp().tolist() == pytest.approx(deepest_first, rel=1e-4)


@pytest.mark.parametrize("height", [1, 2, 3])
def test_a_beam_of_all_leaves_has_the_probabilities_of_all_paths(height: int):
    indexer = random_indexer(height)
    router = indexer.router()
    u = np.random.default_rng(0).normal(size=(3, M)).astype(np.float32)
    leaves, log_probabilities = router.beam(u, router.leaves)
    for row in range(3):
        paths = itertools.product(range(B), repeat=height)
        expected = [joint_probability(indexer, u[row].tolist(), path)[-1] for path in paths]
        assert sorted(leaves[row]) == list(range(B**height))
        probabilities = np.exp(log_probabilities[row][np.argsort(leaves[row])])
        assert probabilities.tolist() == pytest.approx(expected, rel=1e-3)
        assert probabilities.sum() == pytest.approx(1)


@pytest.mark.parametrize("height", [1, 2, 3])
@pytest.mark.parametrize("rank", [0, 4])
@pytest.mark.parametrize("mixer", ["relu", "none"])
@pytest.mark.parametrize("classifiers", ["shared", "per_node"])
def test_log_leaves_has_the_probabilities_of_all_paths(
    height: int, rank: int, mixer: Any, classifiers: Any
):
    settings = EhiSettings(height, B, 0.7, rank=rank, mixer=mixer, classifiers=classifiers)
    indexer = TreeIndexer(M, settings)
    u = torch.randn(4, M)
    log_leaves = indexer.log_leaves(u)
    assert log_leaves.exp().sum(dim=1).tolist() == pytest.approx([1] * 4, rel=1e-4)
    for leaf, path in enumerate(itertools.product(range(B), repeat=height)):
        along, _ = indexer.log_path(u, torch.tensor([path] * 4))
        assert torch.allclose(log_leaves[:, leaf], along[:, path[-1]], atol=1e-4)


def test_a_given_path_is_followed():
    indexer = random_indexer(2)
    u = torch.randn(2, M)
    forced = torch.tensor([[0, 2], [1, 1]])
    log_embedding, path = indexer.log_path(u, forced)
    assert path.tolist() == forced.tolist()
    for row in range(2):
        expected = joint_probability(indexer, u[row].tolist(), tuple(forced[row].tolist()))
        deepest = log_embedding.detach()[row, : indexer.branching].exp()
        assert float(deepest[forced[row, 1]]) == pytest.approx(expected[1], rel=1e-4)


@pytest.mark.parametrize("classifiers", ["shared", "per_node"])
def test_gradient_reaches_every_weight_and_the_vectors(classifiers: Literal["shared", "per_node"]):
    indexer = TreeIndexer(M, EhiSettings(3, B, 0.7, rank=4, mixer="relu", classifiers=classifiers))
    u = torch.randn(500, M, requires_grad=True)
    log_embedding, _ = indexer.log_path(u)
    log_embedding.exp()[:, 0].sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in indexer.parameters())
    assert u.grad is not None and u.grad.abs().sum() > 0
