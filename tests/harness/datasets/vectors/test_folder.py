from pathlib import Path

import numpy as np
import pytest

from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from methods.base import Resources
from methods.encoder.given import GivenEncoder
from methods.errors import InputError
from tests.harness.datasets.vectors.made_folder import (
    made_vectors,
    nearest,
    write_binary,
    write_npy,
)


def embedded(dataset: Dataset, resources: Resources) -> tuple[np.ndarray, np.ndarray]:
    """Return the documents and the test queries as they are searched."""
    assert dataset.vectors is not None
    encoder = GivenEncoder(resources, dataset.vectors)
    queries = encoder.embeddings(dataset.test().texts, "query")
    return encoder.embeddings(dataset.corpus.texts, "document"), queries


@pytest.mark.parametrize("distance", ["dot", "angular", "euclidean"])
def test_an_exact_search_finds_exactly_the_neighbours_that_are_given(
    tmp_path: Path, resources: Resources, distance: str
):
    write_npy(tmp_path / "mine", distance)
    dataset = load_dataset(f"vectors:{tmp_path / 'mine'}")
    documents, queries = embedded(dataset, resources)
    found = (-(queries @ documents.T)).argsort(axis=1)[:, :10]
    assert np.array_equal(found, dataset.test().documents.reshape(-1, 10))
    assert len(dataset.train()) and dataset.can_tune()


def test_vectors_are_mapped_where_they_are_and_never_copied(tmp_path: Path, resources: Resources):
    made = write_npy(tmp_path / "mine")
    documents, _ = embedded(load_dataset(f"vectors:{tmp_path / 'mine'}"), resources)
    assert isinstance(documents, np.memmap) and np.array_equal(documents, made["documents"])
    assert str(documents.filename) == str((tmp_path / "mine" / "documents.npy").resolve())


def test_documents_of_equal_length_need_no_other_vectors_for_cosines(tmp_path: Path):
    folder = tmp_path / "mine"
    made = write_npy(folder, "angular")["documents"]
    np.save(folder / "documents.npy", made / np.linalg.norm(made, axis=1, keepdims=True))
    given = load_dataset(f"vectors:{folder}").vectors
    assert given is not None and given.mapped_documents() is not None


@pytest.mark.parametrize("dtype", ["float32", "uint8", "int8"])
def test_files_of_the_billion_scale_benchmarks(tmp_path: Path, resources: Resources, dtype: str):
    made = {name: matrix.round().astype(dtype) for name, matrix in made_vectors().items()}
    suffix = {"float32": "fbin", "uint8": "u8bin", "int8": "i8bin"}[dtype]
    for name, matrix in made.items():
        write_binary(tmp_path / f"{name}.{suffix}", matrix)
        if name != "documents":
            ids = nearest(matrix.astype("f4"), made["documents"].astype("f4"), "dot")
            write_binary(tmp_path / f"{name}_neighbours.ibin", ids.astype(np.int32))
    documents, queries = embedded(load_dataset(f"vectors:{tmp_path}"), resources)
    assert documents.dtype == np.float32 and np.array_equal(documents, made["documents"])
    assert np.array_equal(queries, made["test"])


@pytest.mark.parametrize("chunks", [None, (16, 4)])
def test_the_layout_of_ann_benchmarks(
    tmp_path: Path, resources: Resources, chunks: tuple[int, int] | None
):
    h5py = pytest.importorskip("h5py")
    made = made_vectors(queries=400)
    with h5py.File(tmp_path / "glove.hdf5", "w") as file:
        file.create_dataset("train", data=made["documents"], chunks=chunks)
        file["test"] = made["test"]
        file["neighbors"] = nearest(made["test"], made["documents"], "euclidean").astype("i4")
        file.attrs["distance"] = "euclidean"
    dataset = load_dataset(f"vectors:{tmp_path / 'glove.hdf5'}")
    assert "one more dimension" in dataset.source and "split by a hash" in dataset.source
    assert len(dataset.tuning()) + len(dataset.test()) == 400 and not dataset.has_train()
    documents, queries = embedded(dataset, resources)
    found = (-(queries @ documents.T)).argsort(axis=1)[:, :10]
    assert np.array_equal(found, dataset.test().documents.reshape(-1, 10))


def test_qrels_may_name_rows_or_ids_of_your_own(tmp_path: Path):
    folder = tmp_path / "mine"
    write_npy(folder)
    (folder / "qrels").mkdir()
    header = "query\tdocument\tgrade\n"
    (folder / "qrels" / "test.tsv").write_text(f"{header}3\t17\t2\n3\t18\t1\n5\t3\t1\n")
    test = load_dataset(f"vectors:{folder}").test()
    assert list(test.ids) == ["test-3", "test-5"] and test.documents.tolist() == [17, 18, 3]
    (folder / "documents.txt").write_text("".join(f"d{row}\n" for row in range(300)))
    (folder / "test.txt").write_text("".join(f"q{row}\n" for row in range(40)))
    (folder / "qrels" / "test.tsv").write_text(f"{header}q3\td17\t2\n")
    dataset = load_dataset(f"vectors:{folder}")
    assert list(dataset.test().ids) == ["q3"] and list(dataset.test().texts) == ["test 3"]
    assert dataset.corpus.ids[int(dataset.test().documents[0])] == "d17"


def test_other_vectors_are_other_data(tmp_path: Path):
    made = write_npy(tmp_path / "mine")
    before = load_dataset(f"vectors:{tmp_path / 'mine'}").fingerprint
    np.save(tmp_path / "mine" / "documents.npy", made["documents"] + np.float32(1e-3))
    assert load_dataset(f"vectors:{tmp_path / 'mine'}").fingerprint != before


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("documents.npy", np.zeros(3, np.float32), "expected rows of numbers"),
        ("documents.npy", np.asfortranarray(np.ones((9, 4), np.float32)), "not stored by rows"),
        ("documents.npy", np.ones((9, 4), np.complex64), "expected rows of numbers"),
        ("test.npy", np.ones((40, 5), np.float32), "5 dimensions and the documents 8"),
        ("test_neighbours.npy", np.full((40, 10), 300), "names document 300, but there are 300"),
        ("test_neighbours.npy", np.zeros((39, 10), np.int64), "39 rows for 40 test queries"),
        ("distance.txt", "taxicab", "'taxicab' is not one of dot, ip"),
        ("documents.fbin", b"\1\0\0\0\2\0\0\0", "are both there"),
        ("documents.txt", "a\nb\n", "2 ids for 300 vectors"),
    ],
)
def test_what_does_not_fit_is_one_line(tmp_path: Path, file: str, content: object, reason: str):
    write_npy(tmp_path / "mine")
    path = tmp_path / "mine" / file
    if isinstance(content, np.ndarray):
        np.save(path, content)
    elif isinstance(content, str):
        path.write_text(content)
    else:
        path.write_bytes(content)
    with pytest.raises(InputError, match=reason):
        load_dataset(f"vectors:{tmp_path / 'mine'}")
