"""What lies in the leaves of a learned tree, in words."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.datasets.hpo_hierarchy import Hierarchy
from harness.report.rows.dataset_records import DatasetRecords
from methods.base import Corpus, Positions

POSTINGS = Path("files") / "postings.faiss"
"""Of an index with a tree, below its folder: an inverted file whose lists are the leaves."""
WORD = re.compile(r"[^\W\d_]{3,}")
WORDS = 6
READ = 100_000
"""Documents that are read at most, evenly over the corpus: enough to tell what a leaf is about."""


@dataclass(frozen=True)
class Leaf:
    """A leaf: its documents, its words and, on hpo, the concept that most of them are below.

    `ancestor` is the concept's name and the share of the leaf's documents below it.
    """

    number: int
    size: int
    words: Sequence[str]
    ancestor: tuple[str, float] | None


def find_tree(measured: DatasetRecords) -> list[Positions] | None:
    """Return the leaves of the first record whose index has a tree that is still there."""
    for record in measured.ok:
        index = measured.artifact(record, "index")
        if record.method == "ehi" and index is not None and (index / POSTINGS).is_file():
            return read_leaves(index / POSTINGS)
    return None


def read_leaves(postings: Path) -> list[Positions]:
    """Return the documents of every leaf. The vectors stay on disk."""
    import faiss

    index = faiss.read_index(str(postings), faiss.IO_FLAG_MMAP)
    lists = index.invlists
    leaves = []
    for number in range(index.nlist):
        size = lists.list_size(number)
        held = faiss.rev_swig_ptr(lists.get_ids(number), size) if size else []
        leaves.append(np.array(held, dtype=np.int64))
    return leaves


def describe(
    leaves: Sequence[Positions], corpus: Corpus, hierarchy: Hierarchy | None
) -> list[Leaf]:
    """Return the leaves with what they are about, the largest first.

    A leaf's words are those with the largest part in the divergence of its documents from the
    corpus: the share of its documents with the word x log(that share / the corpus's share). So is
    the concept above its documents.
    """
    step = -(-len(corpus) // READ)
    sample = range(0, len(corpus), step)
    everywhere = Counter(word for i in sample for word in _words(corpus, i))
    above = Counter(concept for i in sample for concept in _concepts(corpus, i, hierarchy))
    described = []
    for number in sorted(range(len(leaves)), key=lambda leaf: (-len(leaves[leaf]), leaf)):
        read = [int(i) for i in leaves[number] if i % step == 0]
        words = _outstanding((_words(corpus, i) for i in read), len(read), everywhere, len(sample))
        concepts = _outstanding(
            (_concepts(corpus, i, hierarchy) for i in read), len(read), above, len(sample)
        )
        ancestor = None
        if hierarchy and concepts:
            (concept, share), *_ = concepts
            ancestor = (hierarchy.names[concept], share)
        told = [word for word, _ in words[:WORDS]]
        described.append(Leaf(number, len(leaves[number]), told, ancestor))
    return described


def _words(corpus: Corpus, position: int) -> set[str]:
    return set(WORD.findall(corpus.texts[position].lower()))


def _concepts(corpus: Corpus, position: int, hierarchy: Hierarchy | None) -> set[str]:
    return hierarchy.ancestors(corpus.ids[position]) if hierarchy else set()


def _outstanding(
    features: Iterable[set[str]], size: int, everywhere: Counter[str], documents: int
) -> list[tuple[str, float]]:
    """Return what is in more of the leaf's documents than of all, with its share, in order."""
    here = Counter(feature for of_document in features for feature in of_document)
    shares = {feature: count / size for feature, count in here.items()}
    weight = {f: share * math.log(share * documents / everywhere[f]) for f, share in shares.items()}
    order = sorted((f for f in weight if weight[f] > 0), key=lambda f: (-weight[f], f))
    return [(feature, shares[feature]) for feature in order]
