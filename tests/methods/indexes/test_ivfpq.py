"""IVF-PQ selects by codes, ranks by inner products and counts every multiply-add."""

from pathlib import Path

import numpy as np
import pytest

from methods.base import Resources
from methods.errors import InputError
from methods.indexes.exact import ExactIndex
from methods.indexes.ivfpq import IvfPqIndex, IvfPqSettings
from methods.settings import NoSettings

faiss = pytest.importorskip("faiss")

SMALL = IvfPqSettings(lists=8, subquantizers=4, bits=4, reorder=20)


def built(settings: IvfPqSettings, vectors: np.ndarray, resources: Resources, seed: int = 0):
    index = IvfPqIndex(settings, resources)
    index.build(vectors, seed, None)
    return index


@pytest.fixture
def queries(vectors: np.ndarray) -> np.ndarray:
    return vectors[::5] + 0.2 * np.random.default_rng(3).normal(size=(40, 16)).astype(np.float32)


def test_rescoring_all_documents_of_all_lists_is_exact_search(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    exact = ExactIndex(NoSettings(), resources)
    exact.build(vectors, 0, None)
    expected = exact.search(queries, 15, 1)
    everything = IvfPqSettings(lists=8, subquantizers=4, bits=4, reorder=200)
    hits = built(everything, vectors, resources).search(queries, 15, 8)
    assert np.array_equal(hits.ids, expected.ids)
    assert np.allclose(hits.scores, expected.scores, atol=1e-6)


def test_rescoring_fewer_documents_finds_less(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    def found(reorder: int) -> float:
        settings = IvfPqSettings(lists=8, subquantizers=2, bits=2, reorder=reorder)
        hits = built(settings, vectors, resources).search(queries, 10, 8)
        best = np.argsort(-queries @ vectors.T, axis=1)[:, :10]
        return np.mean([len(np.intersect1d(*row)) for row in zip(hits.ids, best, strict=True)])

    assert found(10) < found(50) < found(200) == 10


def test_scores_are_inner_products_in_descending_order(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    hits = built(SMALL, vectors, resources).search(queries, 10, 4)
    expected = np.einsum("nkd,nd->nk", vectors[hits.ids], queries)
    assert np.allclose(hits.scores, expected, atol=1e-6)
    assert (np.diff(hits.scores, axis=1) <= 0).all()


def test_a_search_may_ask_for_more_documents_than_reorder(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    hits = built(SMALL, vectors, resources).search(queries, 60, 8)
    assert hits.ids.shape == (40, 60) and (hits.ids >= 0).all()


def test_one_list_returns_all_its_documents_and_then_padding(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    index = built(SMALL, vectors, resources)
    hits = index.search(queries, 200, 1)
    found = (hits.ids >= 0).sum(axis=1)
    assert np.array_equal(found, index.cost(queries, 1).visited)
    assert (found < 200).all() and np.isneginf(hits.scores[hits.ids < 0]).all()
    for row, count in zip(hits.ids, found, strict=True):
        assert len(set(row[:count])) == count and (row[count:] == -1).all()


def test_posting_sizes_are_the_codes_of_each_list(vectors: np.ndarray, resources: Resources):
    sizes = built(SMALL, vectors, resources).posting_sizes()
    assert len(sizes) == 8 and sizes.sum() == 200


@pytest.mark.parametrize("effort", [1, 3])
def test_the_cost_is_what_faiss_computes(
    effort: int, vectors: np.ndarray, queries: np.ndarray, resources: Resources, tmp_path: Path
):
    settings = IvfPqSettings(lists=8, subquantizers=4, bits=4, reorder=40)
    index = built(settings, vectors, resources)
    index.save(tmp_path)
    lists = faiss.read_index(str(tmp_path / "ivfpq.faiss"))
    centroids = lists.quantizer.reconstruct_n(0, 8)
    sizes = np.array([lists.get_list_size(i) for i in range(8)])
    cost = index.cost(queries, effort)
    for row, query in enumerate(queries):
        scanned = sizes[np.argsort(-(centroids @ query))[:effort]].sum()
        look_ups, table, centroid_products = scanned * 4, 16 * 16, effort * 16
        rescored = min(40, scanned) * 16
        assert cost.visited[row] == scanned
        assert cost.scan_macs[row] == look_ups + table + centroid_products + rescored
        assert cost.route_macs[row] == 8 * 16


def test_a_saved_index_finds_the_same_after_its_folder_moves(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources, tmp_path: Path
):
    index = built(SMALL, vectors, resources)
    np.save(tmp_path / "documents.npy", vectors)
    (tmp_path / "draft").mkdir()
    index.save(tmp_path / "draft")
    (tmp_path / "draft").rename(tmp_path / "done")
    loaded = IvfPqIndex(SMALL, resources)
    loaded.load(tmp_path / "done", np.load(tmp_path / "documents.npy", mmap_mode="r"))
    before, after = index.search(queries, 10, 3), loaded.search(queries, 10, 3)
    assert np.array_equal(before.ids, after.ids) and np.array_equal(before.scores, after.scores)
    assert np.array_equal(index.cost(queries, 3).scan_macs, loaded.cost(queries, 3).scan_macs)


def test_the_documents_are_not_copied(vectors: np.ndarray, resources: Resources):
    index = built(SMALL, vectors, resources)
    vectors[7] *= 2
    hits = index.search(vectors[7:8], 200, 8)
    assert hits.scores[0, hits.ids[0] == 7] == pytest.approx(4)


def test_the_seed_determines_the_lists_and_the_codes(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    def sizes(seed: int) -> list[int]:
        return built(SMALL, vectors, resources, seed).cost(queries, 1).visited.tolist()

    def by_codes(seed: int) -> list[int]:
        one_list = IvfPqSettings(lists=1, subquantizers=4, bits=4, reorder=10)
        return built(one_list, vectors, resources, seed).search(queries, 10, 1).ids.tolist()

    for result in (sizes, by_codes):
        assert result(1) == result(1) != result(2)


def test_settings_that_do_not_fit_the_corpus_are_rejected_with_a_remedy(
    vectors: np.ndarray, resources: Resources
):
    def refusal(**settings: int) -> str:
        with pytest.raises(InputError) as refused:
            built(IvfPqSettings(**settings), vectors, resources)
        return str(refused.value)

    assert refusal(subquantizers=5, lists=8, bits=4) == (
        "ivfpq.subquantizers is 5, which does not divide the 16 dimensions; "
        "--set ivfpq.subquantizers=4 or 8"
    )
    assert refusal(lists=8).endswith("--set ivfpq.subquantizers=16")
    assert refusal(subquantizers=4, lists=8, bits=8) == (
        "ivfpq.bits is 8, which needs 256 documents, but the corpus has 200; "
        "--set ivfpq.bits=7 or fewer"
    )
    assert "ivfpq.lists is 201" in refusal(subquantizers=4, lists=201, bits=4)


@pytest.mark.parametrize("name", ["lists", "iterations", "subquantizers", "bits", "reorder"])
def test_settings_below_one_are_rejected(name: str):
    with pytest.raises(InputError, match=rf"ivfpq\.{name} is 0"):
        IvfPqSettings(**{name: 0})


def test_faiss_prints_no_warning_about_few_training_points(
    vectors: np.ndarray, resources: Resources, capfd: pytest.CaptureFixture[str]
):
    built(SMALL, vectors, resources)
    assert capfd.readouterr() == ("", "")
