"""The quality of a search as a share of the quality of exact search over the same vectors."""

import numpy as np

from harness.datasets.dataset import Split
from harness.measure.budget import BudgetKind
from harness.measure.quality import DEFAULT_DEPTH, MEASURE, as_run, judge, overlap
from methods.base import Corpus, Hits, Positions


def share_of_exact(
    kind: BudgetKind, hits: Hits, exact: Positions, split: Split, corpus: Corpus
) -> float | None:
    """Return the overlap of hits with exact search's, or for `ndcg` the ratio of their nDCG@10.

    Return None for `ndcg` if exact search finds nothing relevant, since the ratio is undefined.

    Args:
        kind: "overlap" or "ndcg".
        hits: The hits for the queries of the split.
        exact: The first documents (queries, `search_depth` of ten) of exact search, -1 if there
            were fewer.
        split: The queries, and their relevant documents.
        corpus: The documents.
    """
    if kind == "overlap":
        return overlap(hits, exact)
    scores = np.broadcast_to(-np.arange(exact.shape[1], dtype=np.float32), exact.shape)
    ceiling = _ndcg(Hits(exact, scores), split, corpus)
    return _ndcg(hits, split, corpus) / ceiling if ceiling else None


def _ndcg(hits: Hits, split: Split, corpus: Corpus) -> float:
    run = as_run(hits, split, corpus, DEFAULT_DEPTH)
    return float(judge(run, split, corpus, DEFAULT_DEPTH)[MEASURE].mean())
