"""The learned tree at search time: beam search in numpy, on the cheap form of the formula."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from methods.base import Array, Positions

BEAM_FLOATS = 1 << 24
"""The largest intermediate of a batch's beam, in numbers (64 MiB)."""


@dataclass(frozen=True)
class TreeRouter:
    """The weights of a TreeIndexer: `mixers` are U_1..U_H and `classifiers` W_1..W_H.

    A product with a one-hot is a row, so a height costs one product with u and then, for
    each entry of the beam, some rows added and one product with W.
    """

    mixers: tuple[Array, ...]
    classifiers: tuple[Array, ...]
    temperature: float

    @property
    def height(self) -> int:
        """H, the classifiers on the way from the root to a leaf."""
        return len(self.classifiers)

    @property
    def branching(self) -> int:
        """B, the children of a node."""
        return int(self.classifiers[0].shape[1])

    @property
    def leaves(self) -> int:
        """B^H."""
        return int(self.branching**self.height)

    def beam(self, vectors: Array, width: int) -> tuple[Positions, Array]:
        """Return the leaves (n, width) that a beam of `width` reaches and their log-probabilities.

        At each height the `width` most probable children of the beam are kept. The leaf
        with path i^1, ..., i^H has the number i^1 B^{H-1} + ... + i^H. The order within
        a row is none.
        """
        widest = self.mixers[-1].shape[0] * min(width, self.leaves // self.branching)
        rows = max(1, BEAM_FLOATS // max(widest, self.leaves))
        if len(vectors) <= rows:  # a single query is searched without the cost of parts
            return self._beam(vectors, width)
        parts = [
            self._beam(vectors[start : start + rows], width)
            for start in range(0, len(vectors), rows)
        ]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def place(self, documents: Array, copies: int) -> Positions:
        """Return the leaves (n, copies) of each document: those its own beam reaches."""
        return self.beam(documents, copies)[0]

    def macs(self, width: int) -> int:
        """Return the multiply-adds of one vector's beam of `width`, as `beam` computes it."""
        dimensions, total, entries = self.mixers[0].shape[0], 0, 1
        for mixer in self.mixers:
            inputs = mixer.shape[0]
            total += dimensions * inputs  # u with U
            total += entries * inputs * self.branching  # ReLU(...) with W, an entry
            if inputs > dimensions:
                total += dimensions * self.branching  # u with W, once
            entries = min(width, entries * self.branching)
        return total

    def save(self, path: Path) -> None:
        """Write the weights as safetensors."""
        tensors = {"temperature": np.array([self.temperature], dtype=np.float32)}
        for level, (mixer, classifier) in enumerate(
            zip(self.mixers, self.classifiers, strict=True)
        ):
            tensors |= {f"mixer.{level}": mixer, f"classifier.{level}": classifier}
        save_file(tensors, path)

    @staticmethod
    def load(path: Path) -> "TreeRouter":
        """Read what `save` wrote."""
        tensors = load_file(path)
        levels = range((len(tensors) - 1) // 2)
        return TreeRouter(
            tuple(tensors[f"mixer.{level}"] for level in levels),
            tuple(tensors[f"classifier.{level}"] for level in levels),
            float(tensors["temperature"][0]),
        )

    def _beam(self, vectors: Array, width: int) -> tuple[Positions, Array]:
        log_joint = _log_softmax(self._root_logits(vectors))
        nodes = _most_probable(log_joint, width)
        log_joint = _gather(log_joint, nodes)
        for level in range(1, self.height):
            children = _log_softmax(self._logits(vectors, nodes, level))
            children += log_joint[:, :, None]
            flat = children.reshape(len(vectors), nodes.shape[1] * self.branching)
            kept = _most_probable(flat, width)
            log_joint = _gather(flat, kept)
            parents = _gather(nodes, kept // self.branching)
            nodes = parents * self.branching + kept % self.branching
        return nodes, log_joint

    def _root_logits(self, vectors: Array) -> Array:
        """Return the logits (n, B) of the children of the root."""
        mixed: Array = vectors @ self.mixers[0]
        np.maximum(mixed, 0, out=mixed)
        mixed += vectors
        logits: Array = mixed @ self.classifiers[0]
        logits *= np.float32(1 / self.temperature)
        return logits

    def _logits(self, vectors: Array, nodes: Positions, level: int) -> Array:
        """Return the logits (n, beam, B) of the children of `nodes` (n, beam), below the root."""
        mixer, classifier = self.mixers[level], self.classifiers[level]
        choices = self.branching * level
        hidden = (vectors @ mixer[choices:])[:, None, :]
        linear = (vectors @ classifier[choices:])[:, None, :]
        for back in range(level):  # the inputs start with the latest choice, o(i^h)
            child = nodes // self.branching**back % self.branching
            hidden = hidden + mixer[back * self.branching + child]
            linear = linear + classifier[back * self.branching + child]
        logits: Array = linear + np.maximum(hidden, 0) @ classifier
        logits *= np.float32(1 / self.temperature)
        return logits


def _log_softmax(logits: Array) -> Array:
    shifted: Array = logits - logits.max(axis=-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted


def _most_probable(log_joint: Array, width: int) -> Positions:
    """Return the columns (n, width) of the largest values of each row, in no order."""
    if log_joint.shape[1] <= width:
        return np.tile(np.arange(log_joint.shape[1]), (len(log_joint), 1))
    columns = log_joint.argpartition(-width, axis=1)[:, -width:]
    return np.ascontiguousarray(columns)  # a view would keep all columns of all rows


def _gather(values: "np.ndarray[Any, Any]", columns: Positions) -> "np.ndarray[Any, Any]":
    return values[np.arange(len(values))[:, None], columns]
