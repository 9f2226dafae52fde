"""Indexes that Faiss or hnswlib wrote are searched and counted as they were built."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from methods.base import Index, Resources
from methods.errors import InputError
from methods.forms.short import ShortForm, ShortSettings
from methods.indexes.given.index_file import given_method, library_of
from methods.indexes.ivf import IvfIndex, IvfSettings

faiss = pytest.importorskip("faiss")


def loaded(file: Path, vectors: np.ndarray, folder: Path, euclidean: bool = False) -> Index[Any]:
    """Return an index as a run uses it: checked and saved, then loaded in another process."""
    method, settings = given_method("mine", file, euclidean)
    sections, resources = {"index mine": settings}, Resources("cpu", folder)
    built = method.new_index(sections, resources)
    built.build(vectors, 0, None)
    (folder / "files").mkdir()
    built.save(folder / "files")
    assert (folder / "files" / "index").is_symlink()  # never copied
    index = method.new_index(sections, resources)
    index.load(folder / "files", vectors)
    return index


def write_faiss(path: Path, vectors: np.ndarray, factory: str, metric: int) -> Any:
    index = faiss.index_factory(vectors.shape[1], factory, metric)
    index.train(vectors)
    index.add(vectors)
    faiss.write_index(index, str(path))
    return index


@pytest.mark.parametrize("metric", [faiss.METRIC_INNER_PRODUCT, faiss.METRIC_L2])
@pytest.mark.parametrize("factory", ["Flat", "IVF8,Flat", "HNSW8", "IVF8,PQ4x4", "PCA8,IVF8,Flat"])
def test_faiss_files_find_what_faiss_finds(
    tmp_path: Path, vectors: np.ndarray, factory: str, metric: int
):
    own = write_faiss(tmp_path / "mine.faiss", vectors, factory, metric)
    index = loaded(tmp_path / "mine.faiss", vectors, tmp_path)
    effort = index.efforts(10)[-1]
    if "IVF" in factory:
        faiss.extract_index_ivf(own).nprobe = effort
    elif factory == "HNSW8":
        own.hnsw.efSearch = effort
    assert np.array_equal(index.search(vectors[:9], 10, effort).ids, own.search(vectors[:9], 10)[1])
    scores = index.search(vectors[:9], 10, effort).scores
    assert (np.diff(scores, axis=1) <= 0).all()


def test_an_inverted_file_visits_the_entries_of_the_lists_that_it_scans(
    tmp_path: Path, vectors: np.ndarray
):
    own = write_faiss(tmp_path / "i", vectors, "IVF8,Flat", faiss.METRIC_INNER_PRODUCT)
    index = loaded(tmp_path / "i", vectors, tmp_path)
    lists = own.quantizer.search(vectors[:20], 3)[1]
    sizes = np.array([own.invlists.list_size(number) for number in range(8)])
    cost = index.cost(vectors[:20], 10, 3)
    assert np.array_equal(cost.visited, sizes[lists].sum(axis=1))
    assert (cost.route_macs == 8 * 16).all() and np.array_equal(cost.scan_macs, cost.visited * 16)
    assert np.array_equal(index.posting_sizes(), sizes)


def test_lists_that_whole_vectors_find_are_searched_and_counted(
    tmp_path: Path, vectors: np.ndarray
):
    resources = Resources("cpu", tmp_path)
    short = ShortForm(ShortSettings(rank=4, rescore=20))
    exported = IvfIndex(IvfSettings(8), resources, short)
    exported.build(vectors, 0, None)
    own = exported.to_faiss(10, 3)
    faiss.write_index(own, str(tmp_path / "i"))
    index = loaded(tmp_path / "i", vectors, tmp_path)
    queries = vectors[:20]
    assert np.array_equal(index.search(queries, 10, 3).ids, own.search(queries, 10)[1])
    cost, expected = index.cost(queries, 10, 3), exported.cost(queries, 10, 3)
    assert np.array_equal(cost.visited, expected.visited)
    assert np.array_equal(cost.scan_macs, cost.visited * 4 + 20 * 16)
    assert (cost.route_macs == expected.route_macs).all()
    assert (cost.route_macs == 16 * 4 + 8 * 16).all()


def test_a_product_code_takes_a_look_up_per_block(tmp_path: Path, vectors: np.ndarray):
    write_faiss(tmp_path / "i", vectors, "PQ4x4", faiss.METRIC_INNER_PRODUCT)
    cost = loaded(tmp_path / "i", vectors, tmp_path).cost(vectors[:3], 10, 1)
    assert (cost.visited == 200).all() and (cost.scan_macs == 200 * 4 + 16 * 16).all()


@pytest.mark.parametrize(
    ("before", "macs"),
    [("L2norm", 0), ("Pad20", 0), ("PCA8", 16 * 8), ("ITQ8", 16 * 8), ("L2norm,RR16", 16 * 16)],
)
def test_only_linear_maps_of_a_query_are_counted(
    tmp_path: Path, vectors: np.ndarray, before: str, macs: int
):
    write_faiss(tmp_path / "i", vectors, f"{before},Flat", faiss.METRIC_INNER_PRODUCT)
    cost = loaded(tmp_path / "i", vectors, tmp_path).cost(vectors[:3], 10, 1)
    assert cost.route_macs.tolist() == [macs] * 3


@pytest.mark.parametrize(("factor", "found"), [(1.0, 10), (1.3, 13), (1.75, 17)])
def test_as_many_are_refined_as_faiss_finds(
    tmp_path: Path, vectors: np.ndarray, factor: float, found: int
):
    scanned, whole = faiss.IndexFlatIP(16), faiss.IndexFlatIP(16)
    scanned.add(vectors)
    whole.add(-vectors)  # so that the last that is found is the best
    own = faiss.IndexRefine(scanned, whole)
    own.k_factor = factor
    faiss.write_index(own, str(tmp_path / "i"))
    index = loaded(tmp_path / "i", vectors, tmp_path)
    order = np.argsort(-vectors[0] @ vectors.T)
    assert index.search(vectors[:1], 10, 1).ids[0, 0] == order[found - 1]
    assert index.cost(vectors[:1], 10, 1).scan_macs.tolist() == [(200 + found) * 16]


@pytest.mark.parametrize("metric", [faiss.METRIC_INNER_PRODUCT, faiss.METRIC_L2])
def test_a_graph_visits_about_what_faiss_counts(tmp_path: Path, vectors: np.ndarray, metric: int):
    longer = vectors * np.linspace(1, 2, len(vectors), dtype=np.float32)[:, None]
    own = write_faiss(tmp_path / "g", longer, "HNSW8", metric)
    index = loaded(tmp_path / "g", longer, tmp_path)
    own.hnsw.efSearch = 12
    for query in longer[:5, None]:
        faiss.cvar.hnsw_stats.reset()
        own.search(query, 10)
        cost = index.cost(query, 10, 12)
        computed = (cost.scan_macs + cost.route_macs)[0] // 16
        assert computed == faiss.cvar.hnsw_stats.ndis + 1  # Faiss leaves out the entry point


@pytest.mark.parametrize("space", ["ip", "l2"])
def test_hnswlib_files_find_what_hnswlib_finds(tmp_path: Path, vectors: np.ndarray, space: str):
    hnswlib = pytest.importorskip("hnswlib")
    own = hnswlib.Index(space, 16)
    own.init_index(len(vectors), random_seed=1)
    own.add_items(vectors, num_threads=1)
    own.save_index(str(tmp_path / "mine.bin"))
    given = np.column_stack([vectors, np.ones(200, "f4")]) if space == "l2" else vectors
    index = loaded(tmp_path / "mine.bin", given, tmp_path, euclidean=space == "l2")
    own.set_ef(20)
    found = index.search(given[:9], 10, 20)
    assert np.array_equal(found.ids, own.knn_query(vectors[:9], 10)[0])
    assert (np.diff(found.scores, axis=1) <= 0).all()
    visited = index.cost(given[:9], 10, 20).visited
    assert (visited >= 20).all() and (visited < 200).any()


def test_documents_that_hnswlib_does_not_reach_are_padding(tmp_path: Path, vectors: np.ndarray):
    hnswlib = pytest.importorskip("hnswlib")
    lengths = np.geomspace(0.01, 10, len(vectors), dtype=np.float32)[:, None]
    longer = vectors * lengths  # short vectors are nobody's neighbours
    own = hnswlib.Index("ip", 16)
    own.init_index(len(longer), M=2, random_seed=1)
    own.add_items(longer, num_threads=1)
    own.save_index(str(tmp_path / "mine.bin"))
    index = loaded(tmp_path / "mine.bin", longer, tmp_path)
    hits = index.search(longer[:9], 200, 200)
    found = (hits.ids >= 0).sum(axis=1)
    assert ((found > 1) & (found < 200)).all()
    for row, count in enumerate(found):
        assert np.array_equal(hits.ids[row, :count], own.knn_query(longer[row], count)[0][0])
        assert (hits.ids[row, count:] == -1).all()
        assert (hits.scores[row, count:] == np.finfo(np.float32).min).all()


@pytest.mark.parametrize(
    ("factory", "rows", "reason"),
    [
        ("NSG8", 200, "is an IndexNSGFlat, and what it visits is not known"),
        ("Flat", 100, "has 100 documents, but the dataset has 200"),
    ],
)
def test_what_cannot_be_measured_is_one_line(
    tmp_path: Path, vectors: np.ndarray, factory: str, rows: int, reason: str
):
    write_faiss(tmp_path / "i", vectors[:rows], factory, faiss.METRIC_L2)
    with pytest.raises(InputError, match=reason):
        loaded(tmp_path / "i", vectors, tmp_path)


def test_ids_have_to_be_positions(tmp_path: Path, vectors: np.ndarray):
    index = faiss.IndexIDMap(faiss.IndexFlatIP(16))
    index.add_with_ids(vectors, np.arange(1000, 1200))
    faiss.write_index(index, str(tmp_path / "i"))
    with pytest.raises(InputError, match="has the id 1,"):
        loaded(tmp_path / "i", vectors, tmp_path)


@pytest.mark.parametrize("content", [b"", b"IxF", b"no index", bytes(8), b"IxFI" + bytes(40)])
def test_another_file_is_one_line(tmp_path: Path, vectors: np.ndarray, content: bytes):
    (tmp_path / "i").write_bytes(content)
    with pytest.raises(InputError):
        loaded(tmp_path / "i", vectors, tmp_path)


def test_the_library_is_known_by_the_first_bytes(tmp_path: Path, vectors: np.ndarray):
    write_faiss(tmp_path / "i", vectors, "Flat", faiss.METRIC_L2)
    assert library_of(tmp_path / "i") == "faiss"
    (tmp_path / "i").write_bytes(bytes(100))
    assert library_of(tmp_path / "i") == "hnswlib"
