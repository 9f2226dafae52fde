"""A tracker logs every epoch once, in a group of processes and after an interruption, too."""

import json
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from harness.datasets.dataset import Dataset
from methods.base import Advance, ProgressBar, Resources
from methods.errors import InputError, UnavailableError
from methods.ranks import Rank, process_count
from methods.settings import TrainingSettings
from methods.trainer import Trained
from methods.training.dual_encoder import DualEncoderTrainer
from methods.training.settings import DualEncoderSettings
from methods.training.tracking import TrackedTraining, check_tracker

pytest.importorskip("accelerate", reason="accelerate is not installed")

from accelerate import PartialState
from accelerate.tracking import LOGGER_TYPE_TO_CLASS, GeneralTracker

EPOCHS = 4
TRAINING = TrainingSettings(
    epochs=EPOCHS,
    batch_size=256,
    head_learning_rate=0.01,
    hard_negatives=0,
    checkpoint_seconds=1e-9,  # a checkpoint after every step
)
UPDATES = 4  # per epoch
NAME = "dual_encoder-seed-0-1234"
SETTINGS = {"dataset": "tiny", "training.epochs": EPOCHS, "training.hard_negatives": 0}


class Lines(GeneralTracker):
    """Appends a line of JSON per call to a file named after the training."""

    name = "lines"
    requires_logging_directory = True
    tracker = None

    def __init__(self, training: str, folder: Path) -> None:
        super().__init__()
        self.path = folder / f"{training}.jsonl"

    def start(self) -> None:
        self.path.parent.mkdir(exist_ok=True)

    def store_init_configuration(self, values: dict[str, Any]) -> None:
        self._append({"settings": values})

    def log(self, values: dict[str, Any], step: int | None = None, **_: Any) -> None:
        self._append({"step": step, **values})

    def finish(self) -> None:
        self._append({"finished": True})

    def _append(self, line: dict[str, Any]) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")


@pytest.fixture(autouse=True)
def lines_is_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(LOGGER_TYPE_TO_CLASS, Lines.name, Lines)
    yield
    PartialState._reset_state()  # later tests fork this process


def stopped_after(updates: int) -> ProgressBar:
    """Return a progress bar that ends the training after `updates` updates."""

    @contextmanager
    def bar(description: str, total: int) -> Iterator[Advance]:
        done = 0

        def advance(steps: int = 1) -> None:
            nonlocal done
            done += steps
            if done == updates:
                raise KeyboardInterrupt

        yield advance if description == "Training the dual encoder" else lambda steps=1: None

    return bar


@pytest.fixture
def fit(tiny_dataset: Dataset, new_encoder: Any, resources: Resources, tmp_path: Path) -> Any:
    """Train a dual encoder that a tracker logs, from its checkpoint if there is one."""

    def train(tracker: str = Lines.name, **changes: Any) -> Trained:
        tracked = TrackedTraining(tracker, tmp_path / "tracking", NAME, SETTINGS)
        checkpoint = tmp_path / "checkpoint"
        used = replace(resources, checkpoint=checkpoint, tracker=tracked.open, **changes)
        trainer = DualEncoderTrainer(TRAINING, DualEncoderSettings(), used)
        return trainer.fit(new_encoder(), tiny_dataset.train().pairs(), tiny_dataset.corpus, 0)

    return train


