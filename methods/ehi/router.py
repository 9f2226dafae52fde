"""The learned tree at search time: beam search in numpy, on the cheap form of the formula."""

from dataclasses import dataclass
from pathlib import Path

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
        widest = max(u.shape[0] for u in self.mixers) * min(width, self.leaves // self.branching)
        rows = max(1, BEAM_FLOATS // max(widest, self.leaves))
        parts = [
            self._beam(vectors[start : start + rows], width)
            for start in range(0, len(vectors), rows)
        ]
        if not parts:
            return np.empty((0, width), dtype=np.int64), np.empty((0, width), dtype=np.float32)
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

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
        nodes = np.zeros((len(vectors), 1), dtype=np.int64)
        log_joint = np.zeros((len(vectors), 1), dtype=np.float32)
        for level in range(self.height):
            logits = self._logits(vectors, nodes, level)
            log_joint = (log_joint[:, :, None] + _log_softmax(logits)).reshape(len(vectors), -1)
            nodes = (nodes[:, :, None] * self.branching + np.arange(self.branching)).reshape(
                len(vectors), -1
            )
            if nodes.shape[1] > width:
                kept = np.argpartition(log_joint, -width, axis=1)[:, -width:]
                nodes = np.take_along_axis(nodes, kept, axis=1)
                log_joint = np.take_along_axis(log_joint, kept, axis=1)
        return nodes, log_joint

    def _logits(self, vectors: Array, nodes: Positions, level: int) -> Array:
        """Return the logits (n, beam, B) of the children of `nodes` (n, beam)."""
        mixer, classifier = self.mixers[level], self.classifiers[level]
        if level == 0:
            mixed = vectors + np.maximum(vectors @ mixer, 0)
            first: Array = (mixed @ classifier)[:, None, :] / np.float32(self.temperature)
            return first
        choices = self.branching * level
        hidden = (vectors @ mixer[choices:])[:, None, :]
        linear = (vectors @ classifier[choices:])[:, None, :]
        for back in range(level):  # the inputs start with the latest choice, o(i^h)
            child = nodes // self.branching**back % self.branching
            hidden = hidden + mixer[back * self.branching + child]
            linear = linear + classifier[back * self.branching + child]
        logits: Array = (linear + np.maximum(hidden, 0) @ classifier) / np.float32(self.temperature)
        return logits


def _log_softmax(logits: Array) -> Array:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    normaliser = np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return np.asarray(shifted - normaliser, dtype=np.float32)
