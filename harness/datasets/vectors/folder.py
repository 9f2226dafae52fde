"""Read `vectors:FOLDER`: vectors of documents and queries, and judgements or exact neighbours."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from harness.datasets.beir import present, read_qrels
from harness.datasets.dataset import SPLITS, Dataset, Split, SplitName
from harness.datasets.split_rules import with_missing_splits
from harness.datasets.vectors.distances import prepared
from harness.datasets.vectors.files import (
    HDF5_SUFFIXES,
    NEIGHBOUR_SUFFIXES,
    VECTOR_SUFFIXES,
    find_matrix,
    hdf5_matrix,
    open_hdf5,
    read_neighbours,
    reading,
)
from methods.atomic_files import file_sha256
from methods.base import Corpus
from methods.encoder.vector_files import VectorFile, query_name
from methods.errors import InputError
from methods.paths import user_path
from methods.texts import Ids, Texts

SUMMARY = (
    "your own vectors: documents and test queries as .npy, .fbin or ann-benchmarks' .hdf5, with "
    "qrels or exact neighbours"
)
RELEVANT = 10
"""The exact neighbours that are relevant, so that R@10 is the usual recall of ten neighbours."""
DISTANCES = {
    "dot": "dot",
    "ip": "dot",
    "angular": "angular",
    "cosine": "angular",
    "euclidean": "euclidean",
    "l2": "euclidean",
}


@dataclass(frozen=True)
class Layout:
    """What a folder or an HDF5 file has: each matrix, and the distance."""

    documents: VectorFile
    queries: dict[SplitName, VectorFile]
    neighbours: dict[SplitName, VectorFile]
    distance: str


def load(location: str) -> Dataset:
    """Return the dataset in a folder or an HDF5 file. Raise InputError for what is wrong in it."""
    path = user_path(location)
    if not location or not path.exists():
        raise InputError(
            f"{location or 'vectors:'} is not a folder; write --dataset vectors:FOLDER"
        )
    layout = _read_layout(path)
    if "test" not in layout.queries:
        raise InputError(f"{path} has no test queries; add test.npy, with the vectors of some")
    dimensions = layout.documents.shape[1]
    for name, file in layout.queries.items():
        if file.shape[1] != dimensions:
            raise InputError(
                f"{file.path}: the {name} queries have {file.shape[1]} dimensions and the "
                f"documents {dimensions}"
            )
    corpus = _corpus(path, layout.documents)
    splits: dict[SplitName, Split] = {}
    notes: list[str] = []
    for name in layout.queries:
        splits[name], odd = _split(path, name, layout, corpus)
        notes += [f"{name}: {note}" for note in odd]
    splits, made = with_missing_splits(splits)
    files = [layout.documents, *layout.queries.values()]
    distance = DISTANCES[layout.distance]
    queries = {str(name): file for name, file in layout.queries.items()}
    vectors = prepared(layout.documents, queries, distance, _sha256(files, distance))
    resolved = path.resolve()
    source = f"vectors {resolved.name}, {distance}"
    if vectors.distance == "euclidean":
        source += ", searched as inner products with one more dimension"
    return Dataset(
        f"vectors:{resolved.stem if resolved.is_file() else resolved.name}",
        "",
        f"{source}; {made}" if made else source,
        corpus,
        splits,
        notes=tuple(notes),
        vectors=vectors,
    )


def _read_layout(path: Path) -> Layout:
    if path.is_file():
        return _hdf5_layout(path)
    documents = find_matrix(path, "documents", VECTOR_SUFFIXES)
    files = sorted(each for each in path.iterdir() if each.suffix in HDF5_SUFFIXES)
    if documents is None and len(files) == 1:
        return _hdf5_layout(files[0])
    if documents is None:
        reason = f"has {len(files)} HDF5 files; name one" if files else "has no documents.npy"
        raise InputError(f"{path} {reason}; see docs/datasets.md for the names of the files")
    note = path / "distance.txt"
    try:
        distance = note.read_text(encoding="utf-8").strip().lower() if note.is_file() else "dot"
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{note} cannot be read: {error}") from None
    queries = {name: find_matrix(path, name, VECTOR_SUFFIXES) for name in SPLITS}
    neighbours = {
        name: find_matrix(path, f"{name}_neighbours", NEIGHBOUR_SUFFIXES) for name in SPLITS
    }
    return Layout(documents, _found(queries), _found(neighbours), _known(distance, note))


def _hdf5_layout(path: Path) -> Layout:
    """Read what ann-benchmarks publishes, where `train` are the documents, and VIBE's `learn`."""
    with open_hdf5(path) as file:
        documents = hdf5_matrix(path, file, "train")
        if documents is None:
            raise InputError(f"{path} has no train, in which ann-benchmarks keeps the documents")
        queries: dict[SplitName, VectorFile | None] = {
            "train": hdf5_matrix(path, file, "learn"),
            "test": hdf5_matrix(path, file, "test"),
        }
        neighbours: dict[SplitName, VectorFile | None] = {
            "train": hdf5_matrix(path, file, "learn_neighbors"),
            "test": hdf5_matrix(path, file, "neighbors"),
        }
        with reading(path, "distance"):
            distance = str(file.attrs.get("distance", "dot")).lower()
    if neighbours["train"] is None:
        queries["train"] = None  # nothing can be learned from queries without an answer
    return Layout(documents, _found(queries), _found(neighbours), _known(distance, path))


