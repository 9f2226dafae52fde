"""The scan of inverted lists, by hand and against Faiss: by torch, compiled or not, and Triton."""

import importlib.util
from functools import partial

import numpy as np
import pytest
import torch

from methods.engines.compiled_products import compiled_products
from methods.engines.inverted_lists import InvertedLists
from methods.engines.scan import Scorer, score_by_gather, search_lists
from methods.forms.form import WHOLE

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
SCORERS: list = [pytest.param(score_by_gather, id="gather")]
if DEVICE == "cpu" and (products := compiled_products()) is not None:
    SCORERS.append(pytest.param(partial(score_by_gather, products=products), id="compiled"))
else:
    skipped = pytest.mark.skip(reason="needs a working C++ compiler, and no GPU")
    SCORERS.append(pytest.param(None, id="compiled", marks=skipped))
if importlib.util.find_spec("triton"):
    from methods.engines.triton_scan import score_by_triton

    SCORERS.append(pytest.param(score_by_triton, id="triton"))
else:
    skipped = pytest.mark.skip(reason="needs triton, which is not installed: pip install triton")
    SCORERS.append(pytest.param(None, id="triton", marks=skipped))


def as_ids(lists: InvertedLists, queries, probed, k: int, scorer: Scorer) -> list[list[int]]:
    tensors = (torch.as_tensor(each).to(DEVICE) for each in (queries, probed))
    return search_lists(lists.to(DEVICE), *tensors, k, scorer)[1].tolist()


def uneven_lists(dimensions: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """300 vectors, the lists of each, and 40 queries: one list is long, some are empty."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(300, dimensions)).astype(np.float32)
    lists = np.minimum(random.geometric(0.2, size=(300, 1)), 20) - 1
    return vectors, lists, random.normal(size=(40, dimensions)).astype(np.float32)


@pytest.mark.parametrize("scorer", SCORERS)
def test_only_the_probed_lists_are_searched(scorer: Scorer):
    vectors = np.array([[3, 0], [0, 2], [1, 0], [0, 1], [2, 0]], dtype=np.float32)
    lists = InvertedLists.filled(vectors, np.arange(5), np.array([[0], [1], [0], [1], [3]]), 4)
    assert lists.offsets.tolist() == [0, 2, 4, 4, 5] and lists.ids.tolist() == [0, 2, 1, 3, 4]
    queries = np.array([[1, 0], [0, 1], [1, 0]], dtype=np.float32)
    probed = [[0, 3], [1, 2], [2, -1]]  # list 2 is empty
    expected = [[0, 4, 2], [1, 3, -1], [-1, -1, -1]]
    assert as_ids(lists, queries, probed, 3, scorer) == expected


@pytest.mark.parametrize("scorer", SCORERS)
@pytest.mark.parametrize("dimensions", [16, 100])
def test_ids_are_those_of_faiss_on_every_query(scorer: Scorer, dimensions: int):
    faiss = pytest.importorskip("faiss")
    vectors, lists, queries = uneven_lists(dimensions)
    index = WHOLE.filled(faiss.IndexFlatIP(dimensions), 20, vectors, lists, seed=0)
    probed = np.argsort(np.random.default_rng(1).random((40, 20)), axis=1)[:, :5]
    index.nprobe = 5
    by_faiss = index.search_preassigned(queries, 10, probed, np.zeros((40, 5), np.float32))[1]
    ours = InvertedLists.filled(vectors, np.arange(300), lists, 20)
    assert as_ids(ours, queries, probed, 10, scorer) == by_faiss.tolist()


@pytest.mark.parametrize("scorer", SCORERS[1:])
@pytest.mark.parametrize("dimensions", [16, 100])
def test_ids_are_those_of_plain_torch_on_every_query(scorer: Scorer, dimensions: int):
    vectors, lists, queries = uneven_lists(dimensions)
    whole = InvertedLists.filled(vectors, np.arange(300), lists, 20)
    probed = np.argsort(np.random.default_rng(1).random((40, 20)), axis=1)[:, :5]
    by_gather = as_ids(whole, queries, probed, 10, score_by_gather)
    assert as_ids(whole, queries, probed, 10, scorer) == by_gather


@pytest.mark.parametrize("scorer", SCORERS)
@pytest.mark.parametrize(("dtype", "recall"), [(torch.float16, 0.99), (torch.bfloat16, 0.95)])
def test_half_precision_keeps_most_of_the_first_ten(
    scorer: Scorer, dtype: torch.dtype, recall: float
):
    vectors, lists, queries = uneven_lists(64)
    whole = InvertedLists.filled(vectors, np.arange(300), lists, 20)
    half = whole.to(DEVICE, dtype)
    probed = torch.arange(20, device=DEVICE).repeat(40, 1)
    moved = torch.from_numpy(queries).to(DEVICE)
    found = search_lists(half, moved, probed, 10, scorer)[1].tolist()
    exact = np.argsort(-queries @ vectors.T, axis=1)[:, :10].tolist()
    shared = [len(set(a) & set(b)) for a, b in zip(found, exact, strict=True)]
    assert half.vectors.dtype == dtype and sum(shared) / 400 >= recall


def test_no_queries_find_nothing():
    vectors, lists, queries = uneven_lists(16)
    whole = InvertedLists.filled(vectors, np.arange(300), lists, 20)
    assert as_ids(whole, queries[:0], np.zeros((0, 3), int), 10, score_by_gather) == []


def test_queries_are_searched_in_parts_that_fit_memory(monkeypatch: pytest.MonkeyPatch):
    vectors, lists, queries = uneven_lists(16)
    whole = InvertedLists.filled(vectors, np.arange(300), lists, 20)
    probed = np.tile(np.arange(6), (40, 1))
    at_once = as_ids(whole, queries, probed, 10, score_by_gather)
    monkeypatch.setattr("methods.engines.scan.SCORES_AT_ONCE", 700)  # rows of about 200 entries
    monkeypatch.setattr("methods.engines.scan.GATHERED_FLOATS", 100)
    assert as_ids(whole, queries, probed, 10, score_by_gather) == at_once
