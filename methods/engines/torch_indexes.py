"""IVF, EHI's tree and exact search by torch, on a GPU or a CPU, with or without Faiss."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from methods.base import Array, Hits, Positions, Resources, Router
from methods.devices import has_faiss
from methods.ehi.list_router import load_router
from methods.ehi.settings import TreeSettings
from methods.ehi.tree_index import POSTINGS, ROUTER, TreeIndex
from methods.engines.faiss_lists import centroids_from_faiss, lists_from_faiss
from methods.engines.inverted_lists import FILE, InvertedLists
from methods.engines.nearest import as_hits, as_tensor, kept_kmeans, nearest_by_torch
from methods.engines.routes import NearestCentroids, Route, route_of
from methods.engines.torch_postings import TorchPostings
from methods.errors import InputError, missing_library
from methods.forms.form import WHOLE, Form
from methods.forms.layers import Layers
from methods.indexes.exact import ExactIndex
from methods.indexes.ivf import FILE as IVF_FILE
from methods.indexes.ivf import IvfIndex, IvfSettings, check_lists
from methods.settings import NoSettings


class TorchExact(ExactIndex):
    """Brute-force search over the matrix of documents on the device that searches."""

    def __init__(self, settings: NoSettings, resources: Resources) -> None:
        self._device = resources.search.device

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of each query, then ids of -1 if there are fewer."""
        with torch.inference_mode():
            return as_hits(*nearest_by_torch(self._moved(queries), self._matrix, k), k)

    def _keep(self, documents: Array) -> None:
        super()._keep(documents)
        self._matrix = self._moved(documents)

    def _moved(self, vectors: Array) -> torch.Tensor:
        return as_tensor(vectors).to(self._device)


class TorchIvf(IvfIndex):
    """K-means lists as one matrix with offsets; effort is nprobe."""

    postings: TorchPostings

    def __init__(self, settings: IvfSettings, resources: Resources, form: Form = WHOLE) -> None:
        super().__init__(settings, resources, form)
        check_form(form, settings, "ivf")
        self._search_place = resources.search

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Cluster the document vectors (documents, dimensions) and fill the lists."""
        count = self._settings.lists
        check_lists(self._settings, len(documents))
        self._centroids = kept_kmeans(
            self._parts, documents, count, seed, self._settings.iterations
        )
        lists = self._lists_of(documents, self._centroids)
        ids = np.arange(len(documents))
        self._keep_lists(InvertedLists.filled(documents, ids, lists, count))

    def save(self, folder: Path) -> None:
        """Write the lists and their centroids."""
        self.postings.lists.save(folder / FILE, centroids=torch.from_numpy(self._centroids))

    def load(self, folder: Path, documents: Array) -> None:
        """Read the lists, whether torch or Faiss has built them."""
        if (folder / FILE).is_file():
            lists, others = InvertedLists.load(folder / FILE)
            self._centroids = others["centroids"].numpy()
        else:
            index = read_faiss(folder / IVF_FILE)
            lists, self._centroids = lists_from_faiss(index), centroids_from_faiss(index)
        self._keep_lists(lists)

    def _keep_lists(self, lists: InvertedLists) -> None:
        route = NearestCentroids(self._centroids, None, self._search_place.device)
        self.postings = TorchPostings(lists, route, self._search_place, self._put)

    def _put(self, documents: Array) -> tuple[Array, Positions]:
        return documents, self._lists_of(documents, self._centroids)


class TorchTree(TreeIndex):
    """One list for each leaf, as one matrix with offsets; effort is the beam's width."""

    postings: TorchPostings

    def __init__(self, settings: TreeSettings, resources: Resources, form: Form = WHOLE) -> None:
        super().__init__(settings, resources, form)
        check_form(form, settings, "tree")
        self._search_place = resources.search
        self._memory = None  # torch keeps its lists in memory, so `build` must not use Faiss's file

    def save(self, folder: Path) -> None:
        """Write the router and the lists."""
        self.postings.write(folder / FILE)
        self.router.save(folder / ROUTER)

    def load(self, folder: Path, documents: Array) -> None:
        """Read the router and the lists, whether torch or Faiss has filled them."""
        self._keep(load_router(folder / ROUTER))
        if (folder / FILE).is_file():
            lists, _ = InvertedLists.load(folder / FILE)
        else:
            lists = lists_from_faiss(read_faiss(folder / POSTINGS))
        self._keep_lists(lists)

    def _fill(self, documents: Array, lists: Positions, seed: int) -> None:
        ids = np.arange(len(documents))
        self._keep_lists(InvertedLists.filled(documents, ids, lists, self.router.leaves))

    def _keep(self, router: Router) -> None:
        super()._keep(router)
        self.routes_itself = True  # the engine knows beams of any height
        self.searches_documents = False
        self._route: Route = route_of(router, self._search_place.device)

    def _keep_lists(self, lists: InvertedLists) -> None:
        self.postings = TorchPostings(lists, self._route, self._search_place, self._place_new)


def check_form(form: Form, settings: IvfSettings | TreeSettings, section: str) -> None:
    """Raise InputError for what the torch engine does not scan or route by."""
    routing = settings.routing
    if form is not WHOLE:
        raise InputError(f"+{form.name} is searched by Faiss only; use --search-device cpu")
    if routing != "flat":
        raise InputError(
            f"{section}.routing is {routing}, but torch reaches lists by all their vectors; "
            f"--set {section}.routing=flat, or use --search-device cpu"
        )
    if settings.beam != "fixed":
        raise InputError(
            f"{section}.beam is {settings.beam}, but torch searches as many lists for every query; "
            f"--set {section}.beam=fixed, or use --search-device cpu"
        )


def read_faiss(path: Path) -> Any:
    """Return the inverted file that Faiss wrote. Raise InputError if Faiss is not installed."""
    if not has_faiss():
        raise InputError(
            missing_library(f"reading {path.name}", "faiss", 'pip install "ehibench[cpu]"')
        )
    return Layers.read(path).core
