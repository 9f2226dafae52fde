"""Given vectors are read as they are searched."""

from pathlib import Path

import numpy as np

from methods.encoder.vector_files import FLOAT32, GivenVectors, VectorFile


def written(vectors: np.ndarray, path: Path) -> VectorFile:
    path.write_bytes(vectors.astype(np.float32).tobytes())
    return VectorFile(path, vectors.shape, FLOAT32, 0)


def test_directions_of_huge_vectors_are_kept(tmp_path: Path):
    huge = np.array([[3e30, 4e30], [0, -2e38], [0, 0]])  # their squares overflow in fp32
    file = written(huge, tmp_path / "vectors")
    given = GivenVectors(file, {"test": file}, "angular", "sha256")
    unit = [[0.6, 0.8], [0, -1], [0, 0]]
    assert np.allclose(given.document_vectors(np.arange(3)), unit)
    assert np.allclose(given.query_vectors("test", np.arange(3)), unit)
