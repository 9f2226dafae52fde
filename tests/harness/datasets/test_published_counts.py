"""Datasets by name, from small folders of the same layout."""

import shutil
from pathlib import Path

import pytest

from harness.datasets import load_dataset, published_counts


def test_fiqa_is_named_so_only_with_its_published_counts(
    beir_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    dataset = load_dataset(f"fiqa:{beir_folder}")
    assert dataset.name == "beir:tiny"
    assert "not fiqa as published: it has 300 documents instead of 57,638" in dataset.notes[0]
    counts = {"documents": 300, "test queries": len(dataset.test())}
    monkeypatch.setattr(published_counts, "FIQA", counts)
    dataset = load_dataset(f"fiqa:{beir_folder}")
    assert dataset.name == "fiqa" and not dataset.notes


def test_the_dev_queries_of_ms_marco_are_its_test_queries(beir_folder: Path, tmp_path: Path):
    folder = Path(shutil.copytree(beir_folder, tmp_path / "msmarco"))
    qrels = folder / "qrels" / "test.tsv"
    lines = qrels.read_text().splitlines()
    (folder / "qrels" / "dev.tsv").write_text("\n".join([lines[0], *lines[2:]]) + "\n")
    dataset = load_dataset(f"msmarco:{folder}")
    assert dataset.splits.keys() == {"train", "test"}
    assert len(dataset.test()) == len({line.split("\t")[0] for line in lines[2:]})
