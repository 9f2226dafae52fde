import json
import shutil
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from harness.datasets.dataset import Dataset
from methods.base import Advance, Corpus, Pairs, Resources, no_progress
from methods.ehi.list_trainer import ListRouterTrainer
from methods.ehi.settings import EhiSettings
from methods.ehi.trainer import EhiTrainer
from methods.encoder.encoder import Encoder
from methods.errors import InputError
from methods.settings import EncoderSettings, TrainingSettings
from methods.texts import Ids, Texts
from methods.trainer import Trained
from methods.training.dual_encoder import DualEncoderTrainer
from methods.training.settings import DualEncoderSettings


def document_embeddings(trained: Trained, dataset: Dataset) -> np.ndarray:
    return trained.encoder.embeddings(dataset.corpus.texts, "document")


@pytest.mark.parametrize("train", ["head", "full"])
def test_training_lowers_the_semantic_loss(fit_ehi: Any, train: str):
    losses = [row["semantic"] for row in fit_ehi(train).history]
    assert len(losses) == 4 and losses[-1] < losses[0]


def test_without_gradient_from_the_tree_the_encoder_is_the_dual_encoder(
    fit_ehi: Any, fit_dual_encoder: Any, tiny_dataset: Dataset
):
    dual = document_embeddings(fit_dual_encoder(), tiny_dataset)
    cut = document_embeddings(fit_ehi(encoder_gradient=0.0), tiny_dataset)
    joint = document_embeddings(fit_ehi(encoder_gradient=1.0), tiny_dataset)
    assert np.allclose(dual, cut, atol=1e-6)
    assert np.abs(dual - joint).max() > 1e-3


def test_without_gradient_from_the_tree_dropout_drops_what_it_drops_in_the_dual_encoder(
    tiny_encoder: Path, tiny_dataset: Dataset, resources: Resources, tmp_path: Path
):
    dropping = shutil.copytree(tiny_encoder, tmp_path / "dropping")
    config = json.loads((dropping / "config.json").read_text())
    (dropping / "config.json").write_text(json.dumps(config | {"hidden_dropout_prob": 0.1}))
    training = TrainingSettings(epochs=2, batch_size=32, hard_negatives=0)
    dual = DualEncoderTrainer(training, DualEncoderSettings(), resources)
    ehi = EhiSettings(branching=4, joint_from=1, encoder_gradient=0.0)
    pairs = tiny_dataset.train().pairs()
    weights = [
        trainer.fit(
            Encoder(EncoderSettings(str(dropping), "full", "none", precision="fp32"), resources),
            pairs,
            tiny_dataset.corpus,
            seed=0,
        ).encoder.state_dict()
        for trainer in (dual, EhiTrainer(training, ehi, resources))
    ]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_the_seed_determines_encoder_and_tree(fit_ehi: Any, tiny_dataset: Dataset):
    first, again, other = (fit_ehi(seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(
        document_embeddings(first, tiny_dataset), document_embeddings(again, tiny_dataset)
    )
    assert np.array_equal(first.router.classifiers[0], again.router.classifiers[0])
    assert not np.allclose(first.router.classifiers[0], other.router.classifiers[0])


@pytest.mark.parametrize(
    "change",
    [
        {"height": 2},
        {"height": 3, "branching": 2},
        {"contrastive": "margin", "temperature": 1.0, "encoder_gradient": 1.0},
        {"warm_start": "random"},
    ],
)
def test_the_tree_learns_in_every_form(fit_ehi: Any, change: dict[str, Any]):
    trained = fit_ehi(joint_from=0, indexer_learning_rate=1e-2, **change)
    assert trained.history[-1]["indexing"] < trained.history[0]["indexing"]
    assert trained.router.height == change.get("height", 1)


@pytest.mark.parametrize("loss", ["intra_leaf", "balance", "smoothing"])
def test_a_weighted_loss_falls_below_its_unweighted_value(fit_ehi: Any, loss: str):
    weights = {"intra_leaf_weight": 1e-9, "balance_weight": 0.0, "smoothing_weight": 0.0}
    settings = {"joint_from": 0, "indexer_learning_rate": 1e-2, "transferred_share": 0.0}
    without = fit_ehi(**settings, **weights)
    weighted = fit_ehi(**settings, **{**weights, f"{loss}_weight": 3.0})
    assert weighted.history[-1][loss] < without.history[-1][loss]


def test_with_a_frozen_encoder_only_the_tree_learns(fit_ehi: Any):
    trained = fit_ehi("frozen", joint_from=0, warm_start="random")
    assert trained.encoder_updates == 0
    assert all("semantic" not in row for row in trained.history)
    assert trained.history[-1]["indexing"] < trained.history[0]["indexing"]


@pytest.mark.parametrize(
    ("trainer", "encoder", "description"),
    [
        (EhiTrainer, "head", "Training EHI"),
        (EhiTrainer, "frozen", "Training EHI's tree"),
        (ListRouterTrainer, "frozen", "Training the router to k-means lists"),
    ],
)
def test_the_progress_bar_says_what_learns(
    tiny_dataset: Dataset,
    new_encoder: Any,
    resources: Resources,
    trainer: type[EhiTrainer],
    encoder: str,
    description: str,
):
    descriptions = []

    def bar(description: str, total: int) -> AbstractContextManager[Advance]:
        descriptions.append(description)
        return no_progress(description, total)

    training = TrainingSettings(epochs=1, hard_negatives=0)
    ehi = EhiSettings(branching=4, joint_from=0)
    trainer(training, ehi, replace(resources, progress=bar)).fit(
        new_encoder(encoder), tiny_dataset.train().pairs(), tiny_dataset.corpus, 0
    )
    assert [each for each in descriptions if each.startswith("Training")] == [description]


def fit_on(documents: int, queries: int, joint_from: int, resources: Resources) -> None:
    trainer = EhiTrainer(
        TrainingSettings(epochs=4), EhiSettings(branching=4, joint_from=joint_from), resources
    )
    corpus = Corpus(Ids(map(str, range(documents))), Texts("d" * documents))
    pairs = Pairs(Texts("q" * queries), np.arange(queries + 1), np.zeros(queries, np.int64))
    trainer.fit(None, pairs, corpus, 0)  # type: ignore[arg-type]  # refused before it is used


@pytest.mark.parametrize(
    ("documents", "queries", "joint_from", "message"),
    [
        (3, 1, 0, r"ehi\.branching is 4, but the corpus has only 3 documents"),
        (4, 0, 0, r"from training queries, but the dataset has none"),
        (4, 1, 4, r"ehi\.joint_from is 4, but training\.epochs is 4"),
    ],
)
def test_a_tree_that_cannot_be_trained_is_rejected(
    resources: Resources, documents: int, queries: int, joint_from: int, message: str
):
    with pytest.raises(InputError, match=message):
        fit_on(documents, queries, joint_from, resources)
