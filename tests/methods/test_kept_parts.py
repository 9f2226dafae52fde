"""A part that several builds of the same vectors need is made once, and its time counts for all."""

import time
from pathlib import Path

import numpy as np
import pytest

from methods.engines.nearest import kept_kmeans, spherical_kmeans
from methods.kept_parts import KeptParts

VECTORS = np.random.default_rng(0).normal(size=(300, 8)).astype(np.float32)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix not in (".json", ".lock"))


def test_a_part_is_read_by_the_second_build_of_the_same_vectors(tmp_path: Path):
    made = kept_kmeans(KeptParts(tmp_path, peak=lambda: 7), VECTORS, 5, seed=0)
    (file,) = files(tmp_path)
    written = file.stat().st_mtime_ns
    parts = KeptParts(tmp_path)
    assert np.array_equal(kept_kmeans(parts, VECTORS.copy(), 5, seed=0), made)
    assert np.array_equal(made, spherical_kmeans(VECTORS, 5, seed=0))
    assert file.stat().st_mtime_ns == written
    assert parts.seconds > 0 and parts.peak_bytes == 7


def test_a_build_that_makes_the_part_itself_is_charged_nothing_more(tmp_path: Path):
    parts = KeptParts(tmp_path, peak=lambda: 7)
    kept_kmeans(parts, VECTORS, 5, seed=0)
    assert (parts.seconds, parts.peak_bytes) == (0, 0)


def test_what_keeping_a_part_takes_is_overhead_and_what_making_it_takes_is_not(tmp_path: Path):
    def make() -> str:
        time.sleep(0.5)
        return "part"

    def write(part: str, path: Path) -> None:
        time.sleep(0.05)
        path.write_text(part)

    def read(path: Path) -> str:
        time.sleep(0.05)
        return path.read_text()

    for charged in (0.0, 0.5):  # made at first, then read
        parts = KeptParts(tmp_path)
        assert parts.get("text", VECTORS, {}, make, write, read) == "part"
        assert 0.05 <= parts.overhead < 0.5 and parts.seconds >= charged


def test_other_vectors_and_other_settings_have_parts_of_their_own(tmp_path: Path):
    parts = KeptParts(tmp_path)
    for vectors, count, seed in [
        (VECTORS, 5, 0),
        (VECTORS[:-1], 5, 0),
        (VECTORS.reshape(600, 4), 5, 0),
        (VECTORS, 6, 0),
        (VECTORS, 5, 1),
    ]:
        assert np.array_equal(
            kept_kmeans(parts, vectors, count, seed), spherical_kmeans(vectors, count, seed)
        )
    assert len(files(tmp_path)) == 5 and parts.seconds == 0


def test_a_part_that_was_made_on_other_threads_is_not_read(tmp_path: Path):
    kept_kmeans(KeptParts(tmp_path, threads=2), VECTORS, 5, seed=0)
    parts = KeptParts(tmp_path, threads=1)
    kept_kmeans(parts, VECTORS, 5, seed=0)
    assert parts.seconds == 0 and len(files(tmp_path)) == 2


@pytest.mark.parametrize("damage", ["part", "note"])
def test_a_damaged_part_is_made_again(tmp_path: Path, damage: str):
    kept_kmeans(KeptParts(tmp_path), VECTORS, 5, seed=0)
    (file,) = files(tmp_path)
    (file if damage == "part" else file.with_name(f"{file.name}.json")).write_bytes(b"{")
    parts = KeptParts(tmp_path)
    expected = spherical_kmeans(VECTORS, 5, seed=0)
    assert np.array_equal(kept_kmeans(parts, VECTORS, 5, seed=0), expected)
    assert parts.seconds == 0
    assert np.array_equal(kept_kmeans(parts, VECTORS, 5, seed=0), expected)
    assert parts.seconds > 0


def test_without_a_folder_nothing_is_kept(tmp_path: Path):
    kept_kmeans(KeptParts(), VECTORS, 5, seed=0)
    assert not list(tmp_path.iterdir())
