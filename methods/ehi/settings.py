"""The settings of EHI: the tree, its losses and its training; and of the index made from it."""

from dataclasses import dataclass
from typing import Literal

from methods.errors import InputError
from methods.settings import check_range

MOST_LEAVES = 1 << 22


@dataclass(frozen=True)
class EhiSettings:
    """The tree and how it is learned with the encoder.

    The tree has `branching ** height` leaves. `temperature` divides the logits of its
    classifiers (1 in the paper). `rank`, `mixer` and `classifiers` say what a node computes
    (methods/ehi/indexer.py); the paper has rank 0 (no projection), relu and shared. The losses
    compare the paper's `path` embeddings, or the probabilities of all `leaves`.

    The indexer joins the training at epoch `joint_from`, started at random or from k-means of
    the documents as they are embedded then. `encoder_gradient` scales what the losses
    of the tree send back into the encoder (1 in the paper, 0 cuts it off). `transferred_share`
    of each batch's pairs are transferred to random documents before the tree sees them
    (ehi/transferred_pairs.py). Hard negatives, if training.hard_negatives asks for them, come
    from a beam of `negative_beam` leaves. `placement` puts documents where the tree leads them, or
    also by the evidence of train queries (methods/ehi/split_routers.py).
    """

    height: int = 1
    branching: int = 1024
    temperature: float = 0.05
    rank: int = 64
    mixer: Literal["relu", "none"] = "none"
    classifiers: Literal["shared", "per_node"] = "shared"
    embedding: Literal["path", "leaves"] = "path"
    warm_start: Literal["kmeans", "random"] = "kmeans"
    joint_from: int = 30
    contrastive: Literal["softmax", "margin"] = "softmax"
    margin: float = 0.3
    semantic_weight: float = 1.0
    indexing_weight: float = 1.0
    intra_leaf_weight: float = 0.0
    similar_above: float = 0.9
    balance_weight: float = 0.3
    smoothing_weight: float = 0.3
    encoder_gradient: float = 0.1
    transferred_share: float = 0.5
    negative_beam: int = 4
    placement: Literal["beam", "evidence"] = "beam"
    indexer_learning_rate: float = 5e-3

    def __post_init__(self) -> None:
        """Refuse values that make no tree or cannot train."""
        check_range("ehi.height", self.height, 1, 8)
        check_range("ehi.branching", self.branching, 2)
        if self.leaves > MOST_LEAVES:
            raise InputError(
                f"ehi.branching {self.branching} and ehi.height {self.height} make "
                f"{self.leaves} leaves; at most {MOST_LEAVES}"
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
        """B^H."""
        return int(self.branching**self.height)


@dataclass(frozen=True)
class TreeSettings:
    """How documents are placed and scanned.

    A document lies in its `leaves_per_document` most probable leaves, or in the next ones where
    these hold `most_per_leaf` documents already (0: any number). With `reorder` above 0 leaves are
    scanned by P^T u (see ehi.rank), and so many of the best are scored again by whole vectors.
    """

    leaves_per_document: int = 1
    most_per_leaf: int = 0
    reorder: int = 0

    def __post_init__(self) -> None:
        """Refuse to place documents nowhere."""
        check_range("tree.leaves_per_document", self.leaves_per_document, 1)
        check_range("tree.most_per_leaf", self.most_per_leaf, 0)
        check_range("tree.reorder", self.reorder, 0)
