"""Documents that were removed from a graph of ten nodes."""

from pathlib import Path

import numpy as np
import pytest

from methods.errors import InputError
from methods.indexes.tombstones import FILE, Tombstones

NODES = 10


@pytest.fixture
def removed() -> Tombstones:
    tombstones = Tombstones()
    tombstones.mark(np.array([7, 2]), NODES)
    return tombstones


def kept(tombstones: Tombstones, nodes: int) -> list[int]:
    parameters = tombstones.faiss_parameters(nodes)
    return [node for node in range(nodes) if parameters.sel.is_member(node)]


def test_faiss_selects_the_documents_that_were_not_removed(removed: Tombstones):
    assert len(removed) == 2
    assert kept(removed, NODES) == [0, 1, 3, 4, 5, 6, 8, 9]
    removed.mark(np.array([9]), NODES)
    assert kept(removed, 20) == [0, 1, 3, 4, 5, 6, 8, *range(10, 20)]
    assert Tombstones().faiss_parameters(NODES) is None


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([3, 10], "^document 10 is not in the index$"),
        ([3, 7], "^document 7 is not in the index$"),
        ([3, 3], "duplicate id 3 in one call"),
        ([-1], "ids must be from 0"),
    ],
)
def test_a_document_that_is_not_there_is_named_and_nothing_is_removed(
    removed: Tombstones, ids: list[int], message: str
):
    with pytest.raises(InputError, match=message):
        removed.mark(np.array(ids), NODES)
    assert len(removed) == 2


def test_nothing_is_left_of_what_was_written_before(removed: Tombstones, tmp_path: Path):
    removed.write(tmp_path)
    Tombstones().write(tmp_path)  # the index was built again without them
    assert len(Tombstones.read(tmp_path)) == 0


def test_they_are_read_as_they_were_written(removed: Tombstones, tmp_path: Path):
    Tombstones().write(tmp_path)
    assert not (tmp_path / FILE).exists() and not len(Tombstones.read(tmp_path))
    removed.write(tmp_path)
    assert kept(Tombstones.read(tmp_path), NODES) == kept(removed, NODES)
