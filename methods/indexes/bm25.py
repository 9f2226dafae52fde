"""BM25 on the words of texts: lexical search, without any learning.

Robertson and Zaragoza: The Probabilistic Relevance Framework: BM25 and Beyond, 2009, in the variant
of Lucene that Kamphuis et al. describe (Which BM25 Do You Mean?, ECIR 2020).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from methods.automatic import setting
from methods.base import Cost, Hits, Index, Positions, Resources, Router
from methods.errors import InputError, UnavailableError, missing_library
from methods.indexes.words import split_words
from methods.settings import check_range


@dataclass(frozen=True)
class Bm25Settings:
    """`k1`: how slowly repeated words saturate; `b`: how much long documents are penalised."""

    k1: float = 1.5
    b: float = 0.75
    stemmer: Literal["none", "porter", "english"] = setting("none", since="0.3")
    """Porter's stemmer, as in Lucene's English analyser, or Snowball's English one."""

    def __post_init__(self) -> None:
        """Reject values for which the formula is undefined."""
        check_range("bm25.k1", self.k1, 0)
        check_range("bm25.b", self.b, 0, 1)


class Bm25Index(Index[Sequence[str]]):
    """The postings of bm25s, on words of any language, without English stop words."""

    reads = "texts"

    def __init__(self, settings: Bm25Settings, resources: Resources) -> None:
        self._settings = settings

    def build(self, documents: Sequence[str], seed: int, router: Router | None) -> None:
        """Score every word of every document. Raise InputError if there are no words."""
        from bm25s import BM25

        words = _tokenizer(self._settings.stemmer)
        corpus = words.tokenize(
            documents, return_as="tuple", allow_empty=False, show_progress=False
        )
        if not corpus.vocab:
            raise InputError("bm25 found no words in any document; leave bm25 out of --methods")
        bm25 = BM25(k1=self._settings.k1, b=self._settings.b, method="lucene")
        bm25.index(corpus, create_empty_token=False, show_progress=False)
        self._keep(bm25)

    def save(self, folder: Path) -> None:
        """Write the files of bm25s: NumPy arrays, and the vocabulary as JSON."""
        self._bm25.save(folder, show_progress=False)

    def load(self, folder: Path, documents: Sequence[str]) -> None:
        """Read the files of bm25s, without pickle; the texts are not needed."""
        from bm25s import BM25

        self._keep(BM25.load(folder, show_progress=False))

    def efforts(self, k: int) -> range:
        """Return the only effort, 1."""
        return range(1, 2)

    def search(self, queries: Sequence[str], k: int, effort: int) -> Hits:
        """Return the best `k` documents that contain a word of the query, and their BM25."""
        ids = np.full((len(queries), k), -1, dtype=np.int64)
        scores = np.full((len(queries), k), -np.inf, dtype=np.float32)
        for row, words in enumerate(self._words(queries)):
            best, their_scores = _best(self._bm25.get_scores_from_ids(words), k)
            ids[row, : len(best)], scores[row, : len(best)] = best, their_scores
        return Hits(ids, scores)

    def cost(self, queries: Sequence[str], k: int, effort: int) -> Cost:
        """Count the distinct documents with a word of the query, and their postings as the scan."""
        starts, documents = self._bm25.scores["indptr"], self._bm25.scores["indices"]
        visited, scan = np.zeros((2, len(queries)), dtype=np.int64)
        for row, words in enumerate(self._words(queries)):
            postings_read = [documents[starts[word] : starts[word + 1]] for word in words]
            postings = np.concatenate([documents[:0], *postings_read])  # a query may have no words
            visited[row], scan[row] = len(np.unique(postings)), len(postings)
        return Cost(visited, scan, np.zeros_like(visited))

    def _words(self, queries: Sequence[str]) -> Any:
        """Return the ids of the words of each query that documents contain, with repeats."""
        return self._tokenizer.tokenize(
            queries, update_vocab=False, allow_empty=False, show_progress=False
        )

    def _keep(self, bm25: Any) -> None:
        self._bm25 = bm25
        self._tokenizer = _tokenizer(self._settings.stemmer)
        self._tokenizer.word_to_id = bm25.vocab_dict


def _tokenizer(stemmer: str) -> Any:
    """Return a tokenizer of bm25s. Raise UnavailableError if the library of stemmers is missing."""
    from bm25s.stopwords import STOPWORDS_EN
    from bm25s.tokenization import Tokenizer

    if stemmer == "none":
        return Tokenizer(splitter=split_words, stopwords="en")
    if find_spec("Stemmer") is None:
        install = 'pip install "ehibench[bm25]", or --set bm25.stemmer=none'
        raise UnavailableError(missing_library(f"bm25.stemmer={stemmer}", "PyStemmer", install))
    from Stemmer import Stemmer

    stem = Stemmer(stemmer).stemWords

    def stems(text: str) -> list[str]:
        # Stop words go first, as in Lucene: "this" is one, and its stem "thi" is not.
        words = [word for word in split_words(text) if word not in STOPWORDS_EN]
        stemmed: list[str] = stem(words)
        return stemmed

    return Tokenizer(splitter=stems, stopwords=[])


def _best(scores: NDArray[np.float32], k: int) -> tuple[Positions, NDArray[np.float32]]:
    """Return the best `k` documents with a score above 0, or all if fewer, and their scores.

    `retrieve` of bm25s partitions all documents, which is slow because most scores are equal: 0.
    """
    matches = np.flatnonzero(scores)
    if len(matches) > k:
        matches = np.sort(matches[np.argpartition(scores[matches], -k)[-k:]])
    best = matches[np.argsort(-scores[matches], kind="stable")]
    return best, scores[best]
