"""Judge rankings with ir-measures, query by query, and read and write TREC runs."""

import gzip
from collections.abc import Mapping
from pathlib import Path

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG
from numpy.typing import NDArray

from harness.datasets.dataset import Split
from methods.base import Corpus, Hits, Positions

MEASURES = (nDCG @ 10, RR @ 10, R @ 10, R @ 100)
DEPTH = 100
"""The number of documents that are searched for each query, the deepest cut-off of a measure."""
PerQuery = Mapping[str, NDArray[np.float64]]
"""The values (queries,) of each measure by its name, in the order of the split."""


def as_run(hits: Hits, split: Split, corpus: Corpus) -> dict[str, dict[str, float]]:
    """Return the hits as a run, which maps query ids to document ids to scores."""
    names = {int(i): corpus.ids[int(i)] for i in np.unique(hits.ids) if i >= 0}
    return {
        query: {names[i]: score for i, score in zip(ids, scores, strict=True) if i >= 0}
        for query, ids, scores in zip(
            split.ids, hits.ids.tolist(), hits.scores.tolist(), strict=True
        )
    }


def judge(run: Mapping[str, Mapping[str, float]], split: Split, corpus: Corpus) -> PerQuery:
    """Return every measure for every query of the split, 0 for a query without hits."""
    qrels: dict[str, dict[str, int]] = {query: {} for query in split.ids}
    names = list(split.ids)
    for row, document, grade in zip(split.rows, split.documents, split.grades, strict=True):
        qrels[names[row]][corpus.ids[int(document)]] = int(grade)
    order = {query: position for position, query in enumerate(names)}
    values = {str(measure): np.zeros(len(names)) for measure in MEASURES}
    for metric in ir_measures.iter_calc(MEASURES, qrels, run):
        values[str(metric.measure)][order[metric.query_id]] = metric.value
    return values


def overlap(hits: Hits, exact: Positions) -> float:
    """Return the share of the documents `exact` (n, depth) that are in the first `depth` hits.

    `exact` are the first documents of exact search, -1 if there were fewer.
    """
    depth = exact.shape[1]
    is_hit = (hits.ids[:, :depth, None] == exact[:, None, :]).any(axis=1) & (exact >= 0)
    return float(is_hit.sum() / (exact >= 0).sum())


def write_run(run: Mapping[str, Mapping[str, float]], path: Path, tag: str) -> None:
    """Write a gzipped TREC run. Scores have nine digits, which distinguish any two float32."""
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as file:
        for query, documents in run.items():
            for rank, (document, score) in enumerate(documents.items(), start=1):
                file.write(f"{query} Q0 {document} {rank} {score:.9g} {tag}\n")


def read_ranking(path: Path) -> dict[str, list[str]]:
    """Return, by query id, the documents of a run that `write_run` wrote, the best first."""
    ranking: dict[str, list[str]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            query, _, document, *_ = line.split(" ")
            ranking.setdefault(query, []).append(document)
    return ranking
