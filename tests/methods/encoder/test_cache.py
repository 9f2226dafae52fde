"""Matrices are computed once, found again, and never half written."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from methods.base import Array
from methods.encoder.cache import cached_matrix, write_matrix

KEY = {"texts": "three", "max_tokens": 256}


class Fill:
    """Fills a matrix with 0, 1, 2, ... and counts its calls."""

    calls = 0

    def __call__(self, matrix: Array) -> None:
        self.calls += 1
        matrix[:] = np.arange(matrix.size).reshape(matrix.shape)


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


def test_an_interrupted_computation_leaves_only_the_lock(tmp_path: Path):
    def interrupted(matrix: Array) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cached_matrix(tmp_path, KEY, (3, 2), interrupted)
    assert {path.suffix for path in tmp_path.iterdir()} == {".lock"}


def test_a_second_caller_waits_for_the_lock(tmp_path: Path, fill: Fill):
    cached_matrix(tmp_path, KEY, (3, 2), fill)
    (lock,) = tmp_path.glob("*.lock")
    held = FileLock(lock)
    with held, ThreadPoolExecutor() as other:
        waiting = other.submit(cached_matrix, tmp_path, KEY, (3, 2), fill)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.5)
        held.release()
        assert waiting.result().tolist() == [[0, 1], [2, 3], [4, 5]]
    assert fill.calls == 1


def test_a_written_matrix_is_read_by_numpy(tmp_path: Path, fill: Fill):
    write_matrix(tmp_path / "matrix.npy", (2, 2), fill)
    assert np.load(tmp_path / "matrix.npy").tolist() == [[0, 1], [2, 3]]