def lines(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "tracking" / f"{NAME}.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def logged(trained: Trained) -> list[dict[str, Any]]:
    """Return what is to be logged of a training."""
    return [{"step": UPDATES * (row["epoch"] + 1), **row} for row in trained.history]


def test_every_epoch_is_logged_with_its_losses_at_its_updates(fit: Any, tmp_path: Path):
    trained = fit()
    assert lines(tmp_path) == [{"settings": SETTINGS}, *logged(trained), {"finished": True}]
    assert trained.encoder_updates == UPDATES * EPOCHS == lines(tmp_path)[-2]["step"]
    assert all(row["semantic"] > 0 and row["head_learning_rate"] > 0 for row in logged(trained))


def train_as(index: int, port: int, fit: Any, out: Path) -> None:
    torch.set_num_threads(1)
    Rank(index, 2, port).join("cpu")
    assert process_count() == 2
    (out / f"{index}.json").write_text(json.dumps(list(fit().history)))


def test_of_two_processes_the_main_one_alone_logs(fit: Any, tmp_path: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torch.multiprocessing.start_processes(
        train_as, args=(port, fit, tmp_path), nprocs=2, start_method="fork"
    )
    main = json.loads((tmp_path / "0.json").read_text())
    assert len(main) == EPOCHS and (tmp_path / "1.json").is_file()
    assert lines(tmp_path)[1:-1] == [{"step": UPDATES * (row["epoch"] + 1), **row} for row in main]


def test_a_resumed_training_continues_its_log(fit: Any, tmp_path: Path):
    with pytest.raises(KeyboardInterrupt):
        fit(progress=stopped_after(2 * UPDATES + 1))  # in the third epoch
    assert lines(tmp_path)[-1] == {"finished": True}
    before = len(lines(tmp_path))
    trained = fit()
    assert [line["step"] for line in lines(tmp_path)[:before] if "step" in line] == [4, 8]
    assert lines(tmp_path)[before + 1 : -1] == logged(trained)[2:]


def test_tensorboard_reads_one_curve_of_a_training_that_was_stopped(fit: Any, tmp_path: Path):
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    checkpoint, earlier = tmp_path / "checkpoint", tmp_path / "earlier"
    with pytest.raises(KeyboardInterrupt):
        fit("tensorboard", progress=stopped_after(UPDATES + 1))  # in the second epoch
    shutil.copytree(checkpoint, earlier)
    with pytest.raises(KeyboardInterrupt):
        fit("tensorboard", progress=stopped_after(3 * UPDATES + 1))
    shutil.rmtree(checkpoint)
    earlier.rename(checkpoint)
    trained = fit("tensorboard")  # logs the second and the third epoch again
    events = EventAccumulator(str(tmp_path / "tracking" / NAME)).Reload()
    names = ["epoch", "semantic", "head_learning_rate", "seconds"]
    assert sorted(events.Tags()["scalars"]) == sorted(names)
    for name in names:
        curve = [(event.step, event.value) for event in events.Scalars(name)]
        steps, values = zip(*curve, strict=True)
        assert list(steps) == [line["step"] for line in logged(trained)]
        assert values == pytest.approx([row[name] for row in trained.history])
    stored = [yaml.safe_load(path.read_text()) for path in tmp_path.rglob("hparams.yml")]
    assert stored == [SETTINGS] * 3


def test_a_tracker_that_cannot_start_is_one_line(fit: Any, monkeypatch: pytest.MonkeyPatch):
    def refuse(self: Lines) -> None:
        raise RuntimeError("no API key")

    monkeypatch.setattr(Lines, "start", refuse)
    with pytest.raises(InputError, match=r"^--tracker lines cannot start: no API key$"):
        fit()


def test_unknown_and_missing_trackers_are_refused(monkeypatch: pytest.MonkeyPatch):
    check_tracker("lines")
    with pytest.raises(InputError, match=r"unknown tracker 'tensorbord'; did you mean"):
        check_tracker("tensorbord")
    with pytest.raises(InputError, match=r"known: aim, clearml, .*, mlflow, .*, tensorboard, .*"):
        check_tracker("all")
    monkeypatch.setattr("accelerate.tracking._available_trackers", [])
    with pytest.raises(UnavailableError, match=r'Run: pip install "ehibench\[tracking\]"$'):
        check_tracker("tensorboard")
    with pytest.raises(UnavailableError, match=r"needs wandb, .* Run: pip install wandb$"):
        check_tracker("wandb")
