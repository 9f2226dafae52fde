"""Assignment of documents to leaves that hold at most a given number of documents."""

import numpy as np
from numpy.typing import NDArray

from methods.base import Positions
from methods.errors import InputError


def assign_leaves(ranked: Positions, sizes: NDArray[np.int64], capacity: int) -> Positions:
    """Assign each document to the best of its leaves that still has room.

    Documents are assigned in their order, so adding some later gives the same result as building
    with all of them. BLISS (Gupta et al., KDD 2022) balances its buckets in the same way.

    Args:
        ranked: The leaves (n, leaves) of each document, the best first.
        sizes: The number of documents in each leaf (leaves,); updated in place.
        capacity: The largest number of documents per leaf.

    Returns:
        The leaf (n, 1) of each document.

    Raises:
        InputError: If no leaf has room for a document.
    """
    assigned = np.empty((len(ranked), 1), dtype=np.int64)
    for document, leaves in enumerate(ranked):
        chosen = leaves[sizes[leaves] < capacity][:1]
        if len(chosen) == 0:
            raise InputError(
                f"tree.most_per_leaf is {capacity}, which leaves no room for some documents; "
                "raise it, or increase the number of leaves"
            )
        assigned[document] = chosen
        sizes[chosen] += 1
    return assigned
