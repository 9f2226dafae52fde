"""Describe what is odd about a dataset, for whoever reads results on it."""

from harness.datasets.dataset import Dataset, own_documents


def remarks(dataset: Dataset) -> list[str]:
    """Return one line for each property of the data that a reader of results must know."""
    test = dataset.test()
    lines = list(dataset.notes)
    for name, split in dataset.splits.items():
        if missing := int((~split.has_relevant).sum()):
            consequence = "; all measures are 0 for them" if name == "test" else ""
            lines.append(
                f"{name}: {missing:,} of {len(split):,} queries have no relevant document"
                f"{consequence}"
            )
    if own := int((own_documents(test, dataset.corpus) >= 0).sum()):
        lines.append(
            f"test: {own:,} of {len(test):,} queries have the id of a document, which is left out "
            "of what they find"
        )
    if repeated := _count_in_train(dataset):
        lines.append(
            f"test: {repeated:,} of {len(test):,} queries have the text of a training query with "
            "another id"
        )
    return lines


def _count_in_train(dataset: Dataset) -> int:
    """Return how many test queries have the text of a training query with another id.

    Upper and lower case and the spaces between words make no difference.
    """
    test, train = dataset.test(), dataset.splits.get("train")
    if train is None:
        return 0
    train_ids: dict[str, set[str]] = {_plain(text): set() for text in test.texts}
    for name, text in zip(train.ids, train.texts, strict=True):
        if (ids := train_ids.get(_plain(text))) is not None:
            ids.add(name)
    queries = zip(test.ids, test.texts, strict=True)
    return sum(bool(train_ids[_plain(text)] - {name}) for name, text in queries)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
