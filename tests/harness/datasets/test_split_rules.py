"""Fixed rules make the splits that a source lacks."""

import numpy as np

from harness.datasets.dataset import Split, split_from_judgements
from harness.datasets.split_rules import with_missing_splits


def queries(count: int) -> Split:
    return split_from_judgements(
        {f"q{i}": "text" for i in range(count)}, [(f"q{i}", i, 1) for i in range(count)]
    )


def test_of_few_test_queries_a_tenth_tunes_and_none_trains():
    splits, made = with_missing_splits({"test": queries(500)})
    assert splits.keys() == {"dev", "test"} and "its 500 test queries" in made
    assert len(splits["dev"]) + len(splits["test"]) == 500 and 25 < len(splits["dev"]) < 75


def test_of_many_test_queries_eight_tenths_train():
    splits, made = with_missing_splits({"test": queries(4000)})
    sizes = {name: len(split) for name, split in splits.items()}
    assert sum(sizes.values()) == 4000 and 3100 < sizes["train"] < 3300
    assert f"{sizes['train']:,} train" in made
    names = np.concatenate([list(split.ids) for split in splits.values()])
    assert len(set(names)) == 4000


def test_without_test_queries_dev_or_a_tenth_of_train_is_the_test():
    splits, made = with_missing_splits({"train": queries(100), "dev": queries(9)})
    assert splits.keys() == {"train", "test"} and len(splits["test"]) == 9 and "dev" in made
    splits, made = with_missing_splits({"train": queries(1000)})
    assert len(splits["train"]) + len(splits["test"]) == 1000 and "training queries" in made


def test_complete_splits_stay_as_they_are():
    given = {"train": queries(20), "test": queries(10)}
    assert with_missing_splits(given) == (given, "")
