"""Datasets by their own names, with the counts that are published for them.

FiQA is that of BEIR (Thakur et al., NeurIPS 2021), MS MARCO the passages with the 6,980 judged
queries of "dev small" as the test queries, as papers report it.
"""

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec

from harness.datasets.beir import load as load_beir
from harness.datasets.dataset import Dataset, Split, SplitName
from harness.datasets.irds.load import load as load_irds
from methods.errors import UnavailableError, missing_library

FIQA_SUMMARY = "FiQA of BEIR, 57,638 documents, through ir_datasets or from a BEIR folder"
MSMARCO_SUMMARY = "MS MARCO passages, 8,841,823 documents, likewise"
FIQA = {
    "documents": 57_638,
    "train queries": 5_500,
    "dev queries": 500,
    "test queries": 648,
}
MSMARCO = {"documents": 8_841_823, "train queries": 502_939, "test queries": 6_980}
NQ320K = {
    "documents": 109_739,
    "train queries": 307_373,
    "test queries": 7_830,
    "seen queries": 6_075,
    "unseen queries": 1_755,
}


def load_fiqa(location: str) -> Dataset:
    """Return FiQA from a folder in BEIR layout, or else through ir_datasets."""
    dataset = load_beir(location) if location else _downloaded("fiqa", "beir/fiqa")
    return named(dataset, "fiqa", FIQA)


def load_msmarco(location: str) -> Dataset:
    """Return MS MARCO from a folder in BEIR layout, or else through ir_datasets.

    BEIR's test split has the queries of TREC DL 2019; it is left out, and dev is the test split.
    """
    if not location:
        return named(_downloaded("msmarco", "msmarco-passage"), "msmarco", MSMARCO)
    dataset = load_beir(location)
    if "dev" in dataset.splits:
        splits: dict[SplitName, Split] = {"test": dataset.splits["dev"]}
        if "train" in dataset.splits:
            splits["train"] = dataset.splits["train"]
        dataset = replace(dataset, splits=splits)
    return named(dataset, "msmarco", MSMARCO)


def named(dataset: Dataset, name: str, published: Mapping[str, int]) -> Dataset:
    """Return a dataset by its name if its counts are the published ones.

    Else it keeps the name that it has, with a note of the counts that differ.
    """
    counts = {
        "documents": len(dataset.corpus),
        "seen queries": int(dataset.seen.sum()),
        "unseen queries": int(dataset.unseen.sum()),
        **{f"{split} queries": len(queries) for split, queries in dataset.splits.items()},
    }
    differing = [
        f"{counts.get(kind, 0):,} {kind} instead of {count:,}"
        for kind, count in published.items()
        if counts.get(kind, 0) != count
    ]
    if not differing:
        return replace(dataset, name=name)
    note = f"this is not {name} as published: it has {', '.join(differing)}"
    return replace(dataset, notes=(note, *dataset.notes))


def _downloaded(name: str, identity: str) -> Dataset:
    if find_spec("ir_datasets") is None:
        hint = missing_library(name, "ir_datasets", 'pip install "ehibench[data]"')
        raise UnavailableError(f"{hint}; or write --dataset {name}:FOLDER for a BEIR folder")
    return load_irds(identity)
