"""Torch finds what Faiss finds, in indexes that either of them has built."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from methods.base import Index, Resources
from methods.devices import Dtype, SearchPlace
from methods.ehi.indexer import TreeIndexer
from methods.ehi.list_router import ListRouter
from methods.ehi.settings import EhiSettings, TreeSettings
from methods.engines.torch_indexes import TorchIvf, TorchTree
from methods.engines.torch_postings import TORCH_NAMES
from methods.errors import InputError
from methods.indexes.fused_vectors import FusedSettings
from methods.indexes.ivf import IvfSettings
from methods.indexes.started_graph import StartedGraphSettings
from methods.postings.memory_limit import MemoryLimit
from methods.registry import method

K = 10
TORCH = SearchPlace("cuda" if torch.cuda.is_available() else "cpu", "torch")


def index_of(name: str, place: SearchPlace, resources: Resources, **settings) -> Index:
    """Return an empty index of a method, for a search at a place."""
    sections = {"ivf": IvfSettings(lists=8), "tree": TreeSettings(), **settings}
    return method(name).new_index(sections, replace(resources, search=place))


def tree(height: int = 1, **settings) -> TreeIndexer:
    torch.manual_seed(0)
    branching = 8 if height == 1 else 3
    return TreeIndexer(16, EhiSettings(height=height, branching=branching, rank=8, **settings))


ROUTERS = {
    "linear": lambda vectors: tree().router(),
    "mixed": lambda vectors: tree(mixer="relu").router(),
    "three heights": lambda vectors: tree(3, mixer="relu").router(),
    "a classifier for each node": lambda vectors: tree(2, classifiers="per_node").router(),
    "k-means lists": lambda vectors: ListRouter(tree().tree(), vectors[:8]),
}


def pair(name: str, resources: Resources, vectors: np.ndarray, router=None, **settings):
    """Return the same index as Faiss and as torch search it, built of the same vectors."""
    pytest.importorskip("faiss")
    places = (SearchPlace(), TORCH)
    indexes = [index_of(name, place, resources, **settings) for place in places]
    for index in indexes:
        index.build(vectors, 0, router)
    return indexes


def assert_same_hits(ours, theirs):
    assert np.array_equal(ours.ids, theirs.ids)
    assert np.allclose(ours.scores, theirs.scores, atol=1e-6)


@pytest.mark.parametrize("further", [0, 1])
@pytest.mark.parametrize("effort", [1, 3, 8])
def test_ivf_finds_what_faiss_finds(
    vectors: np.ndarray, resources: Resources, effort: int, further: int
):
    settings = {"ivf": IvfSettings(lists=8, spilled=further)}
    by_faiss, by_torch = pair("ivf", resources, vectors, **settings)
    assert isinstance(by_torch, TorchIvf)
    queries = vectors[::3]
    assert_same_hits(by_torch.search(queries, K, effort), by_faiss.search(queries, K, effort))
    ours, theirs = by_torch.cost(queries, K, effort), by_faiss.cost(queries, K, effort)
    for name in ("visited", "scan_macs", "route_macs"):
        assert np.array_equal(getattr(ours, name), getattr(theirs, name))
    assert by_torch.posting_sizes().tolist() == by_faiss.posting_sizes().tolist()


@pytest.mark.parametrize("router", ROUTERS)
@pytest.mark.parametrize("further", [0, 1])
def test_a_tree_finds_what_faiss_finds(
    vectors: np.ndarray, resources: Resources, router: str, further: int
):
    settings = {"tree": TreeSettings(spilled=further)}
    by_faiss, by_torch = pair("ehi", resources, vectors, ROUTERS[router](vectors), **settings)
    assert isinstance(by_torch, TorchTree)
    queries = vectors[::3]
    for effort in (1, 4):
        assert_same_hits(by_torch.search(queries, K, effort), by_faiss.search(queries, K, effort))
        ours, theirs = by_torch.cost(queries, K, effort), by_faiss.cost(queries, K, effort)
        assert np.array_equal(ours.visited, theirs.visited)
        assert np.array_equal(
            ours.scan_macs + ours.route_macs, theirs.scan_macs + theirs.route_macs
        )


def test_exact_search_finds_what_faiss_finds(vectors: np.ndarray, resources: Resources):
    by_faiss, by_torch = pair("exact", resources, vectors)
    assert_same_hits(by_torch.search(vectors, K, 1), by_faiss.search(vectors, K, 1))
    assert by_torch.search(vectors[:1], 300, 1).ids[0, 199:202].tolist()[1:] == [-1, -1]


@pytest.mark.parametrize(("name", "router"), [("ivf", None), ("ehi", "linear"), ("ehi", "mixed")])
@pytest.mark.parametrize("built_by", [SearchPlace(), TORCH])
def test_either_engine_loads_what_the_other_has_built(
    vectors: np.ndarray,
    resources: Resources,
    tmp_path: Path,
    name: str,
    router: str | None,
    built_by: SearchPlace,
):
    pytest.importorskip("faiss")
    built = index_of(name, built_by, resources)
    built.build(vectors, 0, router and ROUTERS[router](vectors))
    (tmp_path / "index").mkdir()
    built.save(tmp_path / "index")
    for place in (SearchPlace(), TORCH):
        loaded = index_of(name, place, resources)
        loaded.load(tmp_path / "index", vectors)
        assert_same_hits(loaded.search(vectors, K, 3), built.search(vectors, K, 3))


@pytest.mark.parametrize("name", ["ivf", "ehi"])
def test_a_limit_of_memory_changes_no_lists(
    vectors: np.ndarray, resources: Resources, tmp_path: Path, name: str
):
    found = []
    for memory in (None, MemoryLimit(bytes=1, folder=tmp_path)):
        place = SearchPlace("cpu", "torch")
        within = replace(resources, memory=memory)
        built, loaded = (index_of(name, place, within) for _ in range(2))
        built.build(vectors, 0, ROUTERS["linear"](vectors))
        folder = tmp_path / ("whole" if memory is None else "limited")
        folder.mkdir()
        built.save(folder)
        loaded.load(folder, vectors)
        found.append(loaded.search(vectors, K, 3))
    assert_same_hits(*found)


@pytest.mark.gpu
@pytest.mark.parametrize("router", ROUTERS)
def test_a_gpu_finds_what_a_cpu_finds(vectors: np.ndarray, resources: Resources, router: str):
    found = []
    for device in ("cpu", "cuda"):
        index = index_of("ehi", SearchPlace(device, "torch"), resources)
        index.build(vectors, 0, ROUTERS[router](vectors))
        found.append(index.search(vectors, K, 3))
    assert_same_hits(*found)


@pytest.mark.parametrize("name", ["ivf", "ehi"])
def test_documents_come_and_go(vectors: np.ndarray, resources: Resources, name: str):
    whole, changed = (index_of(name, TORCH, resources) for _ in range(2))
    router = ROUTERS["linear"](vectors)
    whole.build(vectors, 0, router)
    changed.build(vectors, 0, router)
    changed.remove(np.arange(50, 120))
    assert not np.isin(changed.search(vectors, K, 8).ids, np.arange(50, 120)).any()
    changed.add(np.arange(50, 120), vectors[50:120])
    assert_same_hits(changed.search(vectors, K, 8), whole.search(vectors, K, 8))
    with pytest.raises(InputError, match="document 3 is in the index already"):
        changed.add(np.array([3]), vectors[:1])
    with pytest.raises(InputError, match="document 900 is not in the index"):
        changed.remove(np.array([900]))


@pytest.mark.parametrize(("dtype", "recall"), [("fp16", 0.99), ("bf16", 0.95)])
@pytest.mark.parametrize(("name", "router"), [("ivf", None), ("ehi", "linear"), ("ehi", "mixed")])
def test_half_precision_finds_most_of_what_fp32_finds(
    resources: Resources,
    tmp_path: Path,
    name: str,
    router: str | None,
    dtype: Dtype,
    recall: float,
):
    random = np.random.default_rng(0)
    vectors = random.normal(size=(2_000, 16)).astype(np.float32)
    half = replace(TORCH, dtype=dtype)
    built = index_of(name, half.for_building, resources)
    built.build(vectors[:1_500], 0, router and ROUTERS[router](vectors))
    (tmp_path / "index").mkdir()
    built.save(tmp_path / "index")
    found = []
    for place in (half, TORCH):
        index = index_of(name, place, resources)
        index.load(tmp_path / "index", vectors[:1_500])
        index.add(np.arange(1_500, 2_000), vectors[1_500:])
        assert str(index.postings.lists.vectors.dtype) == f"torch.{TORCH_NAMES[place.dtype]}"
        found.append(index.search(vectors[::4], K, 3).ids)
    shared = [len(set(a) & set(b)) for a, b in zip(*(ids.tolist() for ids in found), strict=True)]
    assert sum(shared) / (500 * K) >= recall


def test_rounded_vectors_are_not_saved(vectors: np.ndarray, resources: Resources, tmp_path: Path):
    index = index_of("ivf", replace(TORCH, dtype="fp16"), resources)
    index.build(vectors, 0, None)
    with pytest.raises(InputError, match=r"lists in torch\.float16 are not saved; build the index"):
        index.save(tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_index_around_lists_takes_those_that_its_own_engine_searches(
    vectors: np.ndarray, resources: Resources
):
    sections = {"fused": FusedSettings(0.01), "graph": StartedGraphSettings()}
    router = ROUTERS["linear"](vectors)
    by_faiss, by_torch = pair("ehi-vectors+ivf", resources, vectors, router, **sections)
    assert_same_hits(by_torch.search(vectors, K, 2), by_faiss.search(vectors, K, 2))
    graph = index_of("ivf+hnsw", SearchPlace("cpu", "torch"), resources, **sections)
    graph.build(vectors, 0, None)  # by Faiss, whose lists it enters
    assert graph.search(vectors[:3], 1, graph.efforts(1)[-1]).ids[:, 0].tolist() == [0, 1, 2]


def test_what_torch_does_not_search_is_rejected(resources: Resources):
    with pytest.raises(InputError, match=r"ivf\.routing is graph"):
        index_of("ivf", TORCH, resources, ivf=IvfSettings(routing="graph"))
    by_torch = index_of("ivf", TORCH, resources)
    by_torch.build(np.eye(16, dtype=np.float32), 0, None)
    with pytest.raises(InputError, match="load the index with --search-device cpu"):
        by_torch.to_faiss(K, 1)


def test_a_graph_is_rejected_on_a_gpu(resources: Resources):
    pytest.importorskip("faiss", reason="needs Faiss, which has the graph")
    with pytest.raises(InputError, match="faiss_hnsw has no search on a GPU"):
        index_of("faiss-hnsw", SearchPlace("cuda", "torch"), resources)
