"""Two processes train what one process trains with the whole batch."""

import json
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from methods.errors import InputError
from methods.ranks import Rank
from methods.settings import TrainingSettings
from methods.trainer import Trained

TRAINING = TrainingSettings(
    epochs=1,  # rounding decides which hard negatives a second search would find
    batch_size=101,  # odd, so that the shares of two processes differ
    head_learning_rate=0.01,
    transformer_learning_rate=0.01,
    hard_negatives=2,
    refresh_every=1,
    clip_norm=100,
    warmup=0,
)
EHI = {"joint_from": 0, "encoder_gradient": 1.0, "indexer_learning_rate": 0.05}


@pytest.fixture(autouse=True)
def plain_gradient_descent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let weights show the size of every gradient, on which steps of AdamW hardly depend."""
    monkeypatch.setattr("torch.optim.AdamW", torch.optim.SGD)


def outcome(trained: Trained, fixture: Any) -> dict[str, np.ndarray]:
    texts = fixture.corpus.texts
    weights = {"documents": trained.encoder.embeddings(texts, "document")}
    weights |= {name: tensor.numpy() for name, tensor in trained.encoder.state_dict().items()}
    if trained.router is not None:
        weights |= {f"tree.{name}": value for name, value in trained.router.tensors().items()}
    return weights


def losses(trained: Trained) -> list[dict[str, float]]:
    kept = ("semantic", "indexing", "balance", "smoothing")
    return [{name: row[name] for name in kept if name in row} for row in trained.history]


def train_and_save(index: int, port: int, fit: Any, words: Any, dataset: Any, out: Path) -> None:
    from methods.ranks import is_main

    torch.set_num_threads(1)
    Rank(index, 2, port).join("cpu")
    trained = fit(**words)
    weights = outcome(trained, dataset)
    if is_main():
        np.savez(out / "weights.npz", **weights)
        (out / "losses.json").write_text(json.dumps(losses(trained)))


@pytest.mark.parametrize("train", ["head", "full"])
@pytest.mark.parametrize("method", ["dual_encoder", "ehi"])
def test_two_processes_learn_what_one_learns_from_the_whole_batch(
    method: str, train: str, request: pytest.FixtureRequest, tiny_dataset: Any, tmp_path: Path
):
    pytest.importorskip("accelerate", reason="accelerate is not installed")
    fit = request.getfixturevalue(f"fit_{method}")
    words = {"train": train, "training": TRAINING, **(EHI if method == "ehi" else {})}
    alone = fit(**words)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torch.multiprocessing.start_processes(
        train_and_save,
        args=(port, fit, words, tiny_dataset, tmp_path),
        nprocs=2,
        start_method="fork",
    )
    assert json.loads((tmp_path / "losses.json").read_text()) == [
        pytest.approx(row, rel=1e-4) for row in losses(alone)
    ]
    together = np.load(tmp_path / "weights.npz")
    for name, weights in outcome(alone, tiny_dataset).items():
        np.testing.assert_allclose(together[name], weights, atol=1e-3, err_msg=name)


def test_a_launcher_gives_ranks_by_the_environment(monkeypatch: pytest.MonkeyPatch):
    for name, value in {"RANK": "5", "WORLD_SIZE": "8", "LOCAL_WORLD_SIZE": "4"}.items():
        monkeypatch.setenv(name, value)
    rank = Rank.from_environment()
    assert (rank.index, rank.count, rank.on_this_host) == (5, 8, 4)
    monkeypatch.delenv("RANK")
    with pytest.raises(InputError, match="torchrun, or accelerate launch --multi_gpu"):
        Rank.from_environment()


def test_the_ranks_of_a_group_on_this_machine_share_its_threads():
    assert Rank(1, 4, port=29500).on_this_host == 4
