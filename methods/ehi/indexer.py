"""The indexer of EHI: a tree of classifiers and its path embedding (section 3 of the paper)."""

from typing import Any

import torch
from torch import Tensor, nn

from methods.base import Array, Router
from methods.ehi.settings import EhiSettings
from methods.ehi.tree_router import TreeRouter

PROJECTION_RATE = 0.1
"""The learning rate of P, as a share of the indexer's.

P also has to preserve inner products, because leaves may be scanned by projected vectors.
"""


class TreeIndexer(nn.Module):
    """A tree of height H with B children per node; the nodes of a height share one classifier.

    With u the embedding (m), o(i) the one-hot of a chosen child and F(x; U) = x + ReLU(U^T x):

        p^{h+1} = Softmax( W_{h+1}^T F([o(i^h); ...; o(i^1); u]; U_{h+1}) / temperature ) * p^h[i^h]

    A `temperature` of 1 is the paper's formula. U starts small and random, because at 0 its
    gradient would be 0 too. Three settings depart from the paper:

    - `rank` r replaces u with P^T u, with one P (m x r) for all heights; with 0, or m or more,
      there is no projection.
    - `mixer` "none" sets F(x) = x; the tree is then linear in u.
    - `classifiers` "per_node" gives each node its own W, which makes the one-hots unnecessary.
    """

    def __init__(self, dimensions: int, settings: EhiSettings) -> None:
        super().__init__()
        self.branching = settings.branching
        self.height = settings.height
        self.temperature = settings.temperature
        self.per_node = settings.classifiers == "per_node"
        self.by_leaves = settings.embedding == "leaves"
        inner = min(settings.rank or dimensions, dimensions)
        self.projection = (
            nn.Parameter(torch.randn(dimensions, inner) / dimensions**0.5)
            if inner < dimensions
            else None
        )
        widths = [
            inner if self.per_node else inner + self.branching * level
            for level in range(self.height)
        ]
        self.mixers = nn.ParameterList(
            nn.Parameter(torch.randn(width, width) * 0.1 / width)
            for width in (widths if settings.mixer == "relu" else ())
        )
        nodes = [self.branching**level if self.per_node else 1 for level in range(self.height)]
        self.classifiers = nn.ParameterList(
            nn.Parameter(torch.randn(count, width, self.branching) / width**0.5)
            for count, width in zip(nodes, widths, strict=True)
        )

    def parameter_groups(self, learning_rate: float) -> list[dict[str, Any]]:
        """Return the parameters in groups, each with its learning rate."""
        groups: list[dict[str, Any]] = [
            {
                "name": "indexer",
                "params": [*self.mixers, *self.classifiers],
                "lr": learning_rate,
            }
        ]
        if self.projection is not None:
            rate = PROJECTION_RATE * learning_rate
            groups.append({"name": "projection", "params": [self.projection], "lr": rate})
        return groups

    def project(self, vectors: Tensor) -> Tensor:
        """Return P^T u (n, r), or the vectors (n, m) unchanged if there is no projection."""
        return vectors if self.projection is None else vectors @ self.projection

    def log_path(self, vectors: Tensor, path: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return log T(x), the logarithm of the path embedding, and the path it follows.

        log T(x) = [log p^H; ...; log p^1] has shape (n, B * H). The path (n, H) holds
        i^1, ..., i^H: the given `path`, or else the most probable child at each height.
        """
        inputs = self.project(vectors)
        parent = vectors.new_zeros(len(vectors), 1)
        node = torch.zeros(len(vectors), dtype=torch.int64, device=vectors.device)
        embedding: list[Tensor] = []
        followed: list[Tensor] = []
        for level in range(self.height):
            log_joint = torch.log_softmax(self._logits(inputs, node, level), dim=1) + parent
            child = log_joint.argmax(dim=1) if path is None else path[:, level]
            embedding.insert(0, log_joint)
            followed.append(child)
            parent = log_joint.gather(1, child[:, None])
            if self.per_node:
                node = node * self.branching + child
            else:
                one_hot = nn.functional.one_hot(child, self.branching).to(inputs.dtype)
                inputs = torch.cat([one_hot, inputs], dim=1)
        return torch.cat(embedding, dim=1), torch.stack(followed, dim=1)

    def log_leaves(self, vectors: Tensor) -> Tensor:
        """Return log p (n, B^H) of every leaf, in the order of its number (see TreeRouter.beam).

        With one height this is log T(x). With more, T(x) matches child i of one node with child
        i of any other node of the same height, whereas these probabilities match leaves. Not in
        the paper.
        """
        inputs = self.project(vectors)
        log_joint = vectors.new_zeros(len(vectors), 1)
        for level in range(self.height):
            children = torch.log_softmax(self._logits_of_all(inputs, level), dim=2)
            log_joint = (log_joint[:, :, None] + children).flatten(1)
        return log_joint

    def log_embedding(self, vectors: Tensor) -> Tensor:
        """Return what the losses compare for queries: log T(q), or log p of all leaves."""
        return self.log_leaves(vectors) if self.by_leaves else self.log_path(vectors)[0]

    def log_embedding_of_documents(self, vectors: Tensor) -> Tensor:
        """Return the same embedding of documents, which share the tree with the queries."""
        return self.log_embedding(vectors)

    def router(self) -> Router:
        """Return a copy of the current weights that routes queries and assigns documents."""
        return self.tree()

    def tree(self) -> TreeRouter:
        """Return a copy of the current weights as a tree for search."""

        def weights(parameters: nn.ParameterList) -> tuple[Array, ...]:
            return tuple(p.detach().cpu().numpy().copy() for p in parameters)

        projection = self.projection
        return TreeRouter(
            weights(self.mixers),
            weights(self.classifiers),
            self.temperature,
            None if projection is None else projection.detach().cpu().numpy().copy(),
        )

    def _logits_of_all(self, inputs: Tensor, level: int) -> Tensor:
        """Return the logits (n, nodes, B) of the children of all nodes at `level`."""
        classifier, nodes = self.classifiers[level], self.branching**level
        if len(classifier) == nodes:
            mixed = inputs + torch.relu(inputs @ self.mixers[level]) if self.mixers else inputs
            flat: Tensor = mixed @ classifier.transpose(0, 1).flatten(1)
            return flat.view(-1, nodes, self.branching) / self.temperature
        numbers = torch.arange(nodes, device=inputs.device)
        one_hots = [  # the choices that lead to each node, the latest first
            nn.functional.one_hot(numbers // self.branching**back % self.branching, self.branching)
            for back in range(level)
        ]
        choices = torch.cat(one_hots, dim=1).to(inputs.dtype)  # (nodes, B * level)
        width = choices.shape[1]
        logits: Tensor = (inputs @ classifier[0, width:])[:, None] + choices @ classifier[0, :width]
        if self.mixers:
            mixer = self.mixers[level]
            hidden = (inputs @ mixer[width:])[:, None] + choices @ mixer[:width]
            logits = logits + torch.relu(hidden) @ classifier[0]
        return logits / self.temperature

    def _logits(self, inputs: Tensor, node: Tensor, level: int) -> Tensor:
        """Return the logits (n, B) of the children of each row's `node` (n,) at `level`."""
        classifier = self.classifiers[level]
        if self.mixers:
            inputs = inputs + torch.relu(inputs @ self.mixers[level])
        logits: Tensor = (
            inputs @ classifier[0]
            if len(classifier) == 1
            else torch.bmm(inputs[:, None], classifier[node])[:, 0]
        )
        return logits / self.temperature
