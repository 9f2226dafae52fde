"""Two processes train what one process trains with the whole batch."""

import json
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from methods.encoder.encoder import Encoder
from methods.errors import InputError
from methods.ranks import Rank, fill_together, is_main, process_count
from methods.settings import TrainingSettings
from methods.texts import Texts
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
TEXTS = Texts(
    ["fever", "a seizure of the whole body", "short stature", "an abnormal heart", "pain"]
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
    torch.set_num_threads(1)
    Rank(index, 2, port).join("cpu")
    assert process_count() == 2
    trained = fit(**words)
    weights = outcome(trained, dataset)
    if is_main():
        np.savez(out / "weights.npz", **weights)
        (out / "losses.json").write_text(json.dumps(losses(trained)))


def in_two_processes(do: Any, *words: Any) -> None:
    """Call `do` with the index of a process, the port on which they meet, and `words`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torch.multiprocessing.start_processes(do, args=(port, *words), nprocs=2, start_method="fork")


@pytest.mark.parametrize("train", ["head", "full"])
@pytest.mark.parametrize("method", ["dual_encoder", "ehi"])
def test_two_processes_learn_what_one_learns_from_the_whole_batch(
    method: str, train: str, request: pytest.FixtureRequest, tiny_dataset: Any, tmp_path: Path
):
    pytest.importorskip("accelerate", reason="accelerate is not installed")
    fit = request.getfixturevalue(f"fit_{method}")
    words = {"train": train, "training": TRAINING, **(EHI if method == "ehi" else {})}
    alone = fit(**words)
    in_two_processes(train_and_save, fit, words, tiny_dataset, tmp_path)
    assert json.loads((tmp_path / "losses.json").read_text()) == [
        pytest.approx(row, rel=1e-5) for row in losses(alone)
    ]
    together = np.load(tmp_path / "weights.npz")
    for name, weights in outcome(alone, tiny_dataset).items():
        atol = 1e-5 if name == "documents" else 1e-6
        np.testing.assert_allclose(together[name], weights, atol=atol, err_msg=name)


ROWS = 11


def fill_and_save(index: int, port: int, out: Path) -> None:
    torch.set_num_threads(1)
    Rank(index, 2, port).join("cpu")
    filled: list[slice] = []

    def fill(rows: slice, part: np.ndarray) -> None:
        filled.append(rows)
        part[:] = np.arange(2 * rows.start, 2 * rows.stop).reshape(part.shape)

    parts = list(fill_together((ROWS, 2), 4, fill))
    np.savez(
        out / f"{index}.npz",
        matrix=np.concatenate([part for _rows, part in parts]),
        rows=[(rows.start, rows.stop) for rows, _part in parts],
        filled=[(rows.start, rows.stop) for rows in filled],
    )


def test_processes_fill_a_matrix_part_by_part(tmp_path: Path):
    pytest.importorskip("accelerate", reason="accelerate is not installed")
    in_two_processes(fill_and_save, tmp_path)
    first, second = (np.load(tmp_path / f"{index}.npz") for index in range(2))
    for each in (first, second):
        assert each["matrix"].tolist() == np.arange(2 * ROWS).reshape(ROWS, 2).tolist()
        assert each["rows"].tolist() == [[0, 4], [4, 8], [8, 11]]  # none holds more than four rows
    assert first["filled"].tolist() == [[0, 2], [4, 6], [8, 10]]
    assert second["filled"].tolist() == [[2, 4], [6, 8], [10, 11]]


def embed_and_save(index: int, port: int, encoder: Encoder, out: Path) -> None:
    torch.set_num_threads(1)
    Rank(index, 2, port).join("cpu")
    if is_main():
        np.save(out / "together.npy", encoder.embeddings(TEXTS, "document"))
    else:
        encoder.embed_share(TEXTS, "document")


@pytest.mark.parametrize("train", ["head", "full"])
def test_one_of_two_processes_keeps_what_both_embed(
    train: str, new_encoder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pytest.importorskip("accelerate", reason="accelerate is not installed")
    monkeypatch.setattr("methods.encoder.encoder.SHARD_ROWS", 2)
    in_two_processes(embed_and_save, new_encoder(train), tmp_path)
    alone = new_encoder(train).embeddings(TEXTS, "document")
    np.testing.assert_allclose(np.load(tmp_path / "together.npy"), alone, atol=1e-6)


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