def _found(files: Mapping[SplitName, VectorFile | None]) -> dict[SplitName, VectorFile]:
    return {name: file for name in SPLITS if (file := files.get(name)) is not None}


def _known(distance: str, place: Path) -> str:
    if distance not in DISTANCES:
        known = ", ".join(DISTANCES)
        raise InputError(f"{place}: distance {distance[:20]!r} is not one of {known}")
    return distance


def _corpus(path: Path, documents: VectorFile) -> Corpus:
    """Return the documents; the text of each is its row, which names its vector."""
    rows = Texts(str(row) for row in range(documents.shape[0]))
    named = _read_ids(path / "documents.txt", documents.shape[0])
    ids = Ids(rows) if named is None else Ids(named)
    if (duplicate := ids.first_duplicate()) is not None:
        raise InputError(f"{path / 'documents.txt'}: duplicate id {ids[duplicate[0]]!r}")
    return Corpus(ids, rows)


def _split(path: Path, name: SplitName, layout: Layout, corpus: Corpus) -> tuple[Split, list[str]]:
    """Return the queries of a file that are judged, by qrels or else by exact neighbours."""
    count = layout.queries[name].shape[0]
    named = _read_ids(path / f"{name}.txt", count)
    raw = [str(row) for row in range(count)] if named is None else named
    queries = {query: query_name(name, row) for row, query in enumerate(raw)}
    if len(queries) < count:
        raise InputError(f"{path / f'{name}.txt'} has an id twice; give every query one of its own")
    qrels = present(path / "qrels", f"{name}.tsv")
    if qrels is not None:
        judgements = read_qrels(qrels, queries, corpus)
        split, notes = judgements.split(str(qrels)), judgements.notes()
        # A row is not unique among the splits, and might be the id of a document.
        own = split.ids if named else Ids(f"{name}-{query}" for query in split.ids)
        return replace(split, ids=own), notes
    file = layout.neighbours.get(name)
    if file is None:
        raise InputError(
            f"the {name} queries of {path} have neither qrels/{name}.tsv nor {name}_neighbours.npy"
        )
    if file.shape[0] != count:
        raise InputError(f"{file.path} has {file.shape[0]:,} rows for {count:,} {name} queries")
    neighbours = read_neighbours(file, len(corpus), RELEVANT)
    if not (neighbours >= 0).any():
        raise InputError(f"{file.path} names no document")
    has = neighbours >= 0
    split = Split(
        Ids(raw if named else (f"{name}-{row}" for row in raw)),
        Texts(queries.values()),
        np.concatenate([[0], np.cumsum(has.sum(axis=1))]),
        neighbours[has],
        np.ones(int(has.sum()), dtype=np.int64),
    )
    return split, []


def _read_ids(path: Path, count: int) -> list[str] | None:
    """Return the ids in a file, one per line, or None without it.

    Raise InputError if they differ in number from the vectors.
    """
    if not path.is_file():
        return None
    try:
        ids = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
    if len(ids) != count:
        raise InputError(f"{path} has {len(ids):,} ids for {count:,} vectors")
    if any(not name or any(character.isspace() for character in name) for name in ids):
        raise InputError(f"{path}: an id is empty or contains whitespace")
    return ids


def _sha256(files: list[VectorFile], distance: str) -> str:
    """Return a sha256 over the contents of the files, each read once, and what is read of them."""
    contents = {path: file_sha256(path) for path in {file.path for file in files}}
    parts = [
        f"{contents[file.path]} {file.name} {file.shape} {file.dtype} {file.offset}"
        for file in files
    ]
    return hashlib.sha256("\n".join([distance, *parts]).encode()).hexdigest()
