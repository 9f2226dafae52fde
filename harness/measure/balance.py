"""Measure how evenly an index spreads its documents over leaves or lists."""

import numpy as np
from numpy.typing import NDArray


def posting_balance(sizes: NDArray[np.int64]) -> dict[str, float]:
    """Return how balanced postings of these sizes (leaves,) are. At least one is not empty.

    `entropy` is the entropy of the leaves' shares of all documents, divided by its maximum, the
    logarithm of the number of leaves. Both it and `largest_over_mean` are 1 if all leaves are
    equal; `entropy` is 0 if one of several leaves holds everything. `dead` counts empty leaves.
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
