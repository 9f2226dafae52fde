import numpy as np
import pytest

from harness.tasks.finite_vectors import check_finite
from methods.errors import InputError

IDS = ["a", "b", "c"]


def vectors(*bad: int, value: float = np.nan) -> np.ndarray:
    """Three vectors, of which some have a value that is not finite."""
    made = np.ones((3, 4), dtype=np.float32)
    made[list(bad), 2] = value
    return made


def test_finite_vectors_pass():
    check_finite(IDS, vectors(), [vectors(), vectors()[:0]])
    check_finite(IDS, np.full((3, 4), 3e38, dtype=np.float32), [])


@pytest.mark.parametrize(
    ("documents", "queries", "message"),
    [
        (
            vectors(1, 2),
            [vectors(0), vectors(1)],
            "2 documents (the first is b) and 2 queries",
        ),
        (vectors(0, value=np.inf), [vectors()], "1 document (the first is a) has a vector that is"),
        (vectors(), [vectors(0, value=-np.inf)], "1 query has a vector that is not finite"),
    ],
)
def test_what_is_not_finite_is_counted(
    documents: np.ndarray, queries: list[np.ndarray], message: str
):
    with pytest.raises(InputError, match=r"^[^\n]*$") as caught:
        check_finite(IDS, documents, queries)
    assert str(caught.value).startswith(message)
