"""Which leaves a document lies in, where a leaf may hold only so many."""

import numpy as np
from numpy.typing import NDArray

from methods.base import Positions
from methods.errors import InputError


def assign_leaves(
    ranked: Positions, copies: int, sizes: NDArray[np.int64], most_per_leaf: int
) -> Positions:
    """Return the first `copies` leaves (n, copies) of each document that have room for it.

    Documents are placed in their order, so that adding some places them as building with them
    would. BLISS (Gupta et al., KDD 2022) balances by such caps.

    Args:
        ranked: The leaves (n, leaves) of each document, the best first.
        copies: How many leaves a document lies in.
        sizes: What each leaf (leaves,) holds already. It is counted on in place.
        most_per_leaf: What a leaf may hold.

    Raises:
        InputError: If a document finds no room.
    """
    placed = np.empty((len(ranked), copies), dtype=np.int64)
    for document, leaves in enumerate(ranked):
        found = leaves[sizes[leaves] < most_per_leaf][:copies]
        if len(found) < copies:
            raise InputError(
                f"tree.most_per_leaf is {most_per_leaf}, which leaves no room for a document; "
                "raise it, or set more leaves"
            )
        placed[document] = found
        sizes[found] += 1
    return placed
