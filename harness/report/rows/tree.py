"""Describe the leaves of a learned tree by the words and concepts of their documents."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.datasets.hpo_hierarchy import Hierarchy
from harness.report.rows.dataset_records import DatasetRecords
from harness.store.artifacts import FILES
from harness.store.record import Record
from methods.base import Corpus, Positions
from methods.ehi.list_router import load_router

# These names are in methods/ as well, where they are imported only together with torch.
POSTINGS, TORCH_POSTINGS = "postings.faiss", "lists.safetensors"
"""The inverted file of a tree that Faiss or torch has filled. Its lists are the leaves."""
ROUTER = "router.safetensors"
WORD = re.compile(r"[^\W\d_]{3,}")
WORDS_PER_LEAF = 6
MAX_DOCUMENTS = 100_000
"""A larger corpus is sampled at even intervals, which is enough to show what a leaf is about."""


@dataclass(frozen=True)
class Leaf:
    """A leaf and what its documents have in common."""

    number: int
    size: int  # number of documents
    words: Sequence[str]
    ancestor: tuple[str, float] | None  # hpo: a concept's name, and the share of documents below it


def find_leaves(dataset_records: DatasetRecords) -> list[Positions] | None:
    """Return the documents of every leaf, from the first record whose tree is still on disk."""
    found = _find_tree(dataset_records)
    return None if found is None else read_leaves(found[1] / FILES)


def route_queries(dataset_records: DatasetRecords) -> Positions | None:
    """Return the leaf (test queries,) that the same tree sends each query to first.

    Return None if the router or the vectors of the queries are not on disk.
    """
    found = _find_tree(dataset_records)
    if found is None:
        return None
    record, index = found
    embeddings = dataset_records.artifact(record, "embeddings")
    router = index / FILES / ROUTER
    if embeddings is None or not router.is_file():
        return None
    leaves, _ = load_router(router).beam(np.load(embeddings / "test.npy"), 1)
    return leaves[:, 0]


def _find_tree(dataset_records: DatasetRecords) -> tuple[Record, Path] | None:
    """Return the first record whose tree is still on disk, and the folder of its index."""
    for record in dataset_records.ok:
        index = dataset_records.artifact(record, "index")
        if record.method == "ehi" and index is not None and _has_leaves(index / FILES):
            return record, index
    return None


def _has_leaves(files: Path) -> bool:
    return any((files / name).is_file() for name in (POSTINGS, TORCH_POSTINGS))


def read_leaves(files: Path) -> list[Positions]:
    """Return the documents of every leaf. The vectors are not read from disk."""
    if not (files / POSTINGS).is_file():
        from safetensors import safe_open

        with safe_open(files / TORCH_POSTINGS, framework="np") as lists:
            return np.split(lists.get_tensor("ids"), lists.get_tensor("offsets")[1:-1])
    import faiss

    index = faiss.read_index(str(files / POSTINGS), faiss.IO_FLAG_MMAP)
    lists = index.invlists
    leaves = []
    for number in range(index.nlist):
        size = lists.list_size(number)
        documents = faiss.rev_swig_ptr(lists.get_ids(number), size) if size else []
        leaves.append(np.array(documents, dtype=np.int64))
    return leaves


def describe_leaves(
    leaves: Sequence[Positions], corpus: Corpus, hierarchy: Hierarchy | None
) -> list[Leaf]:
    """Return the leaves with their words and, given a hierarchy, a concept; the largest first.

    A leaf's words are the ones that contribute most to the divergence of its documents from the
    corpus: p log(p / q), where p is the share of the leaf's documents with the word, and q the
    share of all documents with it. The concept is chosen in the same way among the ancestors of the
    leaf's documents.
    """
    step = -(-len(corpus) // MAX_DOCUMENTS)
    sample = range(0, len(corpus), step)
    word_counts = Counter(word for i in sample for word in _words(corpus, i))
    concept_counts = Counter(concept for i in sample for concept in _concepts(corpus, i, hierarchy))
    described = []
    for number in sorted(range(len(leaves)), key=lambda leaf: (-len(leaves[leaf]), leaf)):
        sampled = [int(i) for i in leaves[number] if i % step == 0]
        words = _distinctive([_words(corpus, i) for i in sampled], word_counts, len(sample))
        concepts = _distinctive(
            [_concepts(corpus, i, hierarchy) for i in sampled], concept_counts, len(sample)
        )
        ancestor = None
        if hierarchy and concepts:
            (concept, share), *_ = concepts
            ancestor = (hierarchy.names[concept], share)
        top_words = [word for word, _ in words[:WORDS_PER_LEAF]]
        described.append(Leaf(number, len(leaves[number]), top_words, ancestor))
    return described


def _words(corpus: Corpus, position: int) -> set[str]:
    return set(WORD.findall(corpus.texts[position].lower()))


def _concepts(corpus: Corpus, position: int, hierarchy: Hierarchy | None) -> set[str]:
    return hierarchy.ancestors(corpus.ids[position]) if hierarchy else set()


def _distinctive(
    leaf: Sequence[set[str]], corpus_counts: Counter[str], corpus_size: int
) -> list[tuple[str, float]]:
    """Return the features more frequent in the leaf than in the corpus, the most distinctive first.

    Each comes with the share of the leaf's documents that have it.
    """
    counts = Counter(feature for document in leaf for feature in document)
    shares = {feature: count / len(leaf) for feature, count in counts.items()}
    weights = {
        feature: share * math.log(share * corpus_size / corpus_counts[feature])
        for feature, share in shares.items()
    }
    order = sorted((f for f in weights if weights[f] > 0), key=lambda f: (-weights[f], f))
    return [(feature, shares[feature]) for feature in order]
