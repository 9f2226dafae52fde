"""Faiss on a GPU finds what Faiss finds on the CPU."""

from dataclasses import replace

import numpy as np
import pytest

from methods.base import Resources
from methods.devices import SearchPlace, has_faiss_gpu
from methods.ehi.settings import TreeSettings
from methods.engines.faiss_gpu import scan_and_rescoring
from methods.engines.torch_indexes import TorchTree
from methods.forms.codes import PqSettings
from methods.forms.rescoring import rescored
from methods.indexes.ivf import IvfSettings
from methods.postings.posting_index import PostingIndex
from methods.registry import method
from tests.methods.engines.test_torch_indexes import ROUTERS

SECTIONS = {
    "ivf": IvfSettings(lists=8),
    "tree": TreeSettings(fusion=0.05),
    "pq": PqSettings(bits=8, rescore=50),
}
GPU = SearchPlace("cuda", "faiss")


def changed_index(
    name: str, place: SearchPlace, documents: np.ndarray, resources: Resources
) -> PostingIndex:
    """Return an index of a method that was built of all documents but the last, then changed."""
    index = method(name).new_index(SECTIONS, replace(resources, search=place))
    assert isinstance(index, PostingIndex) and not isinstance(index, TorchTree)
    index.build(documents[:-50], 0, ROUTERS["linear"](documents))
    index.add(np.arange(len(documents))[-50:], documents[-50:])
    index.remove(np.arange(10))
    return index


@pytest.fixture
def documents(vectors: np.ndarray) -> np.ndarray:
    """400 vectors, no two of them alike."""
    return np.tile(vectors, (2, 1)) + np.linspace(0, 0.1, 400, dtype=np.float32)[:, None]


@pytest.mark.parametrize("name", ["ivf+pq", "ehi+pq"])
def test_rescoring_finds_by_the_vectors_of_the_index_what_faiss_does(
    documents: np.ndarray, resources: Resources, name: str
):
    index = changed_index(name, SearchPlace(), documents, resources)
    scanned, whole = scan_and_rescoring(index.to_faiss(10, 3))
    assert np.array_equal(whole, index.scored(documents))
    found = rescored(scanned.search(documents, 50)[1], documents, whole, 10)
    expected = index.search(documents, 10, 3)
    assert np.array_equal(found.ids, expected.ids) and (found.ids >= 350).any()
    assert np.allclose(found.scores, expected.scores, atol=1e-5)


def test_an_index_of_whole_vectors_is_not_rescored(documents: np.ndarray, resources: Resources):
    index = changed_index("ehi", SearchPlace(), documents, resources).to_faiss(10, 3)
    assert scan_and_rescoring(index) == (index, None)


@pytest.mark.gpu
@pytest.mark.skipif(not has_faiss_gpu(), reason="needs a Faiss for GPUs: pip install faiss-gpu")
@pytest.mark.parametrize("name", ["ivf", "ivf+pq", "ehi", "ehi+pq"])
def test_faiss_finds_the_same_on_both(documents: np.ndarray, resources: Resources, name: str):
    found = [
        changed_index(name, place, documents, resources).search(documents, 10, 3)
        for place in (SearchPlace(), GPU)
    ]
    assert np.array_equal(found[0].ids, found[1].ids)
    assert np.allclose(found[0].scores, found[1].scores, atol=1e-5)


@pytest.mark.gpu
@pytest.mark.skipif(not has_faiss_gpu(), reason="needs a Faiss for GPUs: pip install faiss-gpu")
def test_exact_search_finds_the_same_on_both(documents: np.ndarray, resources: Resources):
    found = []
    for place in (SearchPlace(), GPU):
        index = method("exact").new_index({}, replace(resources, search=place))
        index.build(documents, 0, None)
        found.append(index.search(documents, 10, 1))
    assert np.array_equal(found[0].ids, found[1].ids)
    assert np.allclose(found[0].scores, found[1].scores, atol=1e-5)
