"""Real trainings in a second: the tiny dataset and encoder, trained for four epochs."""

from pathlib import Path
from typing import Any, Protocol

import pytest

from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from methods.base import Resources
from methods.ehi.settings import EhiSettings
from methods.ehi.trainer import EhiTrainer
from methods.encoder.encoder import Encoder
from methods.settings import EncoderSettings, TrainingSettings
from methods.trainer import Trained
from methods.training.dual_encoder import DualEncoderTrainer
from methods.training.settings import DualEncoderSettings

TRAINING = TrainingSettings(
    epochs=4, batch_size=32, transformer_learning_rate=1e-3, hard_negatives=0
)
EHI = {"branching": 4, "joint_from": 2}


class NewEncoder(Protocol):
    def __call__(self, train: str = "head") -> Encoder: ...


class FitDualEncoder(Protocol):
    def __call__(
        self, train: str = "head", training: TrainingSettings = TRAINING, seed: int = 0
    ) -> Trained: ...


class FitEhi(Protocol):
    def __call__(
        self,
        train: str = "head",
        training: TrainingSettings = TRAINING,
        seed: int = 0,
        trainer: type[EhiTrainer] = EhiTrainer,
        **settings: Any,
    ) -> Trained: ...


@pytest.fixture(scope="session")
def tiny_dataset(beir_folder: Path) -> Dataset:
    return load_dataset(f"beir:{beir_folder}")


@pytest.fixture
def new_encoder(tiny_encoder: Path, resources: Resources) -> NewEncoder:
    def make(train: str = "head") -> Encoder:
        settings = EncoderSettings(str(tiny_encoder), train, max_tokens=16, precision="fp32")  # type: ignore[arg-type]
        return Encoder(settings, resources)

    return make


@pytest.fixture
def fit_dual_encoder(
    tiny_dataset: Dataset, new_encoder: NewEncoder, resources: Resources
) -> FitDualEncoder:
    def fit(train: str = "head", training: TrainingSettings = TRAINING, seed: int = 0) -> Trained:
        trainer = DualEncoderTrainer(training, DualEncoderSettings(), resources)
        pairs = tiny_dataset.train().pairs()
        return trainer.fit(new_encoder(train), pairs, tiny_dataset.corpus, seed)

    return fit


@pytest.fixture
def fit_ehi(tiny_dataset: Dataset, new_encoder: NewEncoder, resources: Resources) -> FitEhi:
    def fit(
        train: str = "head",
        training: TrainingSettings = TRAINING,
        seed: int = 0,
        trainer: type[EhiTrainer] = EhiTrainer,
        **settings: Any,
    ) -> Trained:
        pairs = tiny_dataset.train().pairs()
        learner = trainer(training, EhiSettings(**{**EHI, **settings}), resources)
        return learner.fit(new_encoder(train), pairs, tiny_dataset.corpus, seed)

    return fit
