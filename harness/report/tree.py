"""What lies in the leaves of a learned tree, in words."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.datasets.hpo_hierarchy import Hierarchy
from harness.report.measured import Measured
from harness.store import Record
from methods.base import Corpus, Positions

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


def read_leaves(index: Path) -> Positions | None:
    """Return the leaves (documents, copies) of an index's folder, or None where it has no tree."""
    path = index / "files" / "leaves.safetensors"
    if not path.is_file():
        return None
    from safetensors.numpy import load_file

    leaves: Positions = load_file(path)["leaves"]
    return leaves


def leaf_sizes(leaves: Positions, count: int | None = None) -> NDArray[np.int64]:
    """Return how many documents every leaf holds; `count` leaves, else up to the last not empty."""
    sizes: NDArray[np.int64] = np.bincount(leaves.ravel(), minlength=count or 0)
    return sizes


def describe(
    leaves: Positions, corpus: Corpus, hierarchy: Hierarchy | None, count: int | None = None
) -> list[Leaf]:
    """Return the leaves with what they are about, the largest first.

    A leaf's words are those with the largest part in the divergence of its documents from the
    corpus: the share of its documents with the word x log(that share / the corpus's share). So is
    the concept above its documents.
    """
    step = -(-len(corpus) // READ)
    words_of: dict[int, Counter[str]] = {}
    above: dict[int, Counter[str]] = {}
    everywhere: Counter[str] = Counter()
    everywhere_above: Counter[str] = Counter()
    read: Counter[int] = Counter()
    for position in range(0, len(corpus), step):
        within = set(WORD.findall(corpus.texts[position].lower()))
        concepts = hierarchy.ancestors(corpus.ids[position]) if hierarchy else set()
        everywhere.update(within)
        everywhere_above.update(concepts)
        for leaf in set(leaves[position].tolist()):
            read[leaf] += 1
            words_of.setdefault(leaf, Counter()).update(within)
            above.setdefault(leaf, Counter()).update(concepts)
    documents = len(range(0, len(corpus), step))
    sizes = leaf_sizes(leaves, count)
    described = []
    for number in sorted(range(len(sizes)), key=lambda leaf: (-sizes[leaf], leaf)):
        words = _heaviest(words_of.get(number, Counter()), read[number], everywhere, documents)[
            :WORDS
        ]
        heaviest = _heaviest(
            above.get(number, Counter()), read[number], everywhere_above, documents
        )
        ancestor = None
        if hierarchy and heaviest:
            share = above[number][heaviest[0]] / read[number]
            ancestor = (hierarchy.names[heaviest[0]], share)
        described.append(Leaf(number, int(sizes[number]), words[:WORDS], ancestor))
    return described


def _heaviest(here: Counter[str], size: int, everywhere: Counter[str], documents: int) -> list[str]:
    weight = {
        word: times * math.log(times / size / (everywhere[word] / documents))
        for word, times in here.items()
    }
    known = (word for word in weight if weight[word] > 0)
    return sorted(known, key=lambda word: (-weight[word], word))


def find_tree(measured: Measured) -> tuple[Record, Positions] | None:
    """Return the first record whose index has a tree that its run folder still holds."""
    for record in measured.ok:
        index = measured.artifact(record, "index")
        leaves = None if index is None else read_leaves(index)
        if leaves is not None:
            return record, leaves
    return None
