"""The arms of an ablation: what each one changes in the full method, as a table to extend.

An arm changes settings, the method, or both. Arms that change nothing in the current settings are
left out, so the table may contain values that a preset has already.
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
    """A variant of the full method; `values` are the settings it changes, by "section.key"."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    method: str = "ehi"


SWITCHES = (
    # Without one of the losses.
    Arm("no-semantic", {"ehi.semantic_weight": 0.0}),
    Arm("no-indexing", {"ehi.indexing_weight": 0.0}),
    Arm("no-intra-leaf", {"ehi.intra_leaf_weight": 0.0}),
    Arm("no-balance", {"ehi.balance_weight": 0.0}),
    Arm("no-smoothing", {"ehi.smoothing_weight": 0.0}),
    # Trained differently.
    Arm("margin", {"ehi.contrastive": "margin"}),
    Arm("softmax", {"ehi.contrastive": "softmax"}),
    Arm("random-start", {"ehi.warm_start": "random"}),
    Arm("no-transferred-pairs", {"ehi.transferred_share": 0.0}),
    Arm("encoder-gradient-0", {"ehi.encoder_gradient": 0.0}),
    Arm("encoder-gradient-1", {"ehi.encoder_gradient": 1.0}),
    Arm("hard-negatives-0", {"training.hard_negatives": 0}),
    Arm(f"hard-negatives-{HARD_NEGATIVES}", {"training.hard_negatives": HARD_NEGATIVES}),
    # Documents placed differently.
    Arm("spilled-0", {"tree.spilled": 0}),
    Arm("spilled-1", {"tree.spilled": 1}),
    Arm("spilled-3", {"tree.spilled": 3}),
    # Leaves found and scanned differently.
    Arm("rank-64", {"ehi.rank": 64}),
    Arm("rank-128", {"ehi.rank": 128}),
    Arm("mixer", {"ehi.mixer": "relu"}),
    Arm("projected-scan", {"ehi.rank": 64, "short.by": "projection"}, "ehi+short"),
    # Other methods: the indexer on a frozen encoder; IVF, also with the hard negatives.
    Arm("frozen", method="ehi-frozen"),
    Arm("ivf", method="ivf"),
    Arm("ivf-hard-negatives-0", {"training.hard_negatives": 0}, "ivf"),
    Arm(f"ivf-hard-negatives-{HARD_NEGATIVES}", {"training.hard_negatives": HARD_NEGATIVES}, "ivf"),
)
HEIGHTS = (1, 2, 3)
PER_NODE = {"ehi.classifiers": "per_node", "ehi.embedding": "leaves"}
"""Higher trees work best with these; the paper shares classifiers and embeds paths."""
LEAF_FACTORS = (0.5, 1.0, 2.0, 4.0)
"""The numbers of leaves, as multiples of the square root of the number of documents."""


def grid(settings: Settings, documents: int) -> list[Arm]:
    """Return the full method and then the arms that differ from it and from each other."""
    arms: list[Arm] = []
    identities: list[dict[str, Any]] = []
    for arm in (
        Arm(FULL),
        *SWITCHES,
        *_leaf_count_arms(settings, documents),
        *_height_arms(settings),
    ):
        row = method(arm.method)
        identity = {"method": row.name, **result_settings(row, with_values(settings, arm.values))}
        if identity not in identities:
            identities.append(identity)
            arms.append(arm)
    return arms


def choose_arms(arms: Sequence[Arm], names: str | None) -> list[Arm]:
    """Return the full method and the arms in `names`, separated by commas; all arms for None.

    Raise InputError for an unknown arm and for an arm that changes nothing.
    """
    if names is None:
        return list(arms)
    asked = [name.strip() for name in names.split(",") if name.strip()]
    if not asked:
        raise InputError("--arms is empty; leave it out to run all arms")
    by_name = {arm.name: arm for arm in arms}
    for name in asked:
        if name not in by_name and any(arm.name == name for arm in SWITCHES):
            raise InputError(f"arm {name} changes nothing in these settings; leave it out")
        if name not in by_name:
            raise unknown("arm", name, by_name)
    return [by_name[name] for name in dict.fromkeys([FULL, *asked])]


def _leaf_count_arms(settings: Settings, documents: int) -> Iterator[Arm]:
    for factor in LEAF_FACTORS:
        leaves = 2 ** round(math.log2(factor * math.sqrt(documents)))
        if leaves > 1:
            yield Arm(f"leaves-{leaves}", _tree_settings(leaves, settings["ehi"].height))


def _height_arms(settings: Settings) -> Iterator[Arm]:
    for height in HEIGHTS:
        shape = _tree_settings(settings["ehi"].leaves, height)
        shared = {"ehi.classifiers": "shared", "ehi.embedding": "path"}
        if height > 1:  # with one height, both are the same
            yield Arm(f"height-{height}-shared", {**shape, **shared})
        yield Arm(f"height-{height}", {**shape, **PER_NODE} if height > 1 else shape)


def _tree_settings(leaves: int, height: int) -> dict[str, Any]:
    """Return the settings of a tree of the given height with about `leaves` leaves."""
    return {"ehi.height": height, "ehi.branching": max(2, round(leaves ** (1 / height)))}
