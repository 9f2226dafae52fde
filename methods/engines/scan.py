"""Search inverted lists on any device: score the entries of the probed lists, take the best.

Scores are one row per query, as long as the entries that the query with most entries reaches.
Queries are searched in parts, so that these rows fit a fixed amount of memory.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from methods.engines.inverted_lists import InvertedLists

SCORES_AT_ONCE = 1 << 28
"""The largest matrix of scores, in floats (1 GiB)."""
GATHERED_FLOATS = 1 << 24
"""The vectors that the plain scorer gathers at a time, in floats (64 MiB)."""

Products = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
"""A function that computes what `inner_products` does: that one itself, or compiled."""


@dataclass(frozen=True)
class Probes:
    """The lists (n, probes) that each query scans, -1 for none, and where their scores go.

    The entries of `probed[q, i]` are scored in row q, from column `starts[q, i]` on.
    """

    lists: InvertedLists
    probed: Tensor

    @cached_property
    def sizes(self) -> Tensor:
        """The entries (n, probes) of each probed list."""
        sizes = self.lists.sizes[self.probed.clamp(min=0)]
        return torch.where(self.probed >= 0, sizes, 0)

    @cached_property
    def ends(self) -> Tensor:
        """The column (n, probes) after the last entry of each probed list."""
        return self.sizes.cumsum(dim=1)

    @cached_property
    def starts(self) -> Tensor:
        """The column (n, probes) of the first entry of each probed list."""
        return self.ends - self.sizes

    def ids(self, columns: Tensor) -> Tensor:
        """Return the ids (n, k) of the entries in some columns (n, k) that hold scores."""
        probe = torch.searchsorted(self.ends, columns, right=True)
        probe = probe.clamp(max=self.probed.shape[1] - 1)
        within = columns - self.starts.gather(1, probe)
        entries = self.lists.offsets[self.probed.gather(1, probe).clamp(min=0)] + within
        return self.lists.ids[entries.clamp(max=max(0, len(self.lists.ids) - 1))]


class Scorer(Protocol):
    """Writes the inner products of queries (n, dimensions) into `scores` (n, width)."""

    def __call__(self, queries: Tensor, probes: Probes, scores: Tensor) -> None:
        """Score the entries of all probed lists; other columns are left as they are."""
        ...


def search_lists(
    lists: InvertedLists, queries: Tensor, probed: Tensor, k: int, scorer: Scorer
) -> tuple[Tensor, Tensor]:
    """Return the scores and ids (n, k) of the best entries of the `probed` lists (n, probes).

    After the last entry that a query reaches, ids are -1 and scores the least float.
    """
    if not len(queries):
        return queries.new_zeros((0, k)), probed.new_zeros((0, k))
    width = int(Probes(lists, probed).ends[:, -1].max())
    rows = max(1, SCORES_AT_ONCE // max(width, k))
    parts = [
        _search(Probes(lists, some), part, k, scorer)
        for some, part in zip(probed.split(rows), queries.split(rows), strict=True)
    ]
    return torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])


def inner_products(vectors: Tensor, entries: Tensor, queries: Tensor, rows: Tensor) -> Tensor:
    """Return the inner products (n,) of some `entries` (n,) of vectors and `rows` of queries."""
    return (vectors[entries].float() * queries[rows]).sum(dim=1)


def score_by_gather(
    queries: Tensor, probes: Probes, scores: Tensor, products: Products = inner_products
) -> None:
    """Score by gathering the vectors of all entries, a part at a time."""
    lists, sizes = probes.lists, probes.sizes.flatten()
    queries = queries.to(lists.vectors.dtype).float()
    device = queries.device
    pairs = torch.repeat_interleave(torch.arange(len(sizes), device=device), sizes)
    within = torch.arange(len(pairs), device=device) - (sizes.cumsum(0) - sizes)[pairs]
    entries = lists.offsets[probes.probed.flatten()[pairs]] + within
    rows = pairs // probes.probed.shape[1]
    columns = probes.starts.flatten()[pairs] + within
    at_once = max(1, GATHERED_FLOATS // queries.shape[1])
    parts = (each.split(at_once) for each in (entries, rows, columns))
    for entry, row, column in zip(*parts, strict=True):
        scores[row, column] = products(lists.vectors, entry, queries, row)


def _search(probes: Probes, queries: Tensor, k: int, scorer: Scorer) -> tuple[Tensor, Tensor]:
    width = max(k, int(probes.ends[:, -1].max()))
    absent = torch.finfo(torch.float32).min
    scores = torch.full((len(queries), width), absent, device=queries.device)
    scorer(queries, probes, scores)
    best, columns = scores.topk(k)
    reached = columns < probes.ends[:, -1:]
    return torch.where(reached, best, absent), torch.where(reached, probes.ids(columns), -1)
