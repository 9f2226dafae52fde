"""How a query finds its lists on any device: by all centroids, or by the beam of a tree."""

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from methods.base import Array, Router
from methods.ehi.list_router import ListRouter
from methods.ehi.tree_router import BEAM_FLOATS, TreeRouter
from methods.engines.nearest import nearest_by_torch


class Route(Protocol):
    """Chooses the lists that queries scan."""

    def __call__(self, queries: Tensor, probes: int) -> Tensor:
        """Return the lists (n, probes) that each query (n, dimensions) scans."""
        ...

    def macs(self, probes: int) -> int:
        """Return the multiply-adds to choose `probes` lists for a query."""
        ...


class NearestCentroids:
    """The lists of the centroids (lists, r) with the largest inner products with P^T u."""

    def __init__(self, centroids: Array, projection: Array | None, device: str) -> None:
        self._centroids = torch.from_numpy(centroids).to(device)
        self._projection = None if projection is None else torch.from_numpy(projection).to(device)

    def __call__(self, queries: Tensor, probes: int) -> Tensor:
        """Return the lists (n, probes), the nearest first."""
        projected = queries if self._projection is None else queries @ self._projection
        return nearest_by_torch(projected, self._centroids, probes)[1]

    def macs(self, probes: int) -> int:
        """Return the multiply-adds of the projection and of all centroids."""
        projection = 0 if self._projection is None else self._projection.numel()
        return self._centroids.numel() + projection


class TreeBeam:
    """The leaves that the beam of a tree ends in, as `TreeRouter.beam` finds them."""

    def __init__(self, tree: TreeRouter, device: str) -> None:
        self._tree = tree
        self._mixers = [torch.from_numpy(mixer).to(device) for mixer in tree.mixers]
        self._classifiers = [torch.from_numpy(each).to(device) for each in tree.classifiers]
        projection = tree.projection
        self._projection = None if projection is None else torch.from_numpy(projection).to(device)

    def __call__(self, queries: Tensor, probes: int) -> Tensor:
        """Return the leaves (n, probes), unsorted."""
        nodes, inputs, branching = self._classifiers[-1].shape
        gathered = inputs * branching if nodes > 1 else max(inputs, branching)
        entries = min(probes, self._tree.leaves // branching)
        rows = max(1, BEAM_FLOATS // max(entries * gathered, branching))
        return torch.cat([self._beam(part, probes) for part in queries.split(rows)])

    def macs(self, probes: int) -> int:
        """Return the multiply-adds of the tree's beam."""
        return self._tree.macs(probes)

    def _beam(self, queries: Tensor, width: int) -> Tensor:
        branching, scale = self._tree.branching, 1 / self._tree.temperature
        vectors = queries if self._projection is None else queries @ self._projection
        logits = self._mixed(vectors, 0) @ self._classifiers[0][0]
        log_joint = functional.log_softmax(logits * scale, dim=1)
        log_joint, nodes = log_joint.topk(min(width, branching), sorted=False)
        for level in range(1, self._tree.height):
            logits = self._logits(vectors, nodes, level) * scale
            children = functional.log_softmax(logits, dim=-1) + log_joint[:, :, None]
            flat = children.flatten(1)
            log_joint, kept = flat.topk(min(width, flat.shape[1]), sorted=False)
            nodes = nodes.gather(1, kept // branching) * branching + kept % branching
        return nodes

    def _logits(self, vectors: Tensor, nodes: Tensor, level: int) -> Tensor:
        """Return the logits (n, beam, B) of the children of `nodes` (n, beam), below the root."""
        classifier = self._classifiers[level]
        if len(classifier) > 1:
            mixed = self._mixed(vectors, level)
            return torch.einsum("nr,nbrk->nbk", mixed, classifier[nodes])
        inputs = self._with_choices(vectors, nodes, level, classifier[0])
        if not self._mixers:
            return inputs
        hidden = self._with_choices(vectors, nodes, level, self._mixers[level])
        return inputs + functional.relu(hidden) @ classifier[0]

    def _with_choices(self, vectors: Tensor, nodes: Tensor, level: int, weights: Tensor) -> Tensor:
        """Return the product of [one-hots of the choices, latest first; vector] with weights."""
        branching = self._tree.branching
        product = (vectors @ weights[branching * level :])[:, None, :]
        for back in range(level):
            product = product + weights[back * branching + nodes // branching**back % branching]
        return product

    def _mixed(self, vectors: Tensor, level: int) -> Tensor:
        if not self._mixers:
            return vectors
        return vectors + functional.relu(vectors @ self._mixers[level])


class RouterBeam:
    """The beam of a router that only numpy knows, such as that of another package."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def __call__(self, queries: Tensor, probes: int) -> Tensor:
        """Return the leaves (n, probes), found on the CPU."""
        return torch.from_numpy(self._router.beam(queries.cpu().numpy(), probes)[0]).to(
            queries.device
        )

    def macs(self, probes: int) -> int:
        """Return the multiply-adds of the router's beam."""
        return self._router.macs(probes)


def route_of(router: Router, device: str) -> Route:
    """Return the route to a router's leaves, on a device if its tree is known."""
    if (weights := router.linear_weights()) is not None:
        return NearestCentroids(weights, router.projection, device)
    tree = router.tree if isinstance(router, ListRouter) else router
    return TreeBeam(tree, device) if isinstance(tree, TreeRouter) else RouterBeam(router)
