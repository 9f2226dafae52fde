"""The first documents that every method returned for each test query, for the page's comparison.

Only what fits into a page is kept: the queries on which the methods differ most, and the beginning
of every document.
"""

from collections.abc import Mapping, Sequence
from textwrap import shorten
from typing import Any

import numpy as np

from harness.datasets.dataset import Dataset
from harness.report.figures.palette import look
from harness.report.page.budget_order import budget_order
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.summary import QueryValues, Row

DEPTH = 10
MAX_QUERIES = 600
MAX_NUMBERS = 250_000
"""The values and positions of all datasets of a page together, which keeps it under 5 MB."""
TITLE_LENGTH = 120
"""Characters shown of a document's text."""


def query_results(
    measured: DatasetRecords, measure: str, dataset: Dataset | None, numbers: int = MAX_NUMBERS
) -> dict[str, Any]:
    """Return the queries, the documents, and one system per method and budget with its results.

    A system has the means over seeds of every measure for every query, in thousandths, and the
    ranking of the first seed, as positions in `documents`. The ranking is None if the record is in
    a file. If there are more than MAX_QUERIES queries, or more numbers than allowed, only the
    queries on which the methods differ most are kept.

    Args:
        measured: The records of the dataset.
        measure: The quality measure by which queries are kept.
        dataset: The dataset, for texts and relevant documents; None if it cannot be loaded.
        numbers: The most values and positions to return.
    """
    measures = [measure, *(name for name in measured.measures if name != measure)]
    by_measure = {name: _with_equal_queries(measured.rows(name)) for name in measures}
    rows = by_measure[measure]
    ranked = sum(measured.folder(row.cells[0]) is not None for row in rows)
    count = min(MAX_QUERIES, numbers // (len(measures) * len(rows) + DEPTH * ranked))
    queries = _kept([row.per_query for row in rows], count)
    documents: dict[str, int] = {}
    systems = []
    for position, row in enumerate(rows):
        ranking = measured.ranking(row.cells[0])
        systems.append(
            {
                "label": row.label,
                "colour": look(row.method).colour,
                "budget": row.budget.label,
                "kind": row.budget.kind,
                "unlimited": row.budget.unlimited,
                "values": {
                    name: _thousandths(own[position].per_query, queries)
                    for name, own in by_measure.items()
                },
                "ranking": None if ranking is None else _positions(ranking, queries, documents),
            }
        )
    texts, relevant = _judged(queries, documents, dataset)
    return {
        "measures": measures,
        "seed": rows[0].seeds[0],
        "count": len(rows[0].per_query),
        "queries": [[q, t, r] for q, t, r in zip(queries, texts, relevant, strict=True)],
        "documents": [[name, _title(name, dataset)] for name in documents],
        "systems": systems,
    }


def _positions(
    ranking: Mapping[str, Sequence[str]], queries: Sequence[str], documents: dict[str, int]
) -> list[list[int]]:
    """Return each query's first documents as positions in `documents`, adding those it lacks."""
    return [
        [documents.setdefault(name, len(documents)) for name in ranking.get(query, [])[:DEPTH]]
        for query in queries
    ]


def _with_equal_queries(rows: Sequence[Row]) -> list[Row]:
    kept = [row for row in rows if row.per_query.keys() == rows[0].per_query.keys()]
    return sorted(kept, key=budget_order)


def _kept(per_query: Sequence[QueryValues], count: int) -> list[str]:
    """Return the ids of the `count` queries on which the methods differ most, in their order."""
    queries = list(per_query[0])
    if len(queries) <= count:
        return queries
    values = np.array([[row_values[query] for query in queries] for row_values in per_query])
    widest = np.argsort(-np.ptp(values, axis=0), kind="stable")[:count]
    return [queries[i] for i in np.sort(widest)]


def _thousandths(values: QueryValues, queries: Sequence[str]) -> list[int]:
    return [round(1000 * values[query]) for query in queries]


def _judged(
    queries: Sequence[str], documents: dict[str, int], dataset: Dataset | None
) -> tuple[list[str | None], list[list[int]]]:
    """Return the queries' texts and relevant documents, which are added to `documents`."""
    if dataset is None:
        return [None] * len(queries), [[]] * len(queries)
    test = dataset.test()
    texts: list[str | None] = []
    relevant = []
    for query in queries:
        position = test.ids.find(query)
        judged = slice(test.starts[position], test.starts[position + 1])
        found = test.documents[judged][test.is_relevant[judged]]
        names = [dataset.corpus.ids[int(document)] for document in found]
        texts.append(test.texts[position])
        relevant.append([documents.setdefault(name, len(documents)) for name in names])
    return texts, relevant


def _title(name: str, dataset: Dataset | None) -> str | None:
    if dataset is None:
        return None
    return shorten(
        dataset.corpus.texts[dataset.corpus.ids.find(name)], TITLE_LENGTH, placeholder=" …"
    )
