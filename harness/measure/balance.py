"""How evenly an index spreads its documents over leaves or lists."""

import numpy as np
from numpy.typing import NDArray


def posting_balance(sizes: NDArray[np.int64]) -> dict[str, float]:
    """Return what the sizes of the postings (leaves,), not all of them empty, come to.

    `largest_over_mean` is 1 where all are equal, and so is `entropy`: that of the shares of the
    leaves, divided by its largest value, the logarithm of their number. It is 0 where one leaf
    of several holds everything. `dead` leaves hold no document.
    """
    leaves = len(sizes)
    shares = sizes[sizes > 0] / sizes.sum()
    entropy = -(shares * np.log(shares)).sum() / np.log(leaves) if leaves > 1 else 1.0
    return {
        "leaves": leaves,
        "largest": int(sizes.max()),
        "mean": float(sizes.mean()),
        "largest_over_mean": float(sizes.max() / sizes.mean()),
        "entropy": float(abs(entropy)),
        "dead": int((sizes == 0).sum()),
    }
