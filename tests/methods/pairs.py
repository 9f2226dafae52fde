"""Every index with every form that it scans, of 300 vectors of 16 dimensions."""

from dataclasses import dataclass, replace

import numpy as np
import torch

from methods.base import Array, Index, Resources, Router
from methods.ehi.indexer import TreeIndexer
from methods.ehi.settings import EhiSettings, TreeSettings
from methods.ehi.tree_index import TreeIndex
from methods.ehi.warm_start import start_from_kmeans
from methods.forms.codes import (
    PqForm,
    PqSettings,
    RabitqForm,
    RabitqSettings,
    Sq8Form,
    Sq8Settings,
)
from methods.forms.form import WHOLE, Form
from methods.forms.short import ShortForm, ShortSettings
from methods.indexes.faiss_hnsw import FaissHnswIndex, FaissHnswSettings
from methods.indexes.hnsw import HnswIndex, HnswSettings
from methods.indexes.ivf import IvfIndex, IvfSettings
from methods.postings.mass_beam import Beam

DOCUMENTS, DIMENSIONS, LISTS, RANK = 300, 16, 20, 8
PROJECTED = 5  # dimensions that a tree with a projection reads
K = 10

LISTS_OF = ("ivf", "ivf by codes", "ivf by a graph", "two lists")
TREES = ("tree", "projected tree", "mixed tree", "two leaves", "tree by a graph")
GRAPHS = ("hnsw", "faiss-hnsw")
SHORT = ("pca", "truncation")
SHORT_LISTS = "pca, lists too"
CODES = ("sq8", "pq of 4 bits", "pq of 8 bits", "rabitq")


@dataclass(frozen=True)
class Pair:
    """The names of an index and of a form, how many documents are rescored, and the beam."""

    index: str
    form: str
    rescore: int = 40
    beam: Beam = "fixed"

    def __str__(self) -> str:
        return f"{self.index}+{self.form}"

    @property
    def is_tree(self) -> bool:
        return self.index in TREES

    @property
    def is_graph(self) -> bool:
        return self.index in GRAPHS

    @property
    def copies(self) -> int:
        return 2 if self.index in ("two leaves", "two lists") else 1

    def unbuilt(self, resources: Resources) -> Index[Array]:
        form = form_of(self.form, self.rescore)
        if self.index == "hnsw":
            return HnswIndex(HnswSettings(), resources, form)
        if self.index == "faiss-hnsw":
            return FaissHnswIndex(FaissHnswSettings(), resources, form)
        routing = {"codes": "codes", "graph": "graph"}.get(self.index.split()[-1], "flat")
        if self.is_tree:
            tree = TreeSettings(self.copies - 1, routing=routing, beam=self.beam)
            return TreeIndex(tree, resources, form)
        ivf = IvfSettings(LISTS, routing=routing, beam=self.beam, spilled=self.copies - 1)
        return IvfIndex(ivf, resources, form)

    def built(self, documents: Array, resources: Resources, seed: int = 0) -> Index[Array]:
        index = self.unbuilt(resources)
        index.use_threads(1)
        index.build(documents, seed, self.router(documents))
        return index

    def router(self, documents: Array) -> Router | None:
        if not self.is_tree:
            return None
        rank = PROJECTED if self.index in ("projected tree", "tree by a graph") else 0
        return tree(documents, rank, "relu" if self.index == "mixed tree" else "none")


def pairs(*indexes: str) -> list[Pair]:
    """Return the pairs of these indexes."""
    forms = {
        "hnsw": ("whole", *SHORT),
        "faiss-hnsw": ("whole", *SHORT, "sq8", "pq of 8 bits"),
        "projected tree": ("whole", *SHORT, SHORT_LISTS, "projection", *CODES),
        "tree by a graph": ("whole", *SHORT, SHORT_LISTS, "projection", *CODES),
    }
    return [
        Pair(index, form)
        for index in indexes
        for form in forms.get(index, ("whole", *SHORT, SHORT_LISTS, *CODES))
    ]


POSTINGS = pairs(*LISTS_OF, *TREES)
ALL = POSTINGS + pairs(*GRAPHS)


def rescoring(pair: Pair, rescore: int) -> Pair:
    """Return the pair with another number of documents that are rescored."""
    return replace(pair, rescore=rescore)


def form_of(name: str, rescore: int) -> Form:
    if name == SHORT_LISTS:
        return ShortForm(ShortSettings("pca", RANK, rescore, lists_by="short"))
    if name in ("pca", "truncation", "projection"):
        return ShortForm(ShortSettings(name, RANK, rescore))  # type: ignore[arg-type]
    if name.startswith("pq"):
        return PqForm(
            PqSettings(dimensions_per_block=2, bits=int(name.split()[2]), rescore=rescore)
        )
    if name == "sq8":
        return Sq8Form(Sq8Settings(rescore))
    return RabitqForm(RabitqSettings(rescore)) if name == "rabitq" else WHOLE


def tree(documents: Array, rank: int = 0, mixer: str = "none", leaves: int = 20) -> Router:
    """Return a tree of one height that k-means has started."""
    torch.manual_seed(0)
    settings = EhiSettings(branching=leaves, rank=rank, mixer=mixer)  # type: ignore[arg-type]
    indexer = TreeIndexer(documents.shape[1], settings)
    start_from_kmeans(indexer, documents, seed=0)
    return indexer.tree()


def unit_vectors(seed: int, count: int, dimensions: int = DIMENSIONS) -> Array:
    """Return unit vectors (count, dimensions) in 30 clusters; only the points depend on `seed`."""
    centres = np.random.default_rng(7).normal(size=(30, dimensions))
    random = np.random.default_rng(seed)
    points = centres[np.arange(count) % 30] + 0.6 * random.normal(size=(count, dimensions))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
