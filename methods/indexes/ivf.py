"""The inverted file (IVF): k-means lists on the dual encoder, of which nprobe are scanned."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from methods.automatic import check_rule_range, lists_for, most_lists, multiples, setting
from methods.base import Array, Cost, Hits, Positions, Resources, Router
from methods.errors import InputError
from methods.forms.form import WHOLE, Form
from methods.forms.layers import Layers, transformed
from methods.postings.coarse_quantizer import (
    ROUTINGS,
    Routing,
    coarse_quantizer,
    list_vectors,
)
from methods.postings.lists_on_disk import write_lists
from methods.postings.mass_beam import BEAMS, Beam
from methods.postings.mass_search import MassSearch
from methods.postings.memory_limit import MemoryLimit
from methods.postings.posting_index import PostingIndex
from methods.postings.posting_lists import PostingLists
from methods.postings.spilling import (
    CANDIDATES,
    MOST_SPILLED,
    SPILLED,
    spilled,
    without_repeats,
)
from methods.settings import check_range

FILE = "ivf.faiss"


@dataclass(frozen=True)
class IvfSettings:
    """The number of lists and of k-means iterations, how lists are reached and which are scanned.

    `beam` is `fixed` (the same number of lists for every query) or `mass` (all lists that are
    nearly as near as the nearest).
    """

    lists: int = setting(
        1024, auto=lists_for, menu=multiples(lists_for, (1, 0.5, 2, 4, 8), most_lists)
    )
    iterations: int = 25
    routing: Routing = setting("flat", menu=ROUTINGS, since="0.3")
    beam: Beam = setting("fixed", menu=BEAMS, since="0.3", searched=True)
    spilled: int = setting(0, menu=SPILLED, since="0.3")
    """The further lists of each document, chosen by SOAR."""

    def __post_init__(self) -> None:
        """Reject values that build no index."""
        check_rule_range("ivf.lists", self.lists, 1)
        check_range("ivf.iterations", self.iterations, 1)
        check_range("ivf.spilled", self.spilled, 0, MOST_SPILLED)


class IvfIndex(PostingIndex):
    """A Faiss inverted file with inner product and spherical k-means; effort is nprobe.

    With a beam by mass, effort is the number of a gap instead (`mass_beam.gap_of`).
    """

    def __init__(self, settings: IvfSettings, resources: Resources, form: Form = WHOLE) -> None:
        self._settings = settings
        self._form = form
        self._parts = resources.parts
        self._memory = resources.memory
        self.copies = settings.spilled + 1
        self.searches_documents = form.rescore > 0 and settings.beam == "mass"

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Cluster the document vectors (documents, dimensions) and fill the lists."""
        from methods.engines.nearest import kept_kmeans

        check_lists(self._settings, len(documents))
        if self._memory is not None and self._form is WHOLE:
            self._build_on_disk(documents, seed, self._memory)
            return
        chain = self._form.transform(documents, router)
        scanned = transformed(chain, documents)
        routed = documents if self._form.lists_by_whole else scanned
        settings = self._settings
        centroids = kept_kmeans(self._parts, routed, settings.lists, seed, settings.iterations)
        quantizer = coarse_quantizer(settings.routing, centroids)
        lists = self._lists_of(routed, centroids)
        core = self._form.filled(quantizer, len(centroids), scanned, lists, seed)
        whole = None if self.searches_documents else documents
        by_whole = quantizer if self._form.lists_by_whole else None
        layers = Layers(core, chain, self._form.rescore, whole, quantizer=by_whole)
        self._keep(layers, documents)

    def save(self, folder: Path) -> None:
        """Write the lists in Faiss's format."""
        self.postings.write(folder / FILE)

    def load(self, folder: Path, documents: Array) -> None:
        """Read the lists; if Faiss rescores, it keeps a copy of the documents."""
        from methods.engines.faiss_lists import lists_to_faiss
        from methods.engines.inverted_lists import FILE as LISTS
        from methods.engines.inverted_lists import InvertedLists

        if (folder / LISTS).is_file():  # built by torch
            lists, others = InvertedLists.load(folder / LISTS)
            centroids = others["centroids"].numpy()
            quantizer = coarse_quantizer(self._settings.routing, centroids)
            layers = Layers(lists_to_faiss(lists, quantizer))
        else:
            whole = None if self.searches_documents else documents
            mapped = self._memory is not None
            layers = Layers.read(folder / FILE, self._form.rescore, whole, mapped)
        self._keep(layers, documents)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of the lists that an effort reaches."""
        searched = self.by_mass or self.postings
        if self.copies == 1:
            return searched.search(queries, k, effort)
        hits = searched.search(queries, k * self.copies, effort)
        return without_repeats(hits.ids, hits.scores, k)

    def cost(self, queries: Array, k: int, effort: int) -> Cost:
        """Count scoring the entries of the lists as the scan, and finding the lists as routing."""
        found = k * self.copies
        if self.by_mass:
            return self.by_mass.cost(queries, found, effort)
        return self.postings.cost(queries, found, self.reached(queries, effort))

    def _build_on_disk(self, documents: Array, seed: int, memory: MemoryLimit) -> None:
        """Do what `build` does with whole vectors, with the same result, in limited memory."""
        from methods.engines.kmeans_sample import kmeans_sample
        from methods.engines.nearest import kept_kmeans

        settings = self._settings
        sample = kmeans_sample(documents, settings.lists, seed, memory)
        centroids = kept_kmeans(self._parts, sample, settings.lists, seed, settings.iterations)
        quantizer = coarse_quantizer(settings.routing, centroids)
        empty = self._form.lists(quantizer, len(centroids), documents, seed)
        file = memory.folder / FILE

        def assign(part: Array) -> Positions:
            return self._lists_of(part, centroids)

        write_lists(file, empty, documents, assign, self.copies, memory)
        self._keep(Layers.read(file, mapped=True), documents)

    def _keep(self, layers: Layers, documents: Array) -> None:
        place = partial(self._place_new, layers) if self.copies > 1 else None
        self.postings = postings = PostingLists(layers, self._form, place)
        if self._settings.beam == "mass":
            rows = np.ascontiguousarray(documents)  # a mapped matrix stays mapped
            self.by_mass = MassSearch(postings, self._form, rows)

    def _place_new(self, layers: Layers, documents: Array) -> tuple[Array, Positions]:
        """Return new documents (n, dimensions) and their lists, which Faiss does not choose."""
        centroids = list_vectors(layers.quantizer)
        return documents, self._lists_of(layers.routed(documents), centroids)

    def _lists_of(self, routed: Array, centroids: Array) -> Positions:
        """Return the lists (n, copies) of vectors as their lists are found (n, m)."""
        from methods.engines.nearest import nearest

        if self.copies == 1:
            return nearest(routed, centroids, 1).ids
        ranked = nearest(routed, centroids, min(CANDIDATES, len(centroids))).ids
        return spilled(routed, ranked, centroids, self.copies)


def check_lists(settings: IvfSettings, documents: int) -> None:
    """Raise InputError if there are more lists than documents, or no more lists than `spilled`."""
    if documents < settings.lists:
        raise InputError(
            f"ivf.lists is {settings.lists} but the corpus has {documents} documents; "
            f"--set ivf.lists={documents} or fewer"
        )
    if settings.lists <= settings.spilled:
        raise InputError(
            f"ivf.spilled is {settings.spilled}, but there are only {settings.lists} lists, one of "
            "which is the first of a document; --set ivf.spilled=0"
        )
