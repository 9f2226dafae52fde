"""The defaults of the common interface."""

import numpy as np
import pytest

from methods.base import Index, Resources, no_progress
from methods.errors import InputError
from methods.indexes.exact import ExactIndex
from methods.settings import NoSettings


@pytest.fixture
def exact(resources: Resources) -> Index[np.ndarray]:
    """An index that overrides none of the defaults."""
    index = ExactIndex(NoSettings(), resources)
    index.build(np.eye(3, dtype=np.float32), 0, None)
    return index


def test_by_default_an_index_cannot_add_or_remove_documents(exact: Index[np.ndarray]):
    with pytest.raises(InputError, match="adding documents to ExactIndex is not implemented"):
        exact.add(np.array([3]), np.ones((1, 3), dtype=np.float32))
    with pytest.raises(InputError, match="ExactIndex cannot remove documents; build it again"):
        exact.remove(np.array([0]))


def test_by_default_an_index_has_no_postings(exact: Index[np.ndarray]):
    assert exact.posting_sizes() is None


def test_no_progress_accepts_any_number_of_steps():
    with no_progress("Encoding", 10) as advance:
        advance()
        advance(9)
