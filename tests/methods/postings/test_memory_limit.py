"""Parts fit the memory, and none is so short that Faiss would score it in another way."""

from pathlib import Path

import numpy as np
import pytest

from methods.postings.memory_limit import BLOCK, PARTS_IN_MEMORY, MemoryLimit

ROW = 100  # bytes


@pytest.mark.parametrize(
    ("rows", "lengths"),
    [
        (10, [10]),
        (2 * BLOCK, [2 * BLOCK]),
        (5 * BLOCK, [2 * BLOCK, 2 * BLOCK, BLOCK]),
        (4 * BLOCK + 7, [2 * BLOCK, 2 * BLOCK + 7]),
    ],
)
def test_parts_are_blocks_that_fit(rows: int, lengths: list[int], tmp_path: Path):
    memory = MemoryLimit(PARTS_IN_MEMORY * ROW * (2 * BLOCK + 1), tmp_path)
    parts = memory.parts(rows, ROW)
    assert [part.stop - part.start for part in parts] == lengths
    assert [part.start for part in parts] == np.cumsum([0, *lengths[:-1]]).tolist()


def test_a_matrix_is_in_a_file_of_the_folder(tmp_path: Path):
    matrix = MemoryLimit(1, tmp_path).matrix("lists", (3, 2), np.int64)
    assert matrix.tolist() == [[0, 0]] * 3
    matrix[1] = 7
    matrix.flush()
    assert np.load(tmp_path / "lists.npy").tolist() == [[0, 0], [7, 7], [0, 0]]
