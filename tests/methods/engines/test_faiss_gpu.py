"""Faiss on a GPU finds what Faiss finds on the CPU."""

from dataclasses import replace

import numpy as np
import pytest

from methods.base import Resources
from methods.devices import SearchPlace, has_faiss_gpu
from methods.ehi.settings import TreeSettings
from methods.engines.torch_indexes import TorchTree
from methods.forms.codes import PqSettings
from methods.indexes.ivf import IvfSettings
from methods.registry import method
from tests.methods.engines.test_torch_indexes import ROUTERS

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not has_faiss_gpu(), reason="needs a Faiss for GPUs: pip install faiss-gpu"),
]
SECTIONS = {"ivf": IvfSettings(lists=8), "tree": TreeSettings(), "pq": PqSettings(bits=8)}


@pytest.mark.parametrize("name", ["exact", "ivf", "ivf+pq", "ehi", "ehi+pq"])
def test_faiss_finds_the_same_on_both(vectors: np.ndarray, resources: Resources, name: str):
    documents = np.tile(vectors, (2, 1)) + np.linspace(0, 0.1, 400, dtype=np.float32)[:, None]
    found = []
    for device in ("cpu", "cuda"):
        place = replace(resources, search=SearchPlace(device, "faiss"))
        index = method(name).new_index(SECTIONS, place)
        index.build(documents, 0, ROUTERS["linear"](documents))
        assert not isinstance(index, TorchTree)
        found.append(index.search(vectors, 10, 3))
    assert np.array_equal(found[0].ids, found[1].ids)
    assert np.allclose(found[0].scores, found[1].scores, atol=1e-5)
