"""An index of some documents takes the others, and finds them by their places in the corpus."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.measure.effort import Effort
from harness.store.artifacts import Artifacts
from harness.tasks.add import AddInputs, AddTask
from methods.atomic_files import new_folder
from methods.base import no_progress
from tests.harness.tasks.four_lists import VECTORS, build_four_lists

ORDER = np.array([0, 2, 3, 5, 1, 4])  # the index was built without documents 1 and 4
ALL = VECTORS[[0, 0, 1, 2, 2, 3]] * np.array([[1], [2], [1], [1], [3], [1]], dtype=np.float32)


@pytest.fixture(params=[None, 10**9])
def task(tmp_path: Path, request: pytest.FixtureRequest) -> AddTask:
    """The documents are added, whether or not the memory of a build is bounded."""
    inputs = replace(build_four_lists(tmp_path), memory=request.param)
    embedded = inputs.artifacts.for_corpus("of all documents")
    with new_folder(embedded.embeddings) as draft:
        np.save(draft / "documents.npy", ALL)
    return AddTask(AddInputs(replace(inputs, documents=6), embedded, ORDER), no_progress)


def test_added_documents_are_found_by_their_position_in_the_corpus(task: AddTask):
    result = task.measure(Effort(1, None))
    found = [ids[ids >= 0].tolist() for ids in result.hits.ids]
    assert found == [[1, 0], [2], [4, 3], [5]]  # a longer vector has a larger inner product
    assert result.cost.visited == pytest.approx((2 + 1 + 2 + 1) / 4 / 6)


def test_the_largest_list_counts_the_documents_that_were_added(task: AddTask):
    seconds, balance = task.added()
    assert seconds > 0 and balance == 2 / 1.5


def test_the_vectors_of_all_documents_are_next_to_those_of_the_first(tmp_path: Path):
    artifacts: Artifacts = build_four_lists(tmp_path).artifacts
    every = artifacts.for_corpus("0123456789abcdef0123")
    assert every.learned == artifacts.learned and every.home == artifacts.home
    assert every.embeddings == artifacts.home / "corpus-0123456789abcdef" / "embeddings"
