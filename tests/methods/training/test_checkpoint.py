"""A training that is killed several times learns the same weights as one that is not."""

import json
import logging
import random
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from harness.run.workers import CONTEXT, start_server
from methods.base import Resources, no_progress
from methods.ehi.settings import EhiSettings
from methods.ehi.trainer import EhiTrainer
from methods.encoder.encoder import Encoder
from methods.settings import EncoderSettings, TrainingSettings
from methods.trainer import Trained
from methods.training.checkpoint import VALUES, Checkpoint, RandomState, training_cache_key
from methods.training.dual_encoder import DualEncoderTrainer
from methods.training.settings import DualEncoderSettings
from methods.training.state import TrainingState

TRAINING = TrainingSettings(
    epochs=4,
    batch_size=64,
    transformer_learning_rate=1e-3,
    hard_negatives=1,
    refresh_every=2,
    checkpoint_seconds=1e-9,  # a checkpoint after every step
)
EHI = EhiSettings(branching=4, joint_from=1)
KILLS = 3


def fit(
    trainer: str,
    encoder: EncoderSettings,
    training: TrainingSettings,
    dataset: Dataset,
    resources: Resources,
) -> Trained:
    chosen = (
        DualEncoderTrainer(training, DualEncoderSettings(), resources)
        if trainer == "dual_encoder"
        else EhiTrainer(training, EHI, resources)
    )
    encoder = Encoder(encoder, resources)
    if encoder.settings.train == "full":
        for module in encoder.transformer.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.1
    return chosen.fit(encoder, dataset.train().pairs(), dataset.corpus, 0)


def train(connection: Connection, folder: Path, dataset: str, cache: Path, *how: Any) -> None:
    """Train in this process, send every step, and save the learned weights in `folder`."""
    torch.set_num_threads(1)

    class Steps:
        def __init__(self, description: str, total: int) -> None:
            self.is_training = description.startswith("Training")

        def __enter__(self) -> Any:
            return lambda steps=1: connection.send(steps) if self.is_training else None

        def __exit__(self, *_: object) -> None:
            pass

    resources = Resources("cpu", cache, Steps, folder / "checkpoint")
    trained = fit(*how, load_dataset(dataset), resources)
    learned = {name: tensor.clone() for name, tensor in trained.encoder.state_dict().items()}
    if trained.router is not None:
        learned |= {"tree": torch.from_numpy(trained.router.classifiers[0])}
    save_file(learned, folder / "learned.safetensors")
    times = ("seconds", "refresh_seconds")
    history = [{k: v for k, v in row.items() if k not in times} for row in trained.history]
    connection.send((history, trained.encoder_updates, trained.earlier_seconds))


