"""nDCG of binary relevance (Jarvelin and Kekalainen, TOIS 2002)."""

import numpy as np

from methods.base import Pairs, Positions
from methods.negatives import is_relevant


def ndcg(found: Positions, pairs: Pairs, corpus_size: int) -> float:
    """Return the mean nDCG@k of `found` (n, k), best first, -1 where nothing was found.

    The gain of a relevant document at rank r, from 1 on, is 1 / log2(r + 1); the ideal ranking
    has the relevant documents of the query first, as far as they fit into k.
    """
    discounts = 1 / np.log2(np.arange(found.shape[1]) + 2)
    gains = is_relevant(found, pairs, corpus_size) @ discounts
    counts = np.minimum(np.diff(pairs.starts), found.shape[1])
    return float((gains / np.cumsum(discounts)[counts - 1]).mean())
