"""A training that is killed, again and again, gives the same weights as one that is left alone."""

import logging
import random
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

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
from methods.settings import EncoderSettings, NoSettings, TrainingSettings
from methods.trainer import Trained
from methods.training.checkpoint import VALUES, Checkpoint, RandomState
from methods.training.dual_encoder import DualEncoderTrainer
from methods.training.state import TrainingState

TRAINING = TrainingSettings(
    epochs=4,
    batch_size=64,
    transformer_learning_rate=1e-3,
    hard_negatives=1,
    refresh_every=2,
    checkpoint_seconds=1e-9,  # after every step
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
        DualEncoderTrainer(training, NoSettings(), resources)
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
    """Train in a process, tell of every step, and write what was learned into `folder`."""
    torch.set_num_threads(1)

    class Steps:
        def __init__(self, description: str, total: int) -> None:
            self.tells = description.startswith("Training")

        def __enter__(self) -> Any:
            return lambda steps=1: connection.send(steps) if self.tells else None

        def __exit__(self, *_: object) -> None:
            pass

    resources = Resources("cpu", cache, Steps, folder / "checkpoint")
    trained = fit(*how, load_dataset(dataset), resources)
    learned = {name: tensor.clone() for name, tensor in trained.encoder.state_dict().items()}
    if trained.router is not None:
        learned |= {"tree": torch.from_numpy(trained.router.classifiers[0])}
    save_file(learned, folder / "learned.safetensors")
    measured = ("seconds", "refresh_seconds", "evaluation_seconds")
    history = [{k: v for k, v in row.items() if k not in measured} for row in trained.history]
    connection.send((history, trained.encoder_updates, trained.earlier_seconds))


def learn(folder: Path, kill_after: int | None, *how: Any) -> tuple[list[int], Any]:
    """Return the steps a process told of, and what it found if it was not killed before."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=train, args=(theirs, folder, *how))
    process.start()
    theirs.close()
    steps, outcome = [], None
    try:
        while outcome is None and (kill_after is None or len(steps) <= kill_after):
            told = ours.recv()
            if isinstance(told, int):
                steps.append(told)
            else:
                outcome = told
    finally:
        process.kill()
        process.join()
    return steps, outcome


@pytest.mark.parametrize("mode", ["head", "full"])
@pytest.mark.parametrize("trainer", ["dual_encoder", "ehi"])
def test_killed_at_random_steps_it_learns_the_same(
    beir_folder: Path, tiny_encoder: Path, tmp_path: Path, trainer: str, mode: str
):
    start_server()
    settings = EncoderSettings(str(tiny_encoder), mode, max_tokens=16, precision="fp32")  # type: ignore[arg-type]
    how = (f"beir:{beir_folder}", tmp_path / "cache", trainer, settings, TRAINING)
    alone, killed = tmp_path / "alone", tmp_path / "killed"
    alone.mkdir(), killed.mkdir()
    steps, expected = learn(alone, None, *how)
    steps = steps[1:]  # the first is what was done before
    draw = random.Random(f"{trainer} {mode}")
    taken_up = []
    for _kill in range(KILLS):
        told, outcome = learn(killed, draw.randrange(1, len(steps) // KILLS), *how)
        assert outcome is None
        taken_up.append(told[0])
    assert taken_up[0] == 0 and sorted(taken_up) == taken_up and taken_up[-1] > 0
    told, outcome = learn(killed, None, *how)
    assert sum(told) == len(steps), "steps were done twice or left out"
    assert outcome[:2] == expected[:2] and outcome[2] > expected[2] == 0
    weights = [load_file(folder / "learned.safetensors") for folder in (alone, killed)]
    assert weights[0].keys() == weights[1].keys()
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "checkpoint"


def taken_up(place: Path, caplog: pytest.LogCaptureFixture, cache_key: str = "this") -> str:
    """Return what is said where one more training of a single weight finds the checkpoint."""
    resources = Resources("cpu", place.parent, no_progress, place)
    weight = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(weight.weight)
    state, parts = TrainingState(), {"weight": weight, "random": RandomState()}
    checkpoint = Checkpoint(resources, TRAINING, cache_key, state, parts)
    caplog.clear()
    with caplog.at_level(logging.INFO):
        checkpoint.resume()
    torch.nn.init.ones_(weight.weight)
    state.add({"loss": torch.tensor(2.0)})
    checkpoint.save_if_due()
    return caplog.text


def test_a_checkpoint_is_taken_up_with_a_line(place: Path, caplog: pytest.LogCaptureFixture):
    assert taken_up(place, caplog) == ""
    assert "training is taken up in epoch 1 after 1 batches" in taken_up(place, caplog)
    assert "after 2 batches" in taken_up(place, caplog)


def test_one_of_another_training_is_named_and_left(place: Path, caplog: pytest.LogCaptureFixture):
    taken_up(place, caplog)
    line = taken_up(place, caplog, cache_key="that")
    assert f"{place} is of another training; training starts afresh" in line
    assert "after 1 batches" in taken_up(place, caplog, cache_key="that")


def test_a_damaged_one_is_named_and_left(place: Path, caplog: pytest.LogCaptureFixture):
    taken_up(place, caplog)
    with (place / VALUES).open("a") as file:
        file.write(" ")
    assert f"{VALUES} is damaged or missing; training starts afresh" in taken_up(place, caplog)
    assert "after 1 batches" in taken_up(place, caplog)


def test_zero_seconds_write_none(place: Path):
    resources = Resources("cpu", place.parent, no_progress, place)
    never = replace(TRAINING, checkpoint_seconds=0)
    checkpoint = Checkpoint(resources, never, "this", TrainingState(), {})
    checkpoint.save_if_due()
    checkpoint.resume()
    assert not place.exists()
