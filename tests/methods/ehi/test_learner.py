"""What joins when, how hard negatives are searched, and which router comes out."""

from typing import Any

import numpy as np
import pytest

from harness.datasets.dataset import Dataset
from methods.base import Resources
from methods.ehi.learner import EhiLearner
from methods.ehi.settings import EhiSettings
from methods.engines.nearest import spherical_kmeans
from methods.settings import TrainingSettings
from methods.training.batches import Batches
from methods.training.data import TrainingData
from methods.training.negative_mining import exact_search

TRAINING = TrainingSettings(epochs=4, batch_size=32)


@pytest.fixture
def new_learner(tiny_dataset: Dataset, new_encoder: Any, resources: Resources) -> Any:
    def make(train: str = "head", **settings: Any) -> EhiLearner:
        ehi = EhiSettings(**{"branching": 4, "joint_from": 2, "rank": 0, **settings})
        data = TrainingData(new_encoder(train), tiny_dataset.train().pairs(), tiny_dataset.corpus)
        return EhiLearner(TRAINING, ehi, resources, data, batches_per_epoch=10, seed=0)

    return make


@pytest.fixture
def documents(tiny_dataset: Dataset, new_encoder: Any) -> np.ndarray:
    vectors: np.ndarray = new_encoder().embeddings(tiny_dataset.corpus.texts, "document")
    return vectors


def rates(learner: EhiLearner, epoch: int) -> set[str]:
    return {name for each in learner.optimisers(epoch) for name in each.learning_rates()}


def test_the_tree_has_an_optimiser_from_the_epoch_in_which_it_joins(new_learner: Any):
    learner = new_learner()
    assert rates(learner, 1) == {"head"}
    assert rates(learner, 2) == rates(learner, 3) == {"head", "indexer"}


def test_a_batch_has_losses_of_the_tree_from_the_epoch_in_which_it_joins(
    new_learner: Any, tiny_dataset: Dataset, new_encoder: Any
):
    learner = new_learner()
    pairs = tiny_dataset.train().pairs()
    batch = next(Batches(pairs, 8, seed=0).epoch(0))
    data = TrainingData(new_encoder(), pairs, tiny_dataset.corpus)
    embedded = data.embed(data.prepare(batch))
    assert learner.losses(1, batch, embedded).keys() == {"semantic"}
    assert learner.losses(2, batch, embedded).keys() == {
        "semantic",
        "indexing",
        "balance",
        "smoothing",
    }


def test_with_a_frozen_encoder_training_starts_when_the_tree_joins(new_learner: Any):
    assert new_learner("head").first_epoch == 0
    frozen = new_learner("frozen")
    assert frozen.first_epoch == 2 and rates(frozen, 2) == {"indexer"}


def test_the_tree_starts_from_kmeans_in_the_epoch_in_which_it_joins(
    new_learner: Any, documents: np.ndarray
):
    learner = new_learner()
    centroids = spherical_kmeans(documents, 4, seed=0).T
    learner.start_epoch(1)
    assert not np.allclose(learner.indexer.tree().classifiers[0][0], centroids)
    learner.start_epoch(2)
    assert np.array_equal(learner.indexer.tree().classifiers[0][0], centroids)


def test_before_the_tree_joins_hard_negatives_come_from_exact_search(new_learner: Any):
    assert new_learner().search(1) is exact_search


def test_a_beam_search_finds_only_documents_of_the_leaves_in_the_beam(
    new_learner: Any, documents: np.ndarray
):
    learner = new_learner(negative_beam=1)
    learner.start_epoch(2)
    hits = learner.search(2)(documents[:50], documents, 20, "cpu")
    leaves, _ = learner.router().beam(documents, 1)
    assert len(np.unique(leaves)) > 1
    for query, row in enumerate(hits):
        assert {int(leaves[d, 0]) for d in row if d >= 0} == {int(leaves[query, 0])}


def test_another_device_than_the_cpu_searches_the_beam_by_torch(
    new_learner: Any, documents: np.ndarray
):
    with pytest.raises(RuntimeError, match="meta tensor"):  # torch's device without data
        new_learner().search(2)(documents[:50], documents, 20, "meta")


def test_checkpoint_parts_have_the_names_that_earlier_versions_wrote(new_learner: Any):
    assert list(new_learner().checkpoint_parts()) == [
        "indexer",
        "optimisation_0",
        "optimisation_1",
        "random",
    ]
    assert list(new_learner("frozen").checkpoint_parts()) == ["indexer", "optimisation_0", "random"]
