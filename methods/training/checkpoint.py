"""Checkpoints, from which a killed training resumes where it stopped, bit for bit on a CPU.

A checkpoint is a folder that is written atomically (methods/atomic_files.py): the tensors of all
parts in one safetensors file, and everything else as JSON. The batches are not part of it,
because methods/training/batches.py derives them from the seed and the number of the epoch.
"""

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from methods.atomic_files import first_damaged, new_folder, write_json
from methods.base import Corpus, Pairs, Resources
from methods.encoder.encoder import Encoder
from methods.ranks import is_main
from methods.settings import NOT_IN_RESULT, TrainingSettings
from methods.training.state import TrainingState

LOG = logging.getLogger(__name__)
FORMAT = 1
TENSORS, VALUES = "tensors.safetensors", "values.json"


class Stateful(Protocol):
    """A part of a training whose state is tensors and JSON values by name, as in torch."""

    def state_dict(self) -> Mapping[str, Any]:
        """Return the state; its tensors may share memory with the part."""
        ...

    def load_state_dict(self, state: Any) -> object:
        """Continue from what `state_dict` returned."""
        ...


class RandomState:
    """The random generators of a training: torch's own, and a numpy generator if there is one."""

    def __init__(self, generator: np.random.Generator | None = None) -> None:
        self._generator = generator

    def state_dict(self) -> dict[str, Any]:
        """Return the states of the generators."""
        state: dict[str, Any] = {"torch": torch.get_rng_state()}
        if torch.cuda.is_initialized():
            state["cuda"] = torch.cuda.get_rng_state()
        if self._generator is not None:
            state["numpy"] = self._generator.bit_generator.state
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue the random numbers from where `state_dict` was called."""
        torch.set_rng_state(state["torch"])
        if "cuda" in state and torch.cuda.is_available():
            torch.cuda.set_rng_state(state["cuda"])
        if self._generator is not None:
            self._generator.bit_generator.state = state["numpy"]


class Checkpoint:
    """Saves the parts of a training every `checkpoint_seconds`, and restores them.

    `cache_key` names the training (see `training_cache_key`); a checkpoint with another key is
    not restored.
    """

    def __init__(
        self,
        resources: Resources,
        training: TrainingSettings,
        cache_key: str,
        state: TrainingState,
        parts: Mapping[str, Stateful],
    ) -> None:
        self._folder = resources.checkpoint if training.checkpoint_seconds else None
        self._interval = training.checkpoint_seconds
        self._cache_key = cache_key
        self._state = state
        self._parts = {"state": state, **parts}
        self._last_save = time.monotonic()

    def resume(self) -> None:
        """Restore all parts from the checkpoint, if there is one, and log it.

        A checkpoint that is damaged or has another key is logged, and overwritten by the next.
        """
        if self._folder is None or not self._folder.is_dir():
            return
        if (damaged := first_damaged(self._folder)) is not None:
            LOG.warning("%s is damaged or missing; starting from scratch", damaged)
            return
        values = json.loads((self._folder / VALUES).read_text(encoding="utf-8"))
        if values["made_from"] != self._cache_key:
            LOG.warning(
                "%s belongs to a different training run; starting from scratch", self._folder
            )
            return
        tensors = load_file(self._folder / TENSORS)
        for part, stateful in self._parts.items():
            own = {
                name.removeprefix(f"{part}/"): tensor
                for name, tensor in tensors.items()
                if name.startswith(f"{part}/")
            }
            stateful.load_state_dict({**values["parts"][part], **own})
        LOG.info(
            "resuming training at epoch %d, after %d of its batches (%s)",
            self._state.epoch + 1,
            self._state.batches_done,
            self._folder,
        )

    def save_if_due(self) -> None:
        """Save a checkpoint if the last one is old enough."""
        is_due = time.monotonic() - self._last_save >= self._interval
        if self._folder is not None and is_due and is_main():
            self._save(self._folder)
            self._last_save = time.monotonic()

    def _save(self, folder: Path) -> None:
        tensors: dict[str, Tensor] = {}
        values: dict[str, dict[str, Any]] = {}
        for part, stateful in self._parts.items():
            state = stateful.state_dict()
            tensors |= {f"{part}/{name}": copy for name, copy in copied_tensors(state).items()}
            values[part] = {n: value for n, value in state.items() if not isinstance(value, Tensor)}
        with new_folder(folder) as draft:
            save_file(tensors, draft / TENSORS)
            write_json(draft / VALUES, {"made_from": self._cache_key, "parts": values})


def copied_tensors(state: Mapping[str, Any]) -> dict[str, Tensor]:
    """Return copies of the tensors of a state, in main memory and with no memory in common."""
    return {
        name: value.detach().to("cpu", copy=True).contiguous()
        for name, value in state.items()
        if isinstance(value, Tensor)
    }


def training_cache_key(
    trainer: str,
    training: TrainingSettings,
    settings: Any,
    encoder: Encoder,
    pairs: Pairs,
    corpus: Corpus,
    seed: int,
) -> str:
    """Return a sha256 over everything that determines a training, so that no other is resumed.

    `settings` is the dataclass of the trainer's own settings.
    """
    inputs = {
        "format": FORMAT,
        "trainer": trainer,
        "training": {k: v for k, v in asdict(training).items() if k not in NOT_IN_RESULT},
        "settings": asdict(settings),
        "encoder": {**asdict(encoder.settings), "name": encoder.fingerprint},
        "learned": encoder.learned_sha256,
        "bf16": encoder.bf16,
        "queries": pairs.queries.digest(),
        "documents": corpus.texts.digest(),
        "seed": seed,
    }
    checksum = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode())
    for positions in (pairs.starts, pairs.documents):
        checksum.update(positions.tobytes())
    return checksum.hexdigest()
