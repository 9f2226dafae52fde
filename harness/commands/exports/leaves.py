"""Write documents as parquet with their leaves, so that a database scans some leaves only."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from methods.atomic_files import new_file
from methods.base import Array
from methods.errors import UnavailableError, missing_library
from methods.postings.posting_index import PostingIndex

ROWS_PER_GROUP = 2048
"""Readers skip groups whose leaves, by their statistics, are not asked for. This is DuckDB's vector
size; smaller groups would skip more rows, and cost more to look at."""


def write_leaves(index: PostingIndex, documents: Array, ids: Sequence[str], file: Path) -> int:
    """Write `id`, `leaf` and `vector` of every entry, sorted by leaf; return the number of rows.

    A document that is in several leaves has a row for each. The vectors are whole, whatever the
    index scans.

    Args:
        index: The lists of the documents, by position.
        documents: Their vectors (documents, dimensions).
        ids: Their ids, by position.
        file: The file to write.

    Raises:
        UnavailableError: If pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        install = 'pip install "ehibench[parquet]"'
        raise UnavailableError(missing_library("export leaves", "pyarrow", install)) from None
    lists = np.arange(len(index.postings))[:, None]
    held = index.postings.documents_in(lists)
    leaves = np.repeat(lists[:, 0], [len(positions) for positions in held])
    positions = np.concatenate(held)
    vectors = np.asarray(documents[positions], dtype=np.float32)
    columns = {
        "id": pa.array([ids[position] for position in positions.tolist()]),
        "leaf": pa.array(leaves.astype(np.int32)),
        "vector": pa.FixedSizeListArray.from_arrays(vectors.ravel(), vectors.shape[1]),
    }
    table = pa.table(columns)
    order = [parquet.SortingColumn(1)]
    with new_file(file) as draft:
        parquet.write_table(table, draft, row_group_size=ROWS_PER_GROUP, sorting_columns=order)
    return len(positions)
