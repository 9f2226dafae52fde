"""Settings of EHI: the tree, its losses and its training, and the index built from it."""

import math
from dataclasses import dataclass
from typing import Literal

from methods.automatic import (
    CorpusSize,
    check_rule_range,
    lists_for,
    most_lists,
    multiples,
    power_of_two,
    setting,
)
from methods.errors import InputError
from methods.postings.coarse_quantizer import ROUTINGS, Routing
from methods.postings.mass_beam import BEAMS, Beam
from methods.postings.spilling import MOST_SPILLED, SPILLED
from methods.settings import check_range

MAX_LEAVES = 1 << 22


def branching_for(size: CorpusSize, settings: "EhiSettings") -> int:
    """Return the children per node of a tree with as many leaves as k-means would have lists.

    There are at least eight training queries for each leaf, which is learned from them.
    """
    leaves = min(lists_for(size, settings), power_of_two(size.documents, size.train_queries // 8))
    return max(2, round(math.pow(leaves, 1 / settings.height)))


def most_branching(size: CorpusSize, settings: "EhiSettings") -> int:
    """Return the largest branching in a menu: that of a tree with `most_lists` leaves."""
    return int(most_lists(size, settings) ** (1 / settings.height))


@dataclass(frozen=True)
class EhiSettings:
    """The tree, and how it is trained with the encoder.

    The values of the paper are in harness/presets/paper.toml.
    """

    # The tree and what its nodes compute: methods/ehi/indexer.py.
    height: int = 1
    branching: int = setting(
        1024,
        auto=branching_for,
        menu=multiples(branching_for, (1, 0.5, 2, 4, 8, 16), most_branching, least=2),
    )
    """Children per node; the tree has branching ** height leaves."""
    temperature: float = 0.05  # divides the logits of the classifiers
    rank: int = 0  # of the projection P; 0: no projection
    mixer: Literal["relu", "none"] = "none"
    classifiers: Literal["shared", "per_node"] = "shared"
    embedding: Literal["path", "leaves"] = "path"  # what the losses compare: paths or all leaves

    # How the tree starts, and the epoch in which it joins the training, counted from 0.
    warm_start: Literal["kmeans", "random"] = "kmeans"
    joint_from: int = 20

    # The losses and their weights: methods/ehi/losses.py.
    contrastive: Literal["softmax", "margin"] = "softmax"
    margin: float = 0.3
    semantic_weight: float = 1.0
    indexing_weight: float = 1.0
    intra_leaf_weight: float = 0.0
    similar_above: float = 0.9  # similarity above which two documents may share a path
    balance_weight: float = 0.3
    smoothing_weight: float = 0.3

    # The training of the tree.
    encoder_gradient: float = 0.1  # share of the tree's gradient that reaches the encoder
    transferred_share: float = 0.5  # of each batch's pairs: methods/ehi/transferred_pairs.py
    negative_beam: int = 32  # leaves in which hard negatives are searched
    indexer_learning_rate: float = setting(5e-3, menu=(5e-3, 1e-3))
    """With few training queries per leaf, a high rate pushes leaves away from all documents:
    docs/methods.md."""

    def __post_init__(self) -> None:
        """Reject values that do not make a tree or cannot be trained."""
        check_range("ehi.height", self.height, 1, 8)
        check_rule_range("ehi.branching", self.branching, 2)
        if self.leaves > MAX_LEAVES:
            raise InputError(
                f"ehi.branching {self.branching} and ehi.height {self.height} make "
                f"{self.leaves} leaves; reduce them to at most {MAX_LEAVES} leaves"
            )
        check_range("ehi.temperature", self.temperature, 1e-4)
        check_range("ehi.rank", self.rank, 0)
        check_range("ehi.joint_from", self.joint_from, 0)
        check_range("ehi.margin", self.margin, 0)
        check_range("ehi.similar_above", self.similar_above, -1, 1)
        check_range("ehi.encoder_gradient", self.encoder_gradient, 0, 1)
        check_range("ehi.transferred_share", self.transferred_share, 0, 1)
        check_range("ehi.negative_beam", self.negative_beam, 1)
        for part in ("semantic", "indexing", "intra_leaf", "balance", "smoothing"):
            check_range(f"ehi.{part}_weight", getattr(self, f"{part}_weight"), 0)
        check_range("ehi.indexer_learning_rate", self.indexer_learning_rate, 0)

    @property
    def leaves(self) -> int:
        """The number of leaves, B^H."""
        return int(self.branching**self.height)


@dataclass(frozen=True)
class TreeSettings:
    """How documents are assigned to leaves, and how leaves are scanned."""

    spilled: int = setting(0, menu=SPILLED, since="0.3")
    """The further leaves of each document, by SOAR; if the tree is not linear, the next most
    probable ones. With `fusion`, the evidence is that for the first leaf."""
    routing: Routing = setting("flat", menu=ROUTINGS, since="0.3")
    """How a linear tree's leaves are reached."""
    beam: Beam = setting("fixed", menu=BEAMS, since="0.3", searched=True)
    """fixed: as many leaves for every query; mass: those nearly as probable as the best."""
    fusion: float = setting(0.0, menu=(0.0, 0.01, 0.03), since="0.3")
    """The weight of log p(leaf of the document | query) in a document's score; needs a linear
    tree."""
    centroid_share: float = setting(0.0, menu=(0.0, 0.2), since="0.3")
    """The share of the leaves' centroids in the weights that route, if the tree is linear."""

    def __post_init__(self) -> None:
        """Reject values out of range."""
        check_range("tree.spilled", self.spilled, 0, MOST_SPILLED)
        check_range("tree.fusion", self.fusion, 0)
        check_range("tree.centroid_share", self.centroid_share, 0, 1)
