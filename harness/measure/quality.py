"""Judge rankings with ir-measures, query by query, and read and write TREC runs."""

import gzip
from collections.abc import Iterable, Mapping
from pathlib import Path

import ir_measures
import numpy as np
from ir_measures import Measure
from numpy.typing import NDArray

from harness.datasets.dataset import Split, own_documents
from methods.base import Corpus, Hits, Positions
from methods.errors import InputError, unknown

CUTOFFS = {"nDCG@10": 10, "RR@10": 10, "R@10": 10, "R@100": 100}
"""The measures by name, each with the number of documents that it looks at."""
MEASURE = "nDCG@10"
"""The measure that settings are chosen by, and that ablations, drifts and `ndcg` compare."""
DEFAULT_DEPTH = 10
"""The number of documents that a query asks for, and the least that the measures need."""
PerQuery = Mapping[str, NDArray[np.float64]]
"""The values (queries,) of each measure by its name, in the order of the split."""
Run = Mapping[str, Mapping[str, float]]
"""The documents found for each query, best first: query ids to document ids to scores."""
LOWEST = np.float32(-np.inf)


def measures_within(depth: int) -> list[str]:
    """Return the names of the measures that look at no more than `depth` documents."""
    return [name for name, cutoff in CUTOFFS.items() if cutoff <= depth]


def unmeasured(measure: str, known: Iterable[str]) -> InputError:
    """Return the error for a measure that is not among the `known` ones of a record."""
    if measure in CUTOFFS:
        return InputError(
            f"{measure} was not measured; it needs a run with --depth {CUTOFFS[measure]}"
        )
    return unknown("measure", measure, known)


def search_depth(split: Split, corpus: Corpus, depth: int) -> int:
    """Return how many documents to search for, so that `as_run` has `depth` for every query."""
    return depth + int((own_documents(split, corpus) >= 0).any())


def as_run(hits: Hits, split: Split, corpus: Corpus, depth: int) -> Run:
    """Return the first `depth` hits of each query as a run, without the query's own document.

    `hits` has `search_depth` columns; see `own_documents`.
    """
    own = own_documents(split, corpus).tolist()
    names = {int(i): corpus.ids[int(i)] for i in np.unique(hits.ids) if i >= 0}
    run = {}
    for query, own_id, ids, scores in zip(
        split.ids, own, hits.ids.tolist(), hits.scores.tolist(), strict=True
    ):
        kept = [(i, score) for i, score in zip(ids, scores, strict=True) if i >= 0 and i != own_id]
        run[query] = {names[i]: score for i, score in kept[:depth]}
    return run


def judge(run: Run, split: Split, corpus: Corpus, depth: int) -> PerQuery:
    """Return every measure within `depth` for every query of the split, 0 for one without hits.

    Documents are ranked in the order of the run, whatever their scores: ir-measures would break
    ties in another order for RR than for the others. For all measures but nDCG, a document is
    relevant from the grade `split.relevant_from` on. Judged documents that the corpus lacks count
    as not found.
    """
    qrels: dict[str, dict[str, int]] = {query: {} for query in split.ids}
    names = list(split.ids)
    for row, document, grade in zip(split.rows, split.documents, split.grades, strict=True):
        # Ids contain no spaces, so this name cannot clash with the id of a document.
        name = corpus.ids[int(document)] if document >= 0 else f"missing {-document}"
        qrels[names[row]][name] = int(grade)
    order = {query: position for position, query in enumerate(names)}
    ranked = {
        query: {document: -rank for rank, document in enumerate(documents)}
        for query, documents in run.items()
    }
    measures = {_measure(name, split.relevant_from): name for name in measures_within(depth)}
    values = {name: np.zeros(len(names)) for name in measures.values()}
    for metric in ir_measures.iter_calc(list(measures), qrels, ranked):
        values[measures[metric.measure]][order[metric.query_id]] = metric.value
    return values


def overlap(hits: Hits, exact: Positions) -> float:
    """Return the share of exact search's first ten documents that are in the first ten hits.

    `exact` (n, depth) are the first documents of exact search, -1 if there were fewer. With fewer
    than ten columns, as many hits count.
    """
    exact = exact[:, :DEFAULT_DEPTH]
    depth = exact.shape[1]
    is_hit = (hits.ids[:, :depth, None] == exact[:, None, :]).any(axis=1) & (exact >= 0)
    return float(is_hit.sum() / (exact >= 0).sum())


def write_run(run: Run, path: Path, tag: str) -> None:
    """Write a gzipped TREC run. Scores have nine digits, which distinguish any two float32.

    A score that is not below the one before it becomes the next smaller float32. Programs that
    rank by scores then find the order of the run.
    """
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as file:
        for query, documents in run.items():
            above = np.float32(np.inf)
            for rank, (document, score) in enumerate(documents.items(), start=1):
                above = min(np.float32(score), np.nextafter(above, LOWEST))
                file.write(f"{query} Q0 {document} {rank} {above:.9g} {tag}\n")


def read_ranking(path: Path) -> dict[str, list[str]]:
    """Return, by query id, the documents of a run that `write_run` wrote, the best first."""
    ranking: dict[str, list[str]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            query, _, document, *_ = line.split(" ")
            ranking.setdefault(query, []).append(document)
    return ranking


def _measure(name: str, relevant_from: int) -> Measure:
    """Return the measure of ir-measures; nDCG takes gains from all grades."""
    measure: Measure = ir_measures.parse_measure(name)
    return measure if relevant_from == 1 or name.startswith("nDCG") else measure(rel=relevant_from)
