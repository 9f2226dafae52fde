"""Matrices are computed once, found again, and never half written."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from methods.base import Array
from methods.encoder.cache import cached_matrix, write_matrix

KEY = {"texts": "three", "max_tokens": 256}


class Fill:
    """Fills a matrix with 0, 1, 2, ... and remembers the parts that it was asked for."""

    def __init__(self, width: int = 2) -> None:
        self.width = width
        self.parts: list[slice] = []

    def __call__(self, rows: slice, part: Array) -> None:
        self.parts.append(rows)
        values = np.arange(rows.start * self.width, rows.stop * self.width)
        part[:] = values.reshape(part.shape)

    @property
    def calls(self) -> int:
        return len(self.parts)


@pytest.fixture
def fill() -> Fill:
    return Fill()


def test_a_matrix_is_computed_once_per_key(tmp_path: Path, fill: Fill):
    first = cached_matrix(tmp_path, KEY, (3, 2), fill)
    assert first.tolist() == [[0, 1], [2, 3], [4, 5]] and first.dtype == np.float32
    again = cached_matrix(tmp_path, dict(reversed(KEY.items())), (3, 2), fill)
    assert fill.calls == 1 and np.array_equal(again, first)
    cached_matrix(tmp_path, {**KEY, "max_tokens": 128}, (3, 2), fill)
    assert fill.calls == 2


@pytest.mark.parametrize("ending", [".npy", ".json"])
def test_a_damaged_matrix_or_note_is_computed_again(tmp_path: Path, fill: Fill, ending: str):
    first = np.array(cached_matrix(tmp_path, KEY, (3, 2), fill))
    (path,) = tmp_path.glob(f"*{ending}")
    path.write_bytes(path.read_bytes()[:-8] + b"damaged!")
    assert np.array_equal(cached_matrix(tmp_path, KEY, (3, 2), fill), first)
    assert fill.calls == 2


def test_an_interrupted_computation_leaves_no_file(tmp_path: Path):
    def interrupted(rows: slice, part: Array) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cached_matrix(tmp_path, KEY, (3, 2), interrupted)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.fixture
def two_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let shards have two rows."""
    monkeypatch.setattr("methods.encoder.cache.SHARD_ROWS", 2)


@pytest.mark.usefixtures("two_rows")
def test_shards_are_joined_to_one_file(tmp_path: Path, fill: Fill):
    matrix = cached_matrix(tmp_path, KEY, (5, 2), fill)
    assert matrix.tolist() == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]
    assert sorted((part.start, part.stop) for part in fill.parts) == [(0, 2), (2, 4), (4, 5)]
    assert {path.suffix for path in tmp_path.iterdir()} == {".npy", ".json"}


@pytest.mark.usefixtures("two_rows")
def test_shards_of_an_interrupted_computation_are_kept(tmp_path: Path, fill: Fill):
    def until_the_third(rows: slice, part: Array) -> None:
        if fill.calls == 2:
            raise KeyboardInterrupt
        fill(rows, part)

    with pytest.raises(KeyboardInterrupt):
        cached_matrix(tmp_path, KEY, (10, 2), until_the_third)
    matrix = cached_matrix(tmp_path, KEY, (10, 2), fill)
    assert np.array_equal(matrix, np.arange(20).reshape(10, 2))
    assert len({part.start for part in fill.parts}) == fill.calls == 5


@pytest.mark.usefixtures("two_rows")
def test_processes_share_the_shards_without_a_lock(tmp_path: Path):
    """Each waits in its first shard for the others, so that all of them compute some."""
    start = Barrier(3)

    def compute(fill: Fill) -> Array:
        def wait_first(rows: slice, part: Array) -> None:
            if not fill.parts:
                start.wait(timeout=60)
            fill(rows, part)
            time.sleep(0.001)

        return cached_matrix(tmp_path, KEY, (400, 2), wait_first)

    fills = [Fill() for _ in range(3)]
    with ThreadPoolExecutor(3) as processes:
        for matrix in processes.map(compute, fills):
            assert np.array_equal(matrix, np.arange(800).reshape(400, 2))
    assert min(fill.calls for fill in fills) > 0
    assert sum(fill.calls for fill in fills) < 2 * 200  # some twice, but far from all of them
    assert {path.suffix for path in tmp_path.iterdir()} == {".npy", ".json"}


@pytest.mark.usefixtures("two_rows")
def test_a_shard_that_comes_after_the_matrix_is_dropped(tmp_path: Path, fill: Fill):
    def overtaken(rows: slice, part: Array) -> None:
        cached_matrix(tmp_path, KEY, (5, 2), fill)
        fill(rows, part)

    assert cached_matrix(tmp_path, KEY, (5, 2), overtaken).shape == (5, 2)
    assert fill.calls == 4 and {path.suffix for path in tmp_path.iterdir()} == {".npy", ".json"}


def test_a_written_matrix_is_read_by_numpy(tmp_path: Path, fill: Fill):
    write_matrix(tmp_path / "matrix.npy", (2, 2), partial(fill, slice(0, 2)))
    assert np.load(tmp_path / "matrix.npy").tolist() == [[0, 1], [2, 3]]
