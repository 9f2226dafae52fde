from pathlib import Path

import numpy as np
import pytest
import torch

from harness.datasets.dataset import Dataset
from methods.base import Corpus, Pairs, Resources
from methods.encoder.encoder import Encoder
from methods.settings import EncoderSettings, TrainingSettings
from methods.texts import Ids, Texts
from methods.training.negative_mining import HardNegatives, exact_search, without_relevant

PAIRS = Pairs(Texts("abc"), np.array([0, 1, 3, 4]), np.array([4, 1, 2, 0]))


def test_exact_search_finds_the_best_documents(vectors: np.ndarray):
    hits = exact_search(vectors[:3], vectors, 5, "cpu")
    assert np.array_equal(hits, np.argsort(-(vectors[:3] @ vectors.T), axis=1)[:, :5])


def test_another_device_than_the_cpu_is_searched_by_torch(vectors: np.ndarray):
    with pytest.raises(RuntimeError, match="meta tensor"):  # torch's device without data
        exact_search(vectors[:3], vectors, 5, "meta")


def test_relevant_documents_are_never_among_the_negatives():
    hits = np.array([[4, 1, 2], [2, 4, 1], [3, -1, -1]])
    assert without_relevant(hits, PAIRS, 5).tolist() == [[-1, 1, 2], [-1, 4, -1], [3, -1, -1]]


def test_a_refresh_searches_with_the_current_weights(
    hpo: Dataset, tiny_encoder: Path, resources: Resources, caplog: pytest.LogCaptureFixture
):
    settings = EncoderSettings(str(tiny_encoder), precision="fp32")
    encoder = Encoder(settings, resources)
    corpus = Corpus(Ids(hpo.corpus.ids[:300]), Texts(hpo.corpus.texts[:300]))
    pairs = Pairs(Texts(hpo.corpus.texts[:3]), PAIRS.starts, PAIRS.documents)
    training = TrainingSettings(hard_negatives=2, negative_depth=20, refresh_every=2)
    negatives = HardNegatives(training, encoder, pairs, corpus)
    with caplog.at_level("INFO"):
        assert negatives.refresh(0, exact_search)["refresh_seconds"] > 0
    assert "epoch 1: searched hard negatives for 3 queries in " in caplog.text
    first = negatives.candidates
    assert first is not None and first.shape == (3, 20)
    for query, row in enumerate(first):
        relevant = PAIRS.documents[PAIRS.starts[query] : PAIRS.starts[query + 1]]
        assert not set(row) & set(relevant)
    assert encoder.head is not None
    torch.nn.init.normal_(encoder.head.weight)
    assert negatives.refresh(1, exact_search) == {} and negatives.candidates is first
    assert negatives.refresh(2, exact_search) != {}
    assert not np.array_equal(negatives.candidates, first)
    restored = HardNegatives(training, encoder, pairs, corpus)
    restored.load_state_dict(negatives.state_dict())
    assert np.array_equal(restored.candidates, negatives.candidates)


def test_no_search_without_hard_negatives(hpo: Dataset, tiny_encoder: Path, resources: Resources):
    encoder = Encoder(EncoderSettings(str(tiny_encoder)), resources)
    negatives = HardNegatives(TrainingSettings(hard_negatives=0), encoder, PAIRS, hpo.corpus)
    assert negatives.refresh(0, exact_search) == {} and negatives.candidates is None
