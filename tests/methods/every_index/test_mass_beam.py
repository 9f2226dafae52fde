"""Lists of every form, searched with a beam by mass."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from methods.base import Array, Resources
from methods.ehi.settings import EhiSettings
from methods.errors import InputError
from methods.indexes.ivf import IvfSettings
from methods.indexes.started_graph import StartedGraphSettings
from methods.postings.mass_beam import EFFORTS, gap_of
from methods.postings.posting_index import PostingIndex
from methods.registry import method
from tests.methods.pairs import DOCUMENTS, LISTS, POSTINGS, K, Pair, unit_vectors

EFFORT = next(effort for effort in range(1, EFFORTS) if gap_of(effort) >= 0.2)
BY_MASS = [replace(pair, beam="mass") for pair in POSTINGS]
TEMPERATURE = EhiSettings().temperature


def effort_for(index: PostingIndex) -> int:
    """Return the effort of a gap of 0.2, or as much in log-probabilities where these are ranked."""
    gap = 0.2 if index.routes_itself else 0.2 / TEMPERATURE
    return next(effort for effort in range(1, EFFORTS) if gap_of(effort) >= gap)


@pytest.fixture(scope="module")
def documents() -> Array:
    return unit_vectors(0, DOCUMENTS)


@pytest.fixture(scope="module")
def queries() -> Array:
    return unit_vectors(1, 10)


def built(pair: Pair, documents: Array, resources: Resources) -> PostingIndex:
    index = pair.built(documents, resources)
    assert isinstance(index, PostingIndex)
    return index


@pytest.mark.parametrize("pair", BY_MASS, ids=str)
def test_a_search_scans_the_near_lists_of_each_query_and_counts_them(
    pair: Pair, documents: Array, queries: Array, resources: Resources, tmp_path: Path
):
    index = built(pair, documents, resources)
    fixed = built(replace(pair, beam="fixed"), documents, resources)
    effort = effort_for(index)
    lists = index.reached(queries, effort)
    widths = (lists >= 0).sum(axis=1)
    assert widths.min() < widths.max() < LISTS
    cost, everything = index.cost(queries, K, effort), index.search(queries, DOCUMENTS, effort)
    for row, query in enumerate(queries):
        scanned = set(fixed.postings.documents_in(lists[row : row + 1])[0].tolist())
        found = everything.ids[row]
        assert set(found[found >= 0].tolist()) == scanned and cost.visited[row] == len(scanned)
        # A fixed beam of this width scans the same lists, unless it ranks them approximately.
        width = int(widths[row])
        if pair.index in ("ivf", "tree", "projected tree", "mixed tree", "two leaves"):
            assert set(fixed.reached(query[None], width)[0]) == set(lists[row][lists[row] >= 0])
            alone, same = index.search(query[None], K, effort), fixed.search(query[None], K, width)
            assert np.array_equal(alone.ids, same.ids)
            as_fixed = fixed.cost(query[None], K, width)
            assert cost.scan_macs[row] == as_fixed.scan_macs[0]
            assert cost.route_macs[row] == as_fixed.route_macs[0]
    index.save(tmp_path)
    loaded = pair.unbuilt(resources)
    loaded.load(tmp_path, documents)
    again, hits = (each.search(queries, K, effort) for each in (loaded, index))
    assert np.array_equal(again.ids, hits.ids) and np.array_equal(again.scores, hits.scores)


@pytest.mark.parametrize("pair", BY_MASS, ids=str)
def test_the_last_effort_scans_all_lists_and_the_first_only_the_best(
    pair: Pair, documents: Array, queries: Array, resources: Resources
):
    index = built(pair, documents, resources)
    assert index.efforts(K) == range(1, EFFORTS + 1)
    assert (index.cost(queries, K, EFFORTS).visited == DOCUMENTS).all()
    assert index.reached(queries, 1).shape == (len(queries), 1)


def test_more_effort_visits_more(documents: Array, queries: Array, resources: Resources):
    index = built(Pair("ivf", "whole", beam="mass"), documents, resources)
    means = [index.cost(queries, K, effort).visited.mean() for effort in range(1, EFFORTS, 50)]
    assert means == sorted(means) and max(np.diff(means)) < 0.1 * DOCUMENTS


def test_faiss_has_no_index_with_a_beam_by_mass(documents: Array, resources: Resources):
    index = built(Pair("tree", "whole", beam="mass"), documents, resources)
    with pytest.raises(InputError, match="export an index with beam=fixed"):
        index.to_faiss(K, EFFORT)


@pytest.mark.parametrize("name", ["ivf", "tree"])
def test_documents_are_added_unless_the_first_ones_rescore(
    name: str, documents: Array, queries: Array, resources: Resources
):
    index = built(Pair(name, "sq8", beam="mass"), documents[:-10], resources)
    assert index.searches_documents
    with pytest.raises(InputError, match=r"rescores with the documents.*--set sq8\.rescore=0"):
        index.add(np.arange(10) + DOCUMENTS - 10, documents[-10:])
    plain = built(Pair(name, "whole", beam="mass"), documents[:-10], resources)
    plain.search(queries, K, EFFORT)
    plain.add(np.arange(10) + DOCUMENTS - 10, documents[-10:])
    ids = plain.search(documents[-10:], 1, EFFORT).ids[:, 0]
    assert ids.tolist() == list(range(DOCUMENTS - 10, DOCUMENTS))


def test_a_graph_is_not_entered_from_a_beam_by_mass(documents: Array, resources: Resources):
    lists = IvfSettings(lists=8, iterations=1, beam="mass")
    settings = {"graph": StartedGraphSettings(dimensions_per_block=2), "ivf": lists}
    graph = method("ivf+hnsw").new_index(settings, resources)
    with pytest.raises(InputError, match=r"--set ivf\.beam=fixed or tree\.beam=fixed"):
        graph.build(documents, 0, None)