def learn(folder: Path, kill_after: int | None, *how: Any) -> tuple[list[int], Any]:
    """Return the steps that a process sent, and its result unless it was killed before."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=train, args=(theirs, folder, *how))
    process.start()
    theirs.close()
    steps, result = [], None
    try:
        while result is None and (kill_after is None or len(steps) <= kill_after):
            message = ours.recv()
            if isinstance(message, int):
                steps.append(message)
            else:
                result = message
    finally:
        process.kill()
        process.join()
    return steps, result


@pytest.mark.parametrize("mode", ["head", "full"])
@pytest.mark.parametrize("trainer", ["dual_encoder", "ehi"])
def test_a_training_killed_at_random_steps_learns_the_same_weights(
    beir_folder: Path, tiny_encoder: Path, tmp_path: Path, trainer: str, mode: str
):
    start_server()
    settings = EncoderSettings(str(tiny_encoder), mode, max_tokens=16, precision="fp32")  # type: ignore[arg-type]
    how = (f"beir:{beir_folder}", tmp_path / "cache", trainer, settings, TRAINING)
    alone, killed = tmp_path / "alone", tmp_path / "killed"
    alone.mkdir(), killed.mkdir()
    steps, expected = learn(alone, None, *how)
    steps = steps[1:]  # the first message is the number of steps of earlier processes
    draw = random.Random(f"{trainer} {mode}")
    resumed_after = []
    for _kill in range(KILLS):
        sent, result = learn(killed, draw.randrange(1, len(steps) // KILLS), *how)
        assert result is None
        resumed_after.append(sent[0])
    assert resumed_after[0] == 0 < resumed_after[-1] and sorted(resumed_after) == resumed_after
    sent, result = learn(killed, None, *how)
    assert sum(sent) == len(steps), "steps were done twice or left out"
    assert result[:2] == expected[:2] and result[2] > expected[2] == 0
    weights = [load_file(folder / "learned.safetensors") for folder in (alone, killed)]
    assert weights[0].keys() == weights[1].keys()
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "checkpoint"


def resume_and_save(folder: Path, caplog: pytest.LogCaptureFixture, cache_key: str = "a") -> str:
    """Resume a training of one weight, do one step, save; return what resuming logged."""
    resources = Resources("cpu", folder.parent, no_progress, folder)
    weight = torch.nn.Linear(1, 1, bias=False)
    state, parts = TrainingState(), {"weight": weight, "random": RandomState()}
    checkpoint = Checkpoint(resources, TRAINING, cache_key, state, parts)
    caplog.clear()
    with caplog.at_level(logging.INFO):
        checkpoint.resume()
    state.record({"loss": torch.tensor(2.0)})
    checkpoint.save_if_due()
    return caplog.text


def test_resuming_logs_the_epoch_and_the_batches(folder: Path, caplog: pytest.LogCaptureFixture):
    assert resume_and_save(folder, caplog) == ""
    assert "resuming training at epoch 1, after 1 of its batches" in resume_and_save(folder, caplog)
    assert "after 2 of its batches" in resume_and_save(folder, caplog)


def test_a_checkpoint_with_another_key_is_reported_and_overwritten(
    folder: Path, caplog: pytest.LogCaptureFixture
):
    resume_and_save(folder, caplog)
    line = resume_and_save(folder, caplog, cache_key="b")
    assert f"{folder} belongs to a different training run; starting from scratch" in line
    assert "after 1 of its batches" in resume_and_save(folder, caplog, cache_key="b")


def test_a_damaged_checkpoint_is_reported_and_overwritten(
    folder: Path, caplog: pytest.LogCaptureFixture
):
    resume_and_save(folder, caplog)
    with (folder / VALUES).open("a") as file:
        file.write(" ")
    line = resume_and_save(folder, caplog)
    assert f"{VALUES} is damaged or missing; starting from scratch" in line
    assert "after 1 of its batches" in resume_and_save(folder, caplog)


def test_the_key_in_a_checkpoint_has_the_name_that_earlier_versions_wrote(
    folder: Path, caplog: pytest.LogCaptureFixture
):
    resume_and_save(folder, caplog, cache_key="a")
    values = json.loads((folder / VALUES).read_text())
    assert values["made_from"] == "a" and values["parts"].keys() == {"state", "weight", "random"}


def test_the_cache_key_names_what_determines_a_training(tiny_dataset: Dataset, new_encoder: Any):
    pairs, corpus = tiny_dataset.train().pairs(), tiny_dataset.corpus

    def key(training: TrainingSettings = TRAINING, ehi: EhiSettings = EHI, seed: int = 0) -> str:
        return training_cache_key("ehi", training, ehi, new_encoder(), pairs, corpus, seed)

    assert key(replace(TRAINING, checkpoint_seconds=9)) == key()  # does not change the result
    others = [key(replace(TRAINING, epochs=5)), key(ehi=EhiSettings(branching=8)), key(seed=1)]
    assert len({key(), *others}) == 4


def test_random_numbers_continue_where_they_were_saved():
    generator = np.random.default_rng(0)
    random_state = RandomState(generator)
    saved = random_state.state_dict()
    expected = (torch.rand(3), generator.random(3))
    random_state.load_state_dict(saved)
    assert torch.equal(torch.rand(3), expected[0])
    assert np.array_equal(generator.random(3), expected[1])


def test_zero_checkpoint_seconds_save_nothing(folder: Path):
    resources = Resources("cpu", folder.parent, no_progress, folder)
    never = replace(TRAINING, checkpoint_seconds=0)
    checkpoint = Checkpoint(resources, never, "a", TrainingState(), {})
    checkpoint.save_if_due()
    checkpoint.resume()
    assert not folder.exists()
