"""Find matrices in the files that vectors and neighbours are published in, without reading them.

.npy is numpy's. .fbin, .u8bin, .i8bin and .ibin are those of the billion-scale benchmarks: two
int32, the rows and the columns, and then the rows. .hdf5 is that of ann-benchmarks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from methods.encoder.vector_files import VectorFile
from methods.errors import InputError, UnavailableError, missing_library

BINARY = {".fbin": "<f4", ".u8bin": "|u1", ".i8bin": "|i1", ".ibin": "<i4"}
VECTOR_SUFFIXES = (".npy", ".fbin", ".u8bin", ".i8bin")
NEIGHBOUR_SUFFIXES = (".npy", ".ibin")
HDF5_SUFFIXES = (".hdf5", ".h5")
HEADER = 8
EXACT = 2.0**53
"""Below it, a floating-point number holds any whole number."""
INSTALL_H5PY = missing_library("an HDF5 file", "h5py", 'pip install "ehibench[data]"')


def find_matrix(folder: Path, name: str, suffixes: tuple[str, ...]) -> VectorFile | None:
    """Return the matrix in the file `name` with one of the suffixes, or None if there is none.

    Raise InputError if there are several, or if the file has no such matrix.
    """
    paths = [path for suffix in suffixes if (path := folder / f"{name}{suffix}").is_file()]
    if len(paths) > 1:
        raise InputError(f"{paths[0]} and {paths[1].name} are both there; remove one of them")
    if not paths:
        return None
    return read_npy(paths[0]) if paths[0].suffix == ".npy" else read_binary(paths[0])


def read_npy(path: Path) -> VectorFile:
    """Return the matrix in a .npy file. Raise InputError if it has another content."""
    with reading(path):
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    if not isinstance(array, np.memmap) or not array.flags.c_contiguous:
        raise InputError(f"{path} is not stored by rows; save numpy.ascontiguousarray of it")
    return _checked(path, array.shape, array.dtype, int(array.offset))


def read_binary(path: Path) -> VectorFile:
    """Return the matrix in a .fbin, .u8bin, .i8bin or .ibin file.

    After the neighbours in an .ibin file, their distances may follow. Raise InputError if the file
    has not the size that its header says.
    """
    dtype = np.dtype(BINARY[path.suffix])
    header = np.fromfile(path, "<i4", count=2)
    rows, columns = header.tolist() if len(header) == 2 else (0, 0)
    expected = HEADER + rows * columns * dtype.itemsize
    sizes = [expected, expected + rows * columns * 4] if path.suffix == ".ibin" else [expected]
    if rows < 1 or columns < 1 or path.stat().st_size not in sizes:
        raise InputError(
            f"{path} has {path.stat().st_size:,} bytes; its header says {rows:,} rows of "
            f"{columns:,} numbers, which is {max(expected, HEADER):,}; copy it again"
        )
    return _checked(path, (rows, columns), dtype, HEADER)


def open_hdf5(path: Path) -> Any:
    """Return an HDF5 file. Raise UnavailableError without h5py, InputError if it is damaged."""
    try:
        import h5py
    except ImportError:
        raise UnavailableError(INSTALL_H5PY) from None
    with reading(path):
        return h5py.File(path, "r")


def hdf5_matrix(path: Path, file: Any, name: str) -> VectorFile | None:
    """Return the matrix of that name in an HDF5 file, or None. Raise InputError for other data."""
    import h5py

    with reading(path, name):
        data = file.get(name)
        if data is None:
            return None
        if not isinstance(data, h5py.Dataset) or data.dtype.kind not in "fiu":
            raise InputError(f"{path}: {name} is not a matrix of numbers")
        matrix = _checked(path, data.shape, data.dtype, data.id.get_offset(), name)
        matrix.open()  # fails if the file is cut off
        return matrix


def read_neighbours(file: VectorFile, documents: int, count: int) -> NDArray[np.int64]:
    """Return the first `count` neighbours (queries, count) of each query, -1 where there are fewer.

    Raise InputError if one is not the position of a document.
    """
    with reading(file.path, file.name):
        found = np.asarray(file.open()[:, :count])
    with np.errstate(over="ignore"):  # in half precision, the bound is infinite
        is_whole = (found == np.floor(found)) & (np.abs(found) < EXACT)  # false for NaN
    if found.dtype.kind == "f" and not is_whole.all():
        raise InputError(f"{file.path} has numbers that are not whole; give positions of documents")
    neighbours = found.astype(np.int64)
    low, high = int(neighbours.min()), int(neighbours.max())
    if low < -1 or high >= documents:
        wrong = low if low < -1 else high
        raise InputError(
            f"{file.path} names document {wrong:,}, but there are {documents:,}, counted from 0"
        )
    return neighbours


@contextmanager
def reading(path: Path, name: str = "") -> Iterator[None]:
    """Turn whatever goes wrong while a file is read into an InputError that names it.

    numpy parses headers as Python, and HDF5 reports damage in errors of many kinds.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        where = f"{path}: {name}" if name else str(path)
        raise InputError(f"{where} cannot be read: {reason}") from None


def _checked(
    path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], offset: int | None, name: str = ""
) -> VectorFile:
    where = f"{path}: {name}" if name else str(path)
    if len(shape) != 2 or 0 in shape or dtype.kind not in "fiu":
        described = " x ".join(f"{size:,}" for size in shape) or "one number"
        raise InputError(f"{where} is {described} of {dtype}; expected rows of numbers")
    return VectorFile(path.resolve(), (shape[0], shape[1]), dtype.str, offset, name)
