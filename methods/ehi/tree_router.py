"""The learned tree at search time: beam search in numpy, without one-hot vectors."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from methods.base import Array, Positions
from methods.postings.spilling import unit

BEAM_FLOATS = 1 << 24
"""The size of the largest intermediate array of a beam search, in floats (64 MiB)."""


@dataclass(frozen=True)
class TreeRouter:
    """The weights of a TreeIndexer, and its beam search.

    `mixers` are U_1..U_H, or empty; `classifiers` are W_1..W_H (nodes, width, B), where nodes is
    1 if all nodes of a height share one; `projection` is P (m, r) or None.

    Multiplying by a one-hot selects a row. A height therefore costs one product with P^T u, and
    for each entry of the beam a few row additions and one product with W.
    """

    mixers: tuple[Array, ...]
    classifiers: tuple[Array, ...]
    temperature: float
    projection: Array | None = None

    @property
    def height(self) -> int:
        """H, the number of classifiers from the root to a leaf."""
        return len(self.classifiers)

    @property
    def branching(self) -> int:
        """B, the number of children per node."""
        return int(self.classifiers[0].shape[2])

    @property
    def leaves(self) -> int:
        """The number of leaves, B^H."""
        return int(self.branching**self.height)

    def linear_weights(self) -> Array | None:
        """Return W_1^T (B, r) of a tree with one height and no mixer, else None."""
        if self.height > 1 or self.mixers:
            return None
        return np.ascontiguousarray(self.classifiers[0][0].T)

    def evidence(self) -> Array | None:
        """Return W_1^T P^T / temperature (B, m) of a tree with linear weights, else None."""
        weights = self.linear_weights()
        if weights is None:
            return None
        whole = weights if self.projection is None else weights @ self.projection.T
        return whole / np.float32(self.temperature)

    def interpolated(self, centroids: Array, share: float) -> "TreeRouter | None":
        """Return this tree with W_1 moved towards the leaves' centroids (B, m), if it is linear.

        W_1 = (1 - share) W_1 + share c, where c are the directions of P^T centroid, as long as the
        columns of W_1 on average. What is learned from queries routes queries like them best,
        centroids route all others; between the two there are weights that do nearly as well on
        either (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022). A leaf whose
        centroid is 0 keeps its weights.
        """
        weights = self.linear_weights()
        if weights is None:
            return None
        projected = self.project(centroids)
        used = (projected != 0).any(axis=1)
        length = np.linalg.norm(weights[used], axis=1).mean() if used.any() else 0.0
        moved = np.float32(1 - share) * weights + np.float32(share * length) * unit(projected)
        weights = np.where(used[:, None], moved, weights)
        return replace(self, classifiers=(np.ascontiguousarray(weights.T)[None],))

    def project(self, vectors: Array) -> Array:
        """Return P^T u (n, r), or the vectors (n, m) unchanged if there is no projection."""
        return vectors if self.projection is None else vectors @ self.projection

    def beam(self, vectors: Array, width: int) -> tuple[Positions, Array]:
        """Return the leaves (n, width) that a beam of `width` reaches and their log-probabilities.

        At each height the beam keeps the `width` most probable children of its nodes. The leaf
        with path i^1, ..., i^H has the number i^1 B^{H-1} + ... + i^H. Rows are not sorted.
        """
        entries = min(width, self.leaves // self.branching)
        widest = entries * max(self.classifiers[-1].shape[1], self._gathered)
        rows = max(1, BEAM_FLOATS // max(widest, self.leaves))
        if len(vectors) <= rows:  # avoids the overhead of parts, which counts for a single query
            return self._beam(self.project(vectors), width)
        parts = [
            self._beam(self.project(vectors[start : start + rows]), width)
            for start in range(0, len(vectors), rows)
        ]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def directions(self) -> Array | None:
        """Return the directions (leaves, m) of W_1 P^T, if the tree is linear."""
        evidence = self.evidence()
        return None if evidence is None else unit(evidence)

    def assign(self, documents: Array, count: int) -> Positions:
        """Return the `count` leaves (n, count) that a document's beam reaches, the best first."""
        leaves, log_probabilities = self.beam(documents, count)
        return _gather(leaves, np.argsort(-log_probabilities, axis=1))

    def macs(self, width: int) -> int:
        """Return the multiply-adds of one vector's beam of `width`, as `beam` computes it."""
        inner = self.classifiers[0].shape[1]
        total = 0 if self.projection is None else self.projection.size
        entries = 1
        for level, classifier in enumerate(self.classifiers):
            nodes, inputs, branching = classifier.shape
            if self.mixers:
                total += inner * inputs  # P^T u with U
            if self.mixers or nodes > 1 or level == 0:
                total += entries * inputs * branching  # each entry with W
            if inputs > inner:
                total += inner * branching  # P^T u with W, once
            entries = min(width, entries * branching)
        return total

    @property
    def formula(self) -> str:
        """How a vector u is routed from a node to its children, in the names of `tensors`."""
        z = "u" if self.projection is None else "u @ projection"
        choices = "[one-hots of the choices, the latest first; z]"
        x = choices if self.height > 1 and len(self.classifiers[-1]) == 1 else "z"
        mixed = "(x + relu(x @ mixer))" if self.mixers else "x"
        own = "node" if len(self.classifiers[-1]) > 1 else "0"
        logits = f"{mixed} @ classifier[{own}] / temperature"
        return f"log p = log p(parent) + log_softmax({logits}), x = {x}, z = {z}"

    def tensors(self) -> dict[str, Array]:
        """Return all weights by name: U_{h+1} is mixer.h, W_{h+1} is classifier.h."""
        tensors = {"temperature": np.array([self.temperature], dtype=np.float32)}
        if self.projection is not None:
            tensors["projection"] = self.projection
        tensors |= {f"mixer.{level}": mixer for level, mixer in enumerate(self.mixers)}
        return tensors | {f"classifier.{level}": w for level, w in enumerate(self.classifiers)}

    def save(self, path: Path) -> None:
        """Write the weights as safetensors."""
        save_file(self.tensors(), path)

    @staticmethod
    def load(path: Path) -> "TreeRouter":
        """Read what `save` wrote."""
        tensors = load_file(path)

        def numbered(name: str) -> tuple[Array, ...]:
            count = sum(key.startswith(f"{name}.") for key in tensors)
            return tuple(tensors[f"{name}.{level}"] for level in range(count))

        return TreeRouter(
            numbered("mixer"),
            numbered("classifier"),
            float(tensors["temperature"][0]),
            tensors.get("projection"),
        )

    @property
    def _gathered(self) -> int:
        """The floats gathered per beam entry, if its node has a classifier of its own."""
        nodes, inputs, branching = self.classifiers[-1].shape
        return int(inputs * branching) if nodes > 1 else 0

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
        logits: Array = self._mixed(vectors, 0) @ self.classifiers[0][0]
        logits *= np.float32(1 / self.temperature)
        return logits

    def _logits(self, vectors: Array, nodes: Positions, level: int) -> Array:
        """Return the logits (n, beam, B) of the children of `nodes` (n, beam), below the root."""
        classifier = self.classifiers[level]
        if len(classifier) > 1:
            mixed = self._mixed(vectors, level)
            logits: Array = np.matmul(mixed[:, None, None, :], classifier[nodes])[:, :, 0]
        else:
            logits = self._shared_logits(vectors, nodes, level)
        logits *= np.float32(1 / self.temperature)
        return logits

    def _mixed(self, vectors: Array, level: int) -> Array:
        """Return F(x) (n, r) for inputs without one-hots."""
        if not self.mixers:
            return vectors
        mixed: Array = vectors @ self.mixers[level]
        np.maximum(mixed, 0, out=mixed)
        mixed += vectors
        return mixed

    def _shared_logits(self, vectors: Array, nodes: Positions, level: int) -> Array:
        """Return the logits (n, beam, B) if all nodes of a height share one classifier."""
        classifier = self.classifiers[level][0]
        choices = self.branching * level
        # The inputs start with the latest choice, o(i^h).
        chosen = [
            back * self.branching + nodes // self.branching**back % self.branching
            for back in range(level)
        ]
        linear: Array = (vectors @ classifier[choices:])[:, None, :]
        for rows in chosen:
            linear = linear + classifier[rows]
        if not self.mixers:
            return linear
        mixer = self.mixers[level]
        hidden = (vectors @ mixer[choices:])[:, None, :]
        for rows in chosen:
            hidden = hidden + mixer[rows]
        linear += np.maximum(hidden, 0) @ classifier
        return linear


def _log_softmax(logits: Array) -> Array:
    shifted: Array = logits - logits.max(axis=-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted


def _most_probable(log_joint: Array, width: int) -> Positions:
    """Return the columns (n, width) of the largest values of each row, unsorted."""
    if log_joint.shape[1] <= width:
        return np.tile(np.arange(log_joint.shape[1]), (len(log_joint), 1))
    columns = log_joint.argpartition(-width, axis=1)[:, -width:]
    return np.ascontiguousarray(columns)  # a view would keep all columns in memory


def _gather(values: "np.ndarray[Any, Any]", columns: Positions) -> "np.ndarray[Any, Any]":
    return values[np.arange(len(values))[:, None], columns]
