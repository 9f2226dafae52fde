"""Make the splits that a source lacks, by fixed rules, and say so.

Searches need queries to find an effort on and queries to judge by, and a learned index needs
queries to learn from. The rules depend on the ids of the queries alone.
"""

import hashlib
from collections.abc import Mapping

import numpy as np

from harness.datasets.dataset import Split, SplitName

ENOUGH_TO_LEARN = 3000
"""With fewer test queries than that, none become training queries: they would teach little, and
too few would be left to judge by."""


def with_missing_splits(
    splits: Mapping[SplitName, Split],
) -> tuple[dict[SplitName, Split], str]:
    """Return splits that can be searched, and what was done to make them, "" if nothing was.

    Without a test split, dev is the test split, as is usual for MS MARCO; else a tenth of the
    training queries is. If there are only test queries, a tenth of them is set aside to tune on
    and, of 3,000 or more, eight tenths to train on.
    """
    made = dict(splits)
    if "test" not in made and "dev" in made:
        made["test"] = made.pop("dev")
        return made, "its dev queries are the test queries"
    if "test" not in made and "train" in made:
        tenths = _tenths(made["train"])
        test = made["train"].subset(tenths == 0)
        if len(test):
            made["train"] = made["train"].subset(tenths > 0)
            made["test"] = test
            return made, f"{len(test):,} of its training queries, by a hash, are the test queries"
    if set(made) != {"test"}:
        return made, ""
    whole = made["test"]
    tenths = _tenths(whole)
    learns = len(whole) >= ENOUGH_TO_LEARN
    parts: dict[SplitName, Split] = {
        "train": whole.subset((tenths > 1) & learns),
        "dev": whole.subset(tenths == 1),
        "test": whole.subset(tenths == 0 if learns else tenths != 1),
    }
    kept = {name: part for name, part in parts.items() if len(part) and part.has_relevant.any()}
    if not {"dev", "test"} <= kept.keys():
        return made, ""
    counts = ", ".join(f"{len(part):,} {name}" for name, part in kept.items())
    return kept, f"its {len(whole):,} test queries are split by a hash: {counts}"


def _tenths(split: Split) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return a number from 0 to 9 for each query, by a hash of its id."""
    digests = (hashlib.sha256(f"tenth of {name}".encode()).digest() for name in split.ids)
    return np.array([int.from_bytes(digest[:4]) % 10 for digest in digests], dtype=np.int64)
