"""IVF clusters the documents, scans the nearest lists, and counts what it scans."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from methods.base import Resources
from methods.errors import InputError
from methods.forms.short import ShortForm, ShortSettings
from methods.indexes.ivf import FILE, IvfIndex, IvfSettings
from methods.postings.coarse_quantizer import Routing
from methods.postings.mass_beam import Beam

K = 10


def built(vectors: np.ndarray, resources: Resources, seed: int = 0) -> IvfIndex:
    index = IvfIndex(IvfSettings(lists=8), resources)
    index.build(vectors, seed, None)
    return index


def test_the_nearest_lists_are_scanned_and_counted(vectors: np.ndarray, resources: Resources):
    index = built(vectors, resources)
    centroids = index.to_faiss(K, 1).quantizer.reconstruct_n(0, 8)
    list_of = np.argmax(vectors @ centroids.T, axis=1)
    queries = vectors[::20]
    hits, cost = index.search(queries, 200, 2), index.cost(queries, K, 2)
    for row, query in enumerate(queries):
        nearest = np.argsort(-(centroids @ query))[:2]
        scanned = np.flatnonzero(np.isin(list_of, nearest))
        assert sorted(hits.ids[row][hits.ids[row] >= 0]) == scanned.tolist()
        assert cost.visited[row] == len(scanned)
        assert cost.scan_macs[row] == 16 * len(scanned) and cost.route_macs[row] == 8 * 16


@pytest.mark.parametrize("beam", ["fixed", "mass"])
@pytest.mark.parametrize("routing", ["flat", "graph"])
def test_short_vectors_are_in_the_lists_of_whole_ones(
    vectors: np.ndarray, resources: Resources, routing: Routing, beam: Beam
):
    settings = IvfSettings(lists=8, routing=routing, beam=beam)
    whole = IvfIndex(settings, resources)
    short = IvfIndex(settings, resources, ShortForm(ShortSettings(rank=4, rescore=0)))
    for index in (whole, short):
        index.build(vectors, 0, None)
    assert np.array_equal(short.posting_sizes(), whole.posting_sizes())
    queries = vectors[::20]
    for effort in (1, 3):
        assert np.array_equal(short.reached(queries, effort), whole.reached(queries, effort))
        found, expected = (each.search(queries, 200, effort).ids for each in (short, whole))
        assert np.array_equal(np.sort(found), np.sort(expected))
        costs = [each.cost(queries, K, effort) for each in (short, whole)]
        assert np.array_equal(costs[0].scan_macs * 4, costs[1].scan_macs)
        assert np.array_equal(costs[0].route_macs, costs[1].route_macs + 16 * 4)


def test_the_saved_file_is_a_faiss_index(vectors: np.ndarray, resources: Resources, tmp_path: Path):
    index = built(vectors, resources)
    index.save(tmp_path)
    library = faiss.read_index(str(tmp_path / FILE))
    library.nprobe = 3
    assert np.array_equal(library.search(vectors, 5)[1], index.search(vectors, 5, 3).ids)


def test_the_seed_determines_the_lists(vectors: np.ndarray, resources: Resources):
    def sizes(seed: int) -> list[int]:
        return built(vectors, resources, seed).posting_sizes().tolist()

    assert sizes(0) == sizes(0) != sizes(1)


def test_more_lists_than_documents_are_rejected(vectors: np.ndarray, resources: Resources):
    with pytest.raises(InputError) as rejected:
        IvfIndex(IvfSettings(lists=201), resources).build(vectors, 0, None)
    assert str(rejected.value) == (
        "ivf.lists is 201 but the corpus has 200 documents; --set ivf.lists=200 or fewer"
    )


@pytest.mark.parametrize("name", ["lists", "iterations"])
def test_settings_below_one_are_rejected(name: str):
    with pytest.raises(InputError, match=rf"ivf\.{name} is 0; it must be at least 1"):
        IvfSettings(**{name: 0})
