"""Checkpoints: a training that was killed is taken up where it stood, bit for bit on a CPU.

A checkpoint is a folder that is there whole or not at all (methods/atomic_files.py): the tensors
of all parts in one safetensors file, and everything else as JSON. What can be had from the
seed is not kept: methods/training/sampling.py derives the batches of an epoch from its number.
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
from methods.settings import NOT_IN_RESULT, TrainingSettings
from methods.training.state import TrainingState

LOG = logging.getLogger(__name__)
FORMAT = 1
TENSORS, VALUES = "tensors.safetensors", "values.json"


class Stateful(Protocol):
    """A part of a training, with a state of tensors and JSON values by name (torch's words)."""

    def state_dict(self) -> Mapping[str, Any]:
        """Return the state; its tensors may be those that learn on."""
        ...

    def load_state_dict(self, state: Any) -> object:
        """Go on from what `state_dict` returned."""
        ...


class RandomState:
    """The random numbers to come: those of torch, and of a numpy generator where there is one."""

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
        """Draw on from where `state_dict` was called."""
        torch.set_rng_state(state["torch"])
        if "cuda" in state:
            torch.cuda.set_rng_state(state["cuda"])
        if self._generator is not None:
            self._generator.bit_generator.state = state["numpy"]


class Checkpoint:
    """Writes the parts of a training every `checkpoint_seconds`, and puts them back.

    `made_from` says what decides the training (see `identity`); a checkpoint of another one is
    not taken up.
    """

    def __init__(
        self,
        resources: Resources,
        training: TrainingSettings,
        made_from: str,
        state: TrainingState,
        parts: Mapping[str, Stateful],
    ) -> None:
        self._place = resources.checkpoint if training.checkpoint_seconds else None
        self._every = training.checkpoint_seconds
        self._made_from = made_from
        self._state = state
        self._parts = {"state": state, **parts}
        self._written = time.monotonic()

    def take_up(self) -> None:
        """Put every part where the checkpoint has it, and say so; without one do nothing.

        One that is damaged or of another training is named, and stays until it is overwritten.
        """
        if self._place is None or not self._place.is_dir():
            return
        if (damaged := first_damaged(self._place)) is not None:
            LOG.warning("%s is damaged or missing; training starts afresh", damaged)
            return
        values = json.loads((self._place / VALUES).read_text(encoding="utf-8"))
        if values["made_from"] != self._made_from:
            LOG.warning("%s is of another training; training starts afresh", self._place)
            return
        tensors = load_file(self._place / TENSORS)
        for part, stateful in self._parts.items():
            own = {
                name.removeprefix(f"{part}/"): tensor
                for name, tensor in tensors.items()
                if name.startswith(f"{part}/")
            }
            stateful.load_state_dict({**values["parts"][part], **own})
        LOG.info(
            "training is taken up in epoch %d after %d batches (%s)",
            self._state.epoch + 1,
            self._state.done,
            self._place,
        )

    def write_if_due(self) -> None:
        """Write a checkpoint if the last one is old enough."""
        if self._place is not None and time.monotonic() - self._written >= self._every:
            self._write(self._place)
            self._written = time.monotonic()

    def _write(self, place: Path) -> None:
        tensors: dict[str, Tensor] = {}
        values: dict[str, dict[str, Any]] = {}
        for part, stateful in self._parts.items():
            state = stateful.state_dict()
            tensors |= {f"{part}/{n}": v for n, v in copied_tensors(state).items()}
            values[part] = {n: v for n, v in state.items() if not isinstance(v, Tensor)}
        with new_folder(place) as draft:
            save_file(tensors, draft / TENSORS)
            write_json(draft / VALUES, {"made_from": self._made_from, "parts": values})


def copied_tensors(state: Mapping[str, Any]) -> dict[str, Tensor]:
    """Return copies of the tensors of a state, in main memory; no two share it."""
    return {
        name: value.detach().to("cpu", copy=True).contiguous()
        for name, value in state.items()
        if isinstance(value, Tensor)
    }


def identity(
    trainer: str,
    training: TrainingSettings,
    settings: Any,
    encoder: Encoder,
    pairs: Pairs,
    corpus: Corpus,
    seed: int,
) -> str:
    """Return a sha256 over all that decides a training, so that no other one is taken up.

    `settings` are those of the trainer, a dataclass.
    """
    decides = {
        "format": FORMAT,
        "trainer": trainer,
        "training": {k: v for k, v in asdict(training).items() if k not in NOT_IN_RESULT},
        "settings": asdict(settings),
        "encoder": {**asdict(encoder.settings), "name": encoder.fingerprint},
        "learned": encoder.learned_sha256,
        "bf16": encoder.bf16,
        "device": encoder.device,
        "queries": pairs.queries.digest(),
        "documents": corpus.texts.digest(),
        "seed": seed,
    }
    checksum = hashlib.sha256(json.dumps(decides, sort_keys=True).encode())
    for positions in (pairs.starts, pairs.documents):
        checksum.update(positions.tobytes())
    return checksum.hexdigest()
