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

    A leaf's words are those with the largest documents-in-the-leaf x log(documents / documents
    with the word), as of a term's weight in a document; so are the concepts above its documents.
    """
    step = -(-len(corpus) // READ)
    words_of: dict[int, Counter[str]] = {}
    above: dict[int, Counter[str]] = {}
    everywhere: Counter[str] = Counter()
    everywhere_above: Counter[str] = Counter()
    read: Counter[int] = Counter()
    for position in range(0, len(corpus), step):
        words = set(WORD.findall(corpus.texts[position].lower()))
        concepts = hierarchy.ancestors(corpus.ids[position]) if hierarchy else set()
        everywhere.update(words)
        everywhere_above.update(concepts)
        for leaf in set(leaves[position].tolist()):
            read[leaf] += 1
            words_of.setdefault(leaf, Counter()).update(words)
            above.setdefault(leaf, Counter()).update(concepts)
    documents = len(range(0, len(corpus), step))
    sizes = leaf_sizes(leaves, count)
    described = []
    for number in sorted(range(len(sizes)), key=lambda leaf: (-sizes[leaf], leaf)):
        words = _heaviest(words_of.get(number, Counter()), everywhere, documents, WORDS)
        concepts = _heaviest(above.get(number, Counter()), everywhere_above, documents, 1)
        ancestor = None
        if hierarchy and concepts:
            share = above[number][concepts[0]] / read[number]
            ancestor = (hierarchy.names.get(concepts[0], concepts[0]), share)
        described.append(Leaf(number, int(sizes[number]), words, ancestor))
    return described


def _heaviest(here: Counter[str], everywhere: Counter[str], documents: int, most: int) -> list[str]:
    weight = {word: times * math.log(documents / everywhere[word]) for word, times in here.items()}
    return sorted(weight, key=lambda word: (-weight[word], word))[:most]


def find_tree(measured: Measured) -> tuple[Record, Positions] | None:
    """Return the first record whose index has a tree that its run folder still holds."""
    for record in measured.ok:
        index = measured.artifact(record, "index")
        leaves = None if index is None else read_leaves(index)
        if leaves is not None:
            return record, leaves
    return None
