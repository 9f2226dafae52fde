"""Both trainers on a few hundred concepts, with a tiny encoder, in every way to train."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from methods.base import Resources
from methods.ehi.indexer import TreeIndexer
from methods.ehi.settings import EhiSettings
from methods.ehi.trainer import EhiTrainer
from methods.encoder.encoder import Encoder
from methods.errors import InputError
from methods.settings import EncoderSettings, NoSettings, TrainingSettings
from methods.trainer import Trained
from methods.training.dual_encoder import DualEncoderTrainer

TRAINING = TrainingSettings(epochs=4, batch_size=32, transformer_learning_rate=1e-3)
NO_CACHE = Resources(device="cpu", cache=Path("/nonexistent"))


@pytest.fixture(scope="module")
def dataset(beir_folder: Path) -> Dataset:
    return load_dataset(f"beir:{beir_folder}")


@pytest.fixture
def fit(dataset: Dataset, tiny_encoder: Path, resources: Resources) -> Any:
    def run(
        train: str, trainer: str, seed: int = 0, training: TrainingSettings = TRAINING, **ehi: Any
    ) -> Trained:
        encoder_settings = EncoderSettings(
            name=str(tiny_encoder),
            train=train,  # type: ignore[arg-type]
            max_tokens=16,
            precision="fp32",
        )
        encoder = Encoder(encoder_settings, resources)
        settings = {"branching": 4, "joint_from": 2, **ehi}
        chosen = (
            DualEncoderTrainer(training, NoSettings(), resources)
            if trainer == "dual_encoder"
            else EhiTrainer(training, EhiSettings(**settings), resources)
        )
        return chosen.fit(encoder, dataset.train().pairs(), dataset.corpus, seed)

    return run


def embedded(trained: Trained, dataset: Dataset) -> np.ndarray:
    matrix = np.empty((len(dataset.corpus), 32), dtype=np.float32)
    trained.encoder.embed(dataset.corpus.texts, "document", matrix)
    return matrix


@pytest.mark.parametrize("train", ["head", "full"])
@pytest.mark.parametrize("trainer", ["dual_encoder", "ehi"])
def test_training_lowers_the_semantic_loss(fit: Any, train: str, trainer: str):
    trained = fit(train, trainer)
    losses = [row["semantic"] for row in trained.history]
    assert len(losses) == 4 and losses[-1] < losses[0]


@pytest.mark.parametrize("train", ["head", "full"])
def test_every_trainer_gives_the_encoder_the_same_number_of_updates(fit: Any, train: str):
    dual, ehi = fit(train, "dual_encoder"), fit(train, "ehi")
    assert dual.encoder_updates == ehi.encoder_updates > 0
    assert fit("frozen", "dual_encoder").encoder_updates == 0
    assert fit("frozen", "ehi").encoder_updates == 0


def test_without_gradient_from_the_tree_the_encoder_is_the_dual_encoder(fit: Any, dataset: Dataset):
    dual = embedded(fit("head", "dual_encoder"), dataset)
    cut = embedded(fit("head", "ehi", encoder_gradient=0.0), dataset)
    joint = embedded(fit("head", "ehi", encoder_gradient=1.0), dataset)
    assert np.allclose(dual, cut, atol=1e-6)
    assert np.abs(dual - joint).max() > 1e-3


def test_the_same_seed_gives_the_same_tree_and_another_seed_another(fit: Any, dataset: Dataset):
    first, again, other = (fit("head", "ehi", seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(embedded(first, dataset), embedded(again, dataset))
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
def test_the_tree_learns_in_every_form(fit: Any, change: dict[str, Any]):
    trained = fit("head", "ehi", joint_from=0, indexer_learning_rate=1e-2, **change)
    assert trained.history[-1]["indexing"] < trained.history[0]["indexing"]
    assert trained.router.height == change.get("height", 1)


@pytest.mark.parametrize("loss", ["intra_leaf", "balance", "smoothing"])
def test_every_term_acts_on_what_it_names(fit: Any, loss: str):
    weights = {"intra_leaf_weight": 1e-9, "balance_weight": 0.0, "smoothing_weight": 0.0}
    quick = {"joint_from": 0, "indexer_learning_rate": 1e-2, "transferred_share": 0.0}
    without = fit("head", "ehi", **quick, **weights)
    weighted = fit("head", "ehi", **quick, **{**weights, f"{loss}_weight": 3.0})
    assert weighted.history[-1][loss] < without.history[-1][loss]


def test_the_intra_leaf_loss_is_not_computed_at_weight_0(fit: Any):
    assert "intra_leaf" not in fit("head", "ehi", intra_leaf_weight=0.0).history[-1]
    assert "intra_leaf" in fit("head", "ehi", intra_leaf_weight=1.0).history[-1]


def test_a_frozen_encoder_leaves_the_tree_to_learn(fit: Any):
    trained = fit("frozen", "ehi", joint_from=0, warm_start="random")
    assert trained.history[-1]["semantic"] == pytest.approx(trained.history[0]["semantic"], rel=0.2)
    assert trained.history[-1]["indexing"] < trained.history[0]["indexing"]


def test_a_tree_that_would_never_be_trained_is_refused(fit: Any):
    with pytest.raises(InputError, match=r"training\.epochs is 4"):
        fit("head", "ehi", joint_from=4)


@pytest.mark.parametrize("trainer", ["dual_encoder", "ehi"])
def test_hard_negatives_are_refreshed_and_change_what_is_learned(
    fit: Any, dataset: Dataset, trainer: str
):
    with_hard = replace(TRAINING, hard_negatives=2, refresh_every=2)
    trained = fit("head", trainer, training=with_hard)
    assert [row["epoch"] for row in trained.history if "refresh_seconds" in row] == [0, 2]
    assert trained.encoder_updates == fit("head", trainer).encoder_updates
    plain = embedded(fit("head", trainer), dataset)
    assert np.abs(embedded(trained, dataset) - plain).max() > 1e-3


def test_a_search_of_the_beam_sees_only_its_leaves(fit: Any, dataset: Dataset):
    trained = fit("head", "ehi")
    trainer = EhiTrainer(TRAINING, EhiSettings(branching=4, negative_beam=1), NO_CACHE)
    documents = embedded(trained, dataset)
    indexer = TreeIndexer(32, EhiSettings(branching=4))
    found = trainer._beam_search(indexer, 0)(documents[:50], documents, 20)
    leaves, _ = indexer.router().beam(documents, 1)
    for query, row in enumerate(found):
        assert {int(leaves[d, 0]) for d in row if d >= 0} <= {int(leaves[query, 0])}


@pytest.mark.parametrize("trainer", ["dual_encoder", "ehi"])
def test_a_row_says_losses_rates_and_seconds(fit: Any, trainer: str):
    for row in fit("full", trainer).history:
        assert row["seconds"] > 0 and row["semantic"] > 0
        assert 0 < row["transformer_learning_rate"] <= 1e-3
        assert ("indexer_learning_rate" in row) == (trainer == "ehi" and row["epoch"] >= 2)
