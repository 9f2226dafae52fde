from pathlib import Path

import numpy as np
import pytest
import torch

from harness.datasets.dataset import Dataset
from methods.base import Corpus, Pairs, Resources
from methods.encoder.encoder import Encoder
from methods.settings import EncoderSettings, TrainingSettings
from methods.texts import Ids, Texts
from methods.training.negatives import DEPTH, HardNegatives, exact_search, without_relevant
from methods.training.sampling import Batches

PAIRS = Pairs(Texts("abc"), np.array([0, 1, 3, 4]), np.array([4, 1, 2, 0]))


def test_exact_search_finds_the_best_documents(vectors: np.ndarray):
    found = exact_search(vectors[:3], vectors, 5)
    assert np.array_equal(found, np.argsort(-(vectors[:3] @ vectors.T), axis=1)[:, :5])


def test_relevant_documents_are_never_among_the_negatives():
    found = np.array([[4, 1, 2], [2, 4, 1], [3, -1, -1]])
    assert without_relevant(found, PAIRS, 5).tolist() == [[-1, 1, 2], [-1, 4, -1], [3, -1, -1]]


def test_a_refresh_says_what_it_cost_and_finds_what_the_weights_say(
    hpo: Dataset, tiny_encoder: Path, resources: Resources, caplog: pytest.LogCaptureFixture
):
    settings = EncoderSettings(str(tiny_encoder), precision="fp32")
    encoder = Encoder(settings, resources)
    corpus = Corpus(Ids(hpo.corpus.ids[:300]), Texts(hpo.corpus.texts[:300]))
    pairs = Pairs(Texts(hpo.corpus.texts[:3]), PAIRS.starts, PAIRS.documents)
    training = TrainingSettings(hard_negatives=2, refresh_every=2)
    negatives = HardNegatives(training, encoder, pairs, corpus)
    with caplog.at_level("INFO"):
        assert negatives.refresh(0, exact_search)["refresh_seconds"] > 0
    assert "epoch 1: hard negatives of 3 queries found anew in " in caplog.text
    first = negatives.found
    assert first is not None and first.shape == (3, DEPTH)
    for query, row in enumerate(first):
        relevant = PAIRS.documents[PAIRS.starts[query] : PAIRS.starts[query + 1]]
        assert not set(row) & set(relevant)
    assert encoder.head is not None
    torch.nn.init.normal_(encoder.head.weight)
    assert negatives.refresh(1, exact_search) == {} and negatives.found is first
    assert negatives.refresh(2, exact_search) != {}
    assert not np.array_equal(negatives.found, first)
    again = HardNegatives(training, encoder, pairs, corpus)
    again.load_state_dict(negatives.state_dict())
    assert np.array_equal(again.found, negatives.found)


def test_without_hard_negatives_nothing_is_searched(
    hpo: Dataset, tiny_encoder: Path, resources: Resources
):
    encoder = Encoder(EncoderSettings(str(tiny_encoder)), resources)
    negatives = HardNegatives(TrainingSettings(), encoder, PAIRS, hpo.corpus)
    assert negatives.refresh(0, exact_search) == {} and negatives.found is None


def test_every_query_with_a_negative_brings_as_many():
    padded = np.array([[-1, 3, -1, -1], [-1, -1, -1, 2], [1, -1, -1, 2]])
    for epoch in range(20):
        (batch,) = Batches(PAIRS, batch_size=3, seed=0).epoch(epoch, padded, count=2)
        assert len(batch.documents) == 3 + 3 * 2


def test_a_batch_brings_its_queries_negatives_behind_its_documents():
    negatives = np.array([[3, 3], [-1, -1], [1, 2]])
    (batch,) = Batches(PAIRS, batch_size=3, seed=0).epoch(0, negatives, count=1)
    (plain,) = Batches(PAIRS, batch_size=3, seed=0).epoch(0)
    assert np.array_equal(batch.documents[:3], plain.documents)
    assert np.array_equal(batch.queries, plain.queries)
    drawn = batch.documents[3:]
    assert len(drawn) == 2  # query 1 has none
    assert set(drawn) <= {3, 1, 2} and 3 in drawn
    assert batch.relevant.shape == (3, 5)
    for row, query in enumerate(batch.queries):
        relevant = PAIRS.documents[PAIRS.starts[query] : PAIRS.starts[query + 1]]
        assert batch.relevant[row].tolist() == np.isin(batch.documents, relevant).tolist()
