"""A folder of vectors of every layout, with exact neighbours that are computed here."""

from pathlib import Path

import numpy as np

DOCUMENTS, DIMENSIONS = 300, 8


def made_vectors(queries: int = 40, seed: int = 0) -> dict[str, np.ndarray]:
    """Return documents of different lengths, test and training queries, and their neighbours."""
    random = np.random.default_rng(seed)
    centres = 4 * random.normal(size=(12, DIMENSIONS))
    documents = centres[random.integers(12, size=DOCUMENTS)]
    documents = (documents + random.normal(size=documents.shape)).astype(np.float32)
    made = {"documents": documents}
    for name, count in (("test", queries), ("train", 3 * queries)):
        near = documents[random.integers(DOCUMENTS, size=count)]
        made[name] = (near + 0.5 * random.normal(size=near.shape)).astype(np.float32)
    return made


def nearest(queries: np.ndarray, documents: np.ndarray, distance: str) -> np.ndarray:
    """Return the 20 nearest documents of each query by a distance."""
    if distance == "euclidean":
        far = ((queries[:, None] - documents[None]) ** 2).sum(axis=2)
    elif distance == "angular":
        far = -(queries @ (documents / np.linalg.norm(documents, axis=1, keepdims=True)).T)
    else:
        far = -(queries @ documents.T)
    return far.argsort(axis=1, kind="stable")[:, :20]


def write_npy(folder: Path, distance: str = "dot", queries: int = 40) -> dict[str, np.ndarray]:
    """Write documents, test and training queries with their neighbours as .npy files."""
    folder.mkdir(parents=True)
    made = made_vectors(queries)
    for name, matrix in made.items():
        np.save(folder / f"{name}.npy", matrix)
        if name != "documents":
            found = nearest(matrix, made["documents"], distance)
            np.save(folder / f"{name}_neighbours.npy", found)
    (folder / "distance.txt").write_text(f"{distance}\n")
    return made


def write_binary(path: Path, matrix: np.ndarray) -> None:
    """Write a matrix as the billion-scale benchmarks do: rows, columns, numbers."""
    header = np.array(matrix.shape, dtype=np.int32)
    path.write_bytes(header.tobytes() + np.ascontiguousarray(matrix).tobytes())
