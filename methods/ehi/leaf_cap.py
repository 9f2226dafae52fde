"""Assignment of documents to leaves that hold at most a given number of documents."""

import numpy as np
from numpy.typing import NDArray

from methods.base import Positions
from methods.errors import InputError


def assign_leaves(
    ranked: Positions, copies: int, sizes: NDArray[np.int64], capacity: int
) -> Positions:
    """Assign each document to the best `copies` of its leaves that still have room.

    Documents are assigned in their order, so adding some later gives the same result as building
    with all of them. BLISS (Gupta et al., KDD 2022) balances its buckets in the same way.

    Args:
        ranked: The leaves (n, leaves) of each document, the best first.
        copies: The number of leaves per document.
        sizes: The number of documents in each leaf (leaves,); updated in place.
        capacity: The largest number of documents per leaf.

    Returns:
        The leaves (n, copies) of each document.

    Raises:
        InputError: If fewer than `copies` leaves have room for a document.
    """
    assigned = np.empty((len(ranked), copies), dtype=np.int64)
    for document, leaves in enumerate(ranked):
        chosen = leaves[sizes[leaves] < capacity][:copies]
        if len(chosen) < copies:
            raise InputError(
                f"tree.most_per_leaf is {capacity}, which leaves no room for some documents; "
                "raise it, or increase the number of leaves"
            )
        assigned[document] = chosen
        sizes[chosen] += 1
    return assigned
