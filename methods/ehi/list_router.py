"""A learned router over lists that are not learned: documents lie where k-means puts them."""

from dataclasses import dataclass
from pathlib import Path

from safetensors.numpy import load_file, save_file

from methods.base import Array, Positions, Router
from methods.ehi.router import TreeRouter

CENTROIDS = "centroids"


@dataclass(frozen=True)
class ListRouter:
    """A tree of height 1 that leads queries to k-means lists: leaf i is the list of centroid i."""

    tree: TreeRouter
    centroids: Array

    @property
    def leaves(self) -> int:
        """The number of lists."""
        return self.tree.leaves

    def beam(self, vectors: Array, width: int) -> tuple[Positions, Array]:
        """Return the lists (n, width) that are most probable and their log-probabilities."""
        return self.tree.beam(vectors, width)

    def place(self, documents: Array, copies: int) -> Positions:
        """Return the lists (n, copies) of the nearest centroids, whatever is learned."""
        import faiss

        nearest = faiss.IndexFlatIP(self.centroids.shape[1])
        nearest.add(self.centroids)
        lists: Positions = nearest.search(documents, copies)[1]
        return lists

    def macs(self, width: int) -> int:
        """Return the multiply-adds of one query's beam."""
        return self.tree.macs(width)

    @property
    def formula(self) -> str:
        """How a query is led to lists, in the names of `tensors`."""
        return self.tree.formula

    def tensors(self) -> dict[str, Array]:
        """Return the tree's weights and the centroids, by name."""
        return {**self.tree.tensors(), CENTROIDS: self.centroids}

    def save(self, path: Path) -> None:
        """Write the tree at `path` and the centroids beside it."""
        self.tree.save(path)
        save_file({CENTROIDS: self.centroids}, _centroids_beside(path))


def load_router(path: Path) -> Router:
    """Read what a router of either kind saved: one with centroids beside it is a ListRouter."""
    tree = TreeRouter.load(path)
    beside = _centroids_beside(path)
    return ListRouter(tree, load_file(beside)[CENTROIDS]) if beside.is_file() else tree


def _centroids_beside(path: Path) -> Path:
    return path.with_suffix(f".{CENTROIDS}{path.suffix}")
