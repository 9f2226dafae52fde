"""ScaNN: hits and costs are checked against the leaves in its own files."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from methods.base import Resources
from methods.errors import InputError
from methods.indexes.exact import ExactIndex
from methods.indexes.scann import Leaves, ScannIndex, ScannSettings, training_log_hidden
from methods.settings import NoSettings

K = 10

pytest.importorskip("scann")

SMALL = ScannSettings(leaves=8, reorder=20)


def built(
    vectors: np.ndarray, resources: Resources, settings: ScannSettings = SMALL, seed: int = 0
) -> ScannIndex:
    index = ScannIndex(settings, resources)
    index.build(vectors, seed, None)
    return index


def centroids_of(vectors: np.ndarray, leaf_of: np.ndarray) -> np.ndarray:
    """Return the directions of the means of the documents in each leaf, as spherical k-means."""
    means = np.stack([vectors[leaf_of == leaf].mean(axis=0) for leaf in range(8)])
    return means / np.linalg.norm(means, axis=1, keepdims=True)


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
    centroids = centroids_of(vectors, leaf_of)
    hits, cost = index.search(queries, 200, effort), index.cost(queries, K, effort)
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
    cost = index.cost(queries, K, 2)
    found = (index.search(queries, 200, 2).ids >= 0).sum(axis=1)
    look_ups, table, rescored = found * 6, 16 * 16, np.minimum(found, 30) * 16
    assert np.array_equal(cost.scan_macs, look_ups + table + rescored)
    assert (cost.route_macs == 8 * 16).all()


@pytest.mark.parametrize("partitioning", ["spherical", "generic"])
def test_the_centroids_are_the_means_of_their_documents_or_their_directions(
    partitioning: Any, vectors: np.ndarray, resources: Resources, tmp_path: Path
):
    settings = ScannSettings(leaves=8, partitioning=partitioning)
    built(vectors, resources, settings).save(tmp_path)
    leaves = Leaves.read(tmp_path)
    leaf_of = np.load(tmp_path / "datapoint_to_token.npy")
    directions = centroids_of(vectors, leaf_of)
    for leaf, (centroid, size) in enumerate(zip(leaves.centroids, leaves.sizes, strict=True)):
        mean = vectors[leaf_of == leaf].mean(axis=0)
        assert (leaf_of == leaf).sum() == size > 0
        expected = directions[leaf] if partitioning == "spherical" else mean
        assert np.allclose(centroid, expected, atol=1e-5)


@pytest.mark.parametrize("effort", [1, 3, 8])
def test_a_document_in_two_leaves_is_visited_once_and_its_codes_are_scanned_twice(
    effort: int, vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    index = built(vectors, resources, ScannSettings(leaves=8, reorder=400, soar=1.5))
    sizes = index.posting_sizes()
    assert 200 < sizes.sum() <= 400  # not every document is in a second leaf
    cost, hits = index.cost(queries, K, effort), index.search(queries, 400, effort)
    assert np.array_equal(cost.visited, (hits.ids >= 0).sum(axis=1))
    for row in hits.ids:
        assert len(set(row[row >= 0])) == (row >= 0).sum()
    centroids = index._leaves.centroids
    nearest = np.argsort(-(queries @ centroids.T), axis=1)[:, :effort]
    codes = sizes[nearest].sum(axis=1)
    assert np.array_equal(cost.scan_macs, codes * 8 + (16 + cost.visited) * 16)
    assert effort == 1 or (codes > cost.visited).mean() > 0.8


def test_documents_in_two_leaves_do_not_displace_others(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources, tmp_path: Path
):
    settings = ScannSettings(leaves=8, reorder=200, soar=1.5)
    index = built(vectors, resources, settings)
    best = np.argsort(-(queries @ vectors.T), axis=1)[:, :50]
    assert np.array_equal(index.search(queries, 50, 8).ids, best)
    assert np.array_equal(index.search(queries[:1], 50, 8).ids, best[:1])
    index.save(tmp_path)
    loaded = ScannIndex(settings, resources)
    loaded.load(tmp_path, vectors)
    assert np.array_equal(loaded.search(queries, 50, 8).ids, best)
    counted, again = (each.cost(queries, K, 3) for each in (index, loaded))
    assert np.array_equal(counted.visited, again.visited)


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
    for some in (queries[:2], queries[:1]):
        hits = built(vectors, resources).search(some, 250, 8)
        assert hits.ids.shape == (len(some), 250) and hits.ids.dtype == np.int64
        assert ((hits.ids >= 0).sum(axis=1) == 200).all()
        assert (hits.ids[:, 200:] == -1).all() and np.isneginf(hits.scores[:, 200:]).all()


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
    assert np.array_equal(index.cost(queries, K, 3).scan_macs, loaded.cost(queries, K, 3).scan_macs)


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
    assert (index.cost(vectors, K, 1).visited == 1).all()
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
    with pytest.raises(InputError, match=r"scann\.soar is -1; it must be at least 0"):
        ScannSettings(soar=-1)


def test_training_is_silent(
    vectors: np.ndarray, resources: Resources, capfd: pytest.CaptureFixture[str]
):
    built(vectors, resources)
    assert capfd.readouterr() == ("", "")


def test_only_the_training_log_is_hidden_from_standard_error(capfd: pytest.CaptureFixture[str]):
    with pytest.raises(RuntimeError), training_log_hidden():
        os.write(2, b"I0000 00:00:17 trainer.cc:1] went well\nE0000 00:00:17 trainer.cc:2] broke\n")
        os.write(
            2, b"W0000 00:00:17 gmm_utils.cc:3] Could not normalize centroid due to zero norm\n"
        )
        raise RuntimeError
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "E0000 00:00:17 trainer.cc:2] broke\nafterwards\n"
