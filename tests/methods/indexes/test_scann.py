"""ScaNN: hits and costs are checked against the leaves in its own files."""

import os
from pathlib import Path

import numpy as np
import pytest

from methods.base import Resources
from methods.errors import InputError
from methods.indexes.exact import ExactIndex
from methods.indexes.scann import Leaves, ScannIndex, ScannSettings, training_log_hidden
from methods.settings import NoSettings

pytest.importorskip("scann")

SMALL = ScannSettings(leaves=8, reorder=20)


def built(
    vectors: np.ndarray, resources: Resources, settings: ScannSettings = SMALL, seed: int = 0
) -> ScannIndex:
    index = ScannIndex(settings, resources)
    index.build(vectors, seed, None)
    return index


@pytest.fixture
def queries(vectors: np.ndarray) -> np.ndarray:
    return vectors[::5] + 0.2 * np.random.default_rng(3).normal(size=(40, 16)).astype(np.float32)


def test_rescoring_all_documents_of_all_leaves_is_exact_search(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    exact = ExactIndex(NoSettings(), resources)
    exact.build(vectors, 0, None)
    expected = exact.search(queries, 15, 1)
    hits = built(vectors, resources, ScannSettings(leaves=8)).search(queries, 15, 8)
    assert np.array_equal(hits.ids, expected.ids) and hits.ids.dtype == np.int64
    assert np.allclose(hits.scores, expected.scores, atol=1e-6)


@pytest.mark.parametrize("effort", [1, 3, 8])
def test_a_search_returns_the_documents_of_the_leaves_with_the_nearest_centroids(
    effort: int, vectors: np.ndarray, queries: np.ndarray, resources: Resources, tmp_path: Path
):
    index = built(vectors, resources)
    index.save(tmp_path)
    leaf_of = np.load(tmp_path / "datapoint_to_token.npy")
    centroids = np.stack([vectors[leaf_of == leaf].mean(axis=0) for leaf in range(8)])
    hits, cost = index.search(queries, 200, effort), index.cost(queries, effort)
    assert sorted(index.posting_sizes()) == sorted(np.bincount(leaf_of, minlength=8))
    for row, query in enumerate(queries):
        nearest = np.argsort(-(centroids @ query))[:effort]
        expected = np.flatnonzero(np.isin(leaf_of, nearest))
        found = hits.ids[row][hits.ids[row] >= 0]
        assert sorted(found) == expected.tolist()
        assert cost.visited[row] == len(expected)
        assert (hits.ids[row, len(found) :] == -1).all()
        assert np.isneginf(hits.scores[row, len(found) :]).all()


def test_the_cost_counts_look_ups_the_table_and_reordering(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    index = built(vectors, resources, ScannSettings(leaves=8, dimensions_per_block=3, reorder=30))
    cost = index.cost(queries, 2)
    found = (index.search(queries, 200, 2).ids >= 0).sum(axis=1)
    look_ups, table, rescored = found * 6, 16 * 16, np.minimum(found, 30) * 16
    assert np.array_equal(cost.scan_macs, look_ups + table + rescored)
    assert (cost.route_macs == 8 * 16).all()


def test_the_centroids_are_the_means_of_their_documents(
    vectors: np.ndarray, resources: Resources, tmp_path: Path
):
    built(vectors, resources).save(tmp_path)
    leaves = Leaves.read(tmp_path)
    leaf_of = np.load(tmp_path / "datapoint_to_token.npy")
    for leaf, (centroid, size) in enumerate(zip(leaves.centroids, leaves.sizes, strict=True)):
        assert (leaf_of == leaf).sum() == size > 0
        assert np.allclose(vectors[leaf_of == leaf].mean(axis=0), centroid, atol=1e-6)


def test_a_search_may_ask_for_more_documents_than_reorder(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    hits = built(vectors, resources).search(queries, 60, 8)
    assert (hits.ids >= 0).all()
    expected = np.einsum("nkd,nd->nk", vectors[hits.ids], queries)
    assert np.allclose(hits.scores, expected, atol=1e-6)


def test_hits_after_the_last_document_are_padding(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    hits = built(vectors, resources).search(queries[:2], 250, 8)
    assert ((hits.ids >= 0).sum(axis=1) == 200).all()


def test_a_saved_index_finds_the_same_after_its_folder_moves(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources, tmp_path: Path
):
    index = built(vectors, resources)
    (tmp_path / "draft").mkdir()
    index.save(tmp_path / "draft")
    (tmp_path / "draft").rename(tmp_path / "done")
    loaded = ScannIndex(SMALL, resources)
    loaded.load(tmp_path / "done", vectors)
    before, after = index.search(queries, 10, 3), loaded.search(queries, 10, 3)
    assert np.array_equal(before.ids, after.ids) and np.array_equal(before.scores, after.scores)
    assert np.array_equal(index.cost(queries, 3).scan_macs, loaded.cost(queries, 3).scan_macs)


def test_a_pickle_in_the_folder_is_not_read(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources, tmp_path: Path
):
    built(vectors, resources).save(tmp_path)
    (tmp_path / "scann_docids.pkl").write_bytes(b"not what pickle reads")
    loaded = ScannIndex(SMALL, resources)
    loaded.load(tmp_path, vectors)
    assert (loaded.search(queries, 10, 8).ids >= 0).all()


def test_the_seed_determines_the_leaves(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    def ids(seed: int) -> np.ndarray:
        return built(vectors, resources, seed=seed).search(queries, 10, 1).ids

    assert np.array_equal(ids(1), ids(1)) and not np.array_equal(ids(1), ids(2))


def test_threads_and_batches_do_not_change_hits(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    index = ScannIndex(SMALL, resources)
    index.use_threads(2)
    index.build(vectors, 0, None)
    together = index.search(queries, 10, 3)
    index.use_threads(1)
    alone = [index.search(query[None], 10, 3).ids[0] for query in queries]
    assert np.array_equal(together.ids, alone)
    assert np.array_equal(together.ids, index.search(queries, 10, 3).ids)


def test_memory_mapped_documents_are_indexed(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources, tmp_path: Path
):
    np.save(tmp_path / "documents.npy", vectors)
    mapped = built(np.load(tmp_path / "documents.npy", mmap_mode="r"), resources)
    expected = built(vectors, resources).search(queries, 10, 3)
    assert np.array_equal(mapped.search(queries, 10, 3).ids, expected.ids)


def test_leaves_of_a_single_document_are_found(vectors: np.ndarray, resources: Resources):
    index = built(vectors, resources, ScannSettings(leaves=200))
    assert (index.cost(vectors, 1).visited == 1).all()
    assert np.array_equal(index.search(vectors, 1, 200).ids[:, 0], np.arange(200))


def test_settings_that_do_not_fit_the_corpus_are_rejected_with_a_remedy(
    vectors: np.ndarray, resources: Resources
):
    with pytest.raises(InputError) as refused:
        built(vectors, resources, ScannSettings(leaves=201))
    assert str(refused.value) == (
        "scann.leaves is 201 but the corpus has 200 documents; --set scann.leaves=200 or fewer"
    )
    with pytest.raises(InputError) as refused:
        built(vectors[:15], resources, ScannSettings(leaves=2))
    assert str(refused.value) == (
        "scann needs at least 16 documents but the corpus has 15 documents; "
        "leave scann out of --methods"
    )


@pytest.mark.parametrize(
    "name", ["leaves", "dimensions_per_block", "reorder", "training_iterations"]
)
def test_settings_out_of_range_are_rejected(name: str):
    with pytest.raises(InputError, match=rf"scann\.{name} is 0"):
        ScannSettings(**{name: 0})
    with pytest.raises(InputError, match=r"scann\.anisotropic_threshold is 1\.5"):
        ScannSettings(anisotropic_threshold=1.5)


def test_training_is_silent(
    vectors: np.ndarray, resources: Resources, capfd: pytest.CaptureFixture[str]
):
    built(vectors, resources)
    assert capfd.readouterr() == ("", "")


def test_only_the_training_log_is_hidden_from_standard_error(capfd: pytest.CaptureFixture[str]):
    with pytest.raises(RuntimeError), training_log_hidden():
        os.write(2, b"I0000 00:00:17 trainer.cc:1] went well\nE0000 00:00:17 trainer.cc:2] broke\n")
        raise RuntimeError
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "E0000 00:00:17 trainer.cc:2] broke\nafterwards\n"
