"""The first documents that every method returned for each test query, for the page's comparison.

Only as much is kept as fits into a page: the queries in which the methods differ most, and the
beginning of every document.
"""

from collections.abc import Mapping, Sequence
from textwrap import shorten
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.datasets.dataset import Dataset
from harness.report.figures.palette import look
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.frontier import AXES, on_axis
from harness.report.rows.summary import QueryValues

DEPTH = 10
MAX_QUERIES = 600
TITLE_LENGTH = 120
"""Characters shown of a document's text."""


def query_results(
    measured: DatasetRecords, measure: str, dataset: Dataset | None
) -> dict[str, Any]:
    """Return the queries, the documents, and one system per method and budget with its results.

    A system has the mean over seeds of the measure for every query, in thousandths, and the
    ranking of the first seed, as positions in `documents`. The ranking is None if the record is in
    a file. If there are more than MAX_QUERIES queries, the ones stay in which the methods differ
    most. If budgets of several kinds were measured, only those that limit the documents visited are
    shown.

    Args:
        measured: The records of the dataset.
        measure: The quality measure to compare by.
        dataset: The dataset, for texts and relevant documents; None if it cannot be loaded.
    """
    rows = on_axis(measured.rows(measure), AXES[0])
    rows = [row for row in rows if row.per_query.keys() == rows[0].per_query.keys()]
    queries, values = _kept([row.per_query for row in rows])
    documents: dict[str, int] = {}
    systems = []
    for row, row_values in zip(rows, values, strict=True):
        ranking = measured.ranking(row.cells[0])
        systems.append(
            {
                "label": row.label,
                "colour": look(row.method).colour,
                "budget": row.budget.label,
                "unlimited": row.budget.unlimited,
                "values": np.round(1000 * row_values).astype(int).tolist(),
                "ranking": None if ranking is None else _positions(ranking, queries, documents),
            }
        )
    texts, relevant = _judged(queries, documents, dataset)
    return {
        "measure": measure,
        "seed": rows[0].seeds[0],
        "count": len(rows[0].per_query),
        "queries": [[q, t, r] for q, t, r in zip(queries, texts, relevant, strict=True)],
        "documents": [[name, _title(name, dataset)] for name in documents],
        "systems": systems,
    }


def _positions(
    ranking: Mapping[str, Sequence[str]], queries: Sequence[str], documents: dict[str, int]
) -> list[list[int]]:
    """Return each query's first documents by their positions in `documents`, which grows."""
    return [
        [documents.setdefault(name, len(documents)) for name in ranking.get(query, [])[:DEPTH]]
        for query in queries
    ]


def _kept(per_query: Sequence[QueryValues]) -> tuple[list[str], list[NDArray[np.float64]]]:
    """Return the ids of the queries to show, in order, and every row's values for them."""
    queries = list(per_query[0])
    values = np.array([[row_values[query] for query in queries] for row_values in per_query])
    if len(queries) > MAX_QUERIES:
        ranks = np.argsort(-np.ptp(values, axis=0), kind="stable")[:MAX_QUERIES]
        kept = np.sort(ranks)
        queries, values = [queries[i] for i in kept], values[:, kept]
    return queries, list(values)


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
