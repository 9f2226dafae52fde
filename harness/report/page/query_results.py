"""What every method returned for the test queries, kept small, for the page's wins and losses."""

from collections.abc import Sequence
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
MOST_QUERIES = 600
TITLE = 120
"""Characters of a document that are shown."""


def query_results(
    measured: DatasetRecords, measure: str, dataset: Dataset | None
) -> dict[str, Any]:
    """Return queries, documents and, a method and budget, values and first documents.

    Values are thousandths, means over seeds; documents are of the first seed. Of many queries
    those stay in which the methods differ most; of several kinds of budgets, that of documents.
    """
    rows = on_axis(measured.rows(measure), AXES[0])
    rows = [row for row in rows if row.per_query.keys() == rows[0].per_query.keys()]
    queries, values = _kept([row.per_query for row in rows])
    documents: dict[str, int] = {}
    systems = []
    for row, of_row in zip(rows, values, strict=True):
        ranking = measured.ranking(row.cells[0])
        systems.append(
            {
                "label": row.label,
                "colour": look(row.method).colour,
                "budget": row.budget.label,
                "free": row.budget.unlimited,
                "values": np.round(1000 * of_row).astype(int).tolist(),
                "found": [
                    [documents.setdefault(d, len(documents)) for d in ranking.get(q, [])[:DEPTH]]
                    for q in queries
                ],
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


def _kept(per_query: Sequence[QueryValues]) -> tuple[list[str], list[NDArray[np.float64]]]:
    """Return the ids of the queries that stay, in order, and every row's values of them."""
    queries = list(per_query[0])
    values = np.array([[of_row[query] for query in queries] for of_row in per_query])
    if len(queries) > MOST_QUERIES:
        ranks = np.argsort(-np.ptp(values, axis=0), kind="stable")[:MOST_QUERIES]
        kept = np.sort(ranks)
        queries, values = [queries[i] for i in kept], values[:, kept]
    return queries, list(values)


def _judged(
    queries: Sequence[str], documents: dict[str, int], dataset: Dataset | None
) -> tuple[list[str | None], list[list[int]]]:
    """Return the queries' texts and relevant documents; these are added to `documents`."""
    if dataset is None:
        return [None] * len(queries), [[]] * len(queries)
    test = dataset.test()
    texts: list[str | None] = []
    relevant = []
    for query in queries:
        place = test.ids.find(query)
        judged = slice(test.starts[place], test.starts[place + 1])
        names = [
            dataset.corpus.ids[int(position)]
            for position, grade in zip(test.documents[judged], test.grades[judged], strict=True)
            if grade > 0
        ]
        texts.append(test.texts[place])
        relevant.append([documents.setdefault(name, len(documents)) for name in names])
    return texts, relevant


def _title(name: str, dataset: Dataset | None) -> str | None:
    if dataset is None:
        return None
    return shorten(dataset.corpus.texts[dataset.corpus.ids.find(name)], TITLE, placeholder=" …")
