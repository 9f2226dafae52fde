"""The indexer: a tree of classifiers, one a height, and the path embedding (section 3)."""

import torch
from torch import Tensor, nn

from methods.base import Array, Router
from methods.ehi.router import TreeRouter


class TreeIndexer(nn.Module):
    """A tree of height H with B children a node; one classifier a height, shared by its nodes.

    With u the embedding (m), o(i) the one-hot of a child taken and F(x; U) = x + ReLU(U^T x):

        p^{h+1} = Softmax( W_{h+1}^T F([o(i^h); ...; o(i^1); u]; U_{h+1}) / temperature ) * p^h[i^h]

    `temperature` 1 is the paper's formula. U starts small and random, because at 0 its
    gradient would be 0 too.
    """

    def __init__(self, dimensions: int, branching: int, height: int, temperature: float) -> None:
        super().__init__()
        self.branching = branching
        self.height = height
        self.temperature = temperature
        widths = [dimensions + branching * level for level in range(height)]
        self.mixers = nn.ParameterList(
            nn.Parameter(torch.randn(width, width) * 0.1 / width) for width in widths
        )
        self.classifiers = nn.ParameterList(
            nn.Parameter(torch.randn(width, branching) / width**0.5) for width in widths
        )

    def log_path(self, vectors: Tensor, path: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return log T(x), the logarithm of the path embedding, and the path taken.

        log T(x) = [log p^H; ...; log p^1] has shape (n, B * H). The path (n, H) holds
        i^1, ..., i^H: the most probable child at each height, or the `path` given.
        """
        inputs = vectors
        parent = vectors.new_zeros(len(vectors), 1)
        embedding: list[Tensor] = []
        taken: list[Tensor] = []
        for level, (mixer, classifier) in enumerate(
            zip(self.mixers, self.classifiers, strict=True)
        ):
            mixed = inputs + torch.relu(inputs @ mixer)
            log_joint = torch.log_softmax(mixed @ classifier / self.temperature, dim=1) + parent
            child = log_joint.argmax(dim=1) if path is None else path[:, level]
            embedding.insert(0, log_joint)
            taken.append(child)
            parent = log_joint.gather(1, child[:, None])
            one_hot = nn.functional.one_hot(child, self.branching).to(inputs.dtype)
            inputs = torch.cat([one_hot, inputs], dim=1)
        return torch.cat(embedding, dim=1), torch.stack(taken, dim=1)

    def log_path_of_documents(self, vectors: Tensor) -> Tensor:
        """Return log T(d) (n, B * H): documents take the same tree as queries."""
        return self.log_path(vectors)[0]

    def router(self) -> Router:
        """Return what leads queries to leaves and documents to theirs, as it stands."""
        return self.tree()

    def tree(self) -> TreeRouter:
        """Return the tree as it stands, for search."""

        def weights(parameters: nn.ParameterList) -> tuple[Array, ...]:
            return tuple(p.detach().cpu().numpy().copy() for p in parameters)

        return TreeRouter(weights(self.mixers), weights(self.classifiers), self.temperature)
