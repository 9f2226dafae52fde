"""The arms of an ablation: what each changes of the full method, a table to be read and extended.

An arm changes settings, or the method, or both. Those that change nothing of the settings at hand
are left out, so the table may name a value that some preset has already.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.config import Settings, result_settings, with_values
from methods.errors import InputError, unknown
from methods.registry import method

FULL = "full"
HARD_NEGATIVES = 4


@dataclass(frozen=True)
class Arm:
    """A way to run the method; `values` are what it changes of the settings, by "section.key"."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    method: str = "ehi"


SWITCHES = (
    # A loss off.
    Arm("no-semantic", {"ehi.semantic_weight": 0.0}),
    Arm("no-indexing", {"ehi.indexing_weight": 0.0}),
    Arm("no-intra-leaf", {"ehi.intra_leaf_weight": 0.0}),
    Arm("no-balance", {"ehi.balance_weight": 0.0}),
    Arm("no-smoothing", {"ehi.smoothing_weight": 0.0}),
    # How it is trained.
    Arm("margin", {"ehi.contrastive": "margin"}),
    Arm("softmax", {"ehi.contrastive": "softmax"}),
    Arm("random-start", {"ehi.warm_start": "random"}),
    Arm("no-transferred-pairs", {"ehi.transferred_share": 0.0}),
    Arm("encoder-gradient-0", {"ehi.encoder_gradient": 0.0}),
    Arm("encoder-gradient-1", {"ehi.encoder_gradient": 1.0}),
    Arm("hard-negatives-0", {"training.hard_negatives": 0}),
    Arm(f"hard-negatives-{HARD_NEGATIVES}", {"training.hard_negatives": HARD_NEGATIVES}),
    # How documents are placed.
    Arm("leaves-per-document-1", {"tree.leaves_per_document": 1}),
    Arm("leaves-per-document-2", {"tree.leaves_per_document": 2}),
    Arm("leaves-per-document-4", {"tree.leaves_per_document": 4}),
    Arm("by-evidence", {"ehi.placement": "evidence"}),
    # How leaves are found and scanned.
    Arm("no-projection", {"ehi.rank": 0, "tree.reorder": 0}),
    Arm("rank-128", {"ehi.rank": 128}),
    Arm("mixer", {"ehi.mixer": "relu"}),
    Arm("paper-router", {"ehi.rank": 0, "ehi.mixer": "relu", "tree.reorder": 0}),
    Arm("projected-scan", {"tree.reorder": 30}),
    # Other methods: the indexer alone; and the comparison, which gets the hard negatives too.
    Arm("frozen", method="ehi-frozen"),
    Arm("ivf", method="ivf"),
    Arm("ivf-hard-negatives-0", {"training.hard_negatives": 0}, "ivf"),
    Arm(f"ivf-hard-negatives-{HARD_NEGATIVES}", {"training.hard_negatives": HARD_NEGATIVES}, "ivf"),
)
HEIGHTS = (1, 2, 3)
PER_NODE = {"ehi.classifiers": "per_node", "ehi.embedding": "leaves"}
"""Trees of more heights as they work; shared classifiers and path embeddings are the paper's."""
LEAF_FACTORS = (0.5, 1.0, 2.0, 4.0)
"""Numbers of leaves, as multiples of the square root of the number of documents."""


def grid(settings: Settings, documents: int) -> list[Arm]:
    """Return the full method and the arms that differ from it and from each other, in order."""
    arms: list[Arm] = []
    known: list[dict[str, Any]] = []
    for arm in (
        Arm(FULL),
        *SWITCHES,
        _cap(settings, documents),
        *_numbers_of_leaves(settings, documents),
        *_heights(settings),
    ):
        row = method(arm.method)
        if arm.values.get("tree.reorder") and not settings["ehi"].rank:
            continue  # there is nothing short to scan by
        identity = {"method": row.name, **result_settings(row, with_values(settings, arm.values))}
        if identity not in known:
            known.append(identity)
            arms.append(arm)
    return arms


def choose_arms(arms: Sequence[Arm], names: str | None) -> list[Arm]:
    """Return the full method and the arms that `names`, separated by commas, names; None: all.

    Raise InputError for a name that is no arm's.
    """
    if names is None:
        return list(arms)
    asked = [name.strip() for name in names.split(",") if name.strip()]
    if not asked:
        raise InputError("--arms names no arm; leave it out to run all")
    by_name = {arm.name: arm for arm in arms}
    for name in asked:
        if name not in by_name and any(arm.name == name for arm in SWITCHES):
            raise InputError(f"arm {name} changes nothing of these settings; leave it out")
        if name not in by_name:
            raise unknown("arm", name, by_name)
    return [by_name[name] for name in dict.fromkeys([FULL, *asked])]


def _cap(settings: Settings, documents: int) -> Arm:
    """Return the arm in which no leaf holds more than 1.5 times the mean."""
    copies = settings["tree"].leaves_per_document
    most = math.ceil(1.5 * copies * documents / settings["ehi"].leaves)
    return Arm("capped", {"tree.most_per_leaf": most})


def _numbers_of_leaves(settings: Settings, documents: int) -> Iterator[Arm]:
    for root in LEAF_FACTORS:
        leaves = 2 ** round(math.log2(root * math.sqrt(documents)))
        if leaves > 1:
            yield Arm(f"leaves-{leaves}", _tree(leaves, settings["ehi"].height))


def _heights(settings: Settings) -> Iterator[Arm]:
    for height in HEIGHTS:
        shape = _tree(settings["ehi"].leaves, height)
        shared = {"ehi.classifiers": "shared", "ehi.embedding": "path"}
        if height > 1:  # of one height both are the same
            yield Arm(f"height-{height}-shared", {**shape, **shared})
        yield Arm(f"height-{height}", {**shape, **PER_NODE} if height > 1 else shape)


def _tree(leaves: int, height: int) -> dict[str, Any]:
    """Return the settings of a tree of a height with about so many leaves."""
    return {"ehi.height": height, "ehi.branching": max(2, round(leaves ** (1 / height)))}
