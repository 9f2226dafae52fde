from typing import Any

import numpy as np
import pytest
import torch

from harness.datasets.dataset import Dataset
from methods.base import Resources
from methods.ehi.list_trainer import SMOOTHING, ListIndexer, ListRouterTrainer
from methods.ehi.settings import EhiSettings
from methods.engines.nearest import spherical_kmeans
from methods.errors import InputError
from methods.settings import TrainingSettings


def test_the_path_of_a_document_is_its_list_smoothed(vectors: np.ndarray):
    indexer = ListIndexer(vectors.shape[1], EhiSettings(branching=8))
    with torch.no_grad():
        indexer.centroids.copy_(torch.from_numpy(spherical_kmeans(vectors, 8, 0)))
    path = indexer.log_embedding_of_documents(torch.from_numpy(vectors)).exp()
    assert torch.allclose(path.sum(dim=1), torch.ones(len(vectors)))
    lists = torch.from_numpy(indexer.router().assign(vectors, 1))
    assert torch.allclose(path.gather(1, lists), torch.tensor(1 - SMOOTHING + SMOOTHING / 8))


def test_documents_keep_their_kmeans_lists_while_routing_learns(
    fit_ehi: Any, tiny_dataset: Dataset
):
    trained = fit_ehi("frozen", trainer=ListRouterTrainer, joint_from=0)
    documents = trained.encoder.embeddings(tiny_dataset.corpus.texts, "document")
    assert np.array_equal(trained.router.centroids, spherical_kmeans(documents, 4, seed=0))
    assert trained.history[-1]["indexing"] < trained.history[0]["indexing"]


def test_lists_have_one_height(resources: Resources):
    ehi = EhiSettings(branching=4, height=2)
    with pytest.raises(InputError, match=r"ehi\.height is 2, .*; --set ehi\.height=1"):
        ListRouterTrainer(TrainingSettings(), ehi, resources)
