"""Collect the judgements of a split, and count those that a reader must know of."""

from collections.abc import Mapping

from harness.datasets.dataset import Split, split_from_judgements
from methods.base import Corpus
from methods.errors import InputError


class Judgements:
    """The judgements of one split, read as BEIR and trec_eval read them.

    A document that the corpus lacks stays a judged document that is never found. A query without
    a text cannot be searched for, and is left out. If a pair is judged twice, the last grade
    counts.
    """

    def __init__(self, queries: Mapping[str, str], corpus: Corpus) -> None:
        self._queries = queries
        self._corpus = corpus
        self._grades: dict[tuple[str, int], int] = {}
        self._total = 0
        self._missing_documents: dict[str, int] = {}  # their negative positions
        self._of_missing_documents = 0
        self._missing_query = ""  # an example
        self._of_missing_queries = 0
        self._contradicted: dict[tuple[str, int], str] = {}  # the pairs, with the document's id

    def add(self, query: str, document: str, grade: int) -> None:
        """Add the grade of a document, by its id, for a query, by its id."""
        self._total += 1
        if query not in self._queries:
            self._missing_query = self._missing_query or query
            self._of_missing_queries += 1
            return
        position = self._corpus.ids.find(document)
        if position < 0:
            self._of_missing_documents += 1
            position = self._missing_documents.setdefault(
                document, -1 - len(self._missing_documents)
            )
        pair = query, position
        if self._grades.get(pair, grade) != grade:
            self._contradicted[pair] = document
        self._grades[pair] = grade

    def split(self, place: str, relevant_from: int = 1) -> Split:
        """Return the split, in which grades from `relevant_from` on mean relevant.

        Raise InputError, which names the `place` of the judgements, if no document of the corpus
        is relevant to a query.
        """
        rows = ((query, document, grade) for (query, document), grade in self._grades.items())
        split = split_from_judgements(self._queries, rows, relevant_from)
        if not split.has_relevant.any():
            reasons = "".join(f"; {note}" for note in self.notes())
            raise InputError(f"{place} is empty: no query has a relevant document{reasons}")
        return split

    def notes(self) -> list[str]:
        """Return one line for each kind of judgement that a reader must know of."""
        of_all = f"of {self._total:,} judgements"
        lines = []
        if self._missing_documents:
            lines.append(
                f"{self._of_missing_documents:,} {of_all} name documents that the corpus lacks, "
                f"such as {next(iter(self._missing_documents))!r}; they count as never found"
            )
        if self._of_missing_queries:
            lines.append(
                f"{self._of_missing_queries:,} {of_all} name queries without a text, such as "
                f"{self._missing_query!r}; they are left out"
            )
        if self._contradicted:
            (query, _), document = next(iter(self._contradicted.items()))
            lines.append(
                f"{len(self._contradicted):,} of {len(self._grades):,} judged pairs have several "
                f"grades, such as {query!r} and {document!r}; the last one counts"
            )
        return lines
