"""Other processes map the strings of a dataset from the files that the first one wrote."""

import pickle
import subprocess
import sys
from pathlib import Path

from harness.datasets import load_dataset
from harness.datasets.arrivals import arrivals
from harness.datasets.dataset import Dataset
from harness.datasets.mapped import mapped


def same(one: Dataset, other: Dataset) -> bool:
    """Whether two datasets have the same corpus, queries, judgements and description."""
    described = [(d.name, d.version, d.source, d.notes, d.fingerprint) for d in (one, other)]
    return described[0] == described[1]


def test_a_mapped_dataset_is_the_same(beir_folder: Path, tmp_path: Path):
    dataset = load_dataset(f"beir:{beir_folder}")
    read = mapped(dataset, tmp_path)
    assert same(read, dataset)
    assert list(read.test().texts) == list(dataset.test().texts)
    assert read.corpus.ids.find(dataset.corpus.ids[7]) == 7


def test_another_process_is_sent_the_names_of_files_and_not_the_corpus(
    hpo: Dataset, tmp_path: Path
):
    read = mapped(hpo, tmp_path)
    sent = pickle.dumps(read)
    judgements = sum(
        array.nbytes for s in hpo.splits.values() for array in (s.starts, s.documents, s.grades)
    )
    assert len(sent) < judgements + 10_000 < len(pickle.dumps(hpo)) / 2
    program = "import pickle, sys; print(pickle.load(sys.stdin.buffer).fingerprint)"
    shown = subprocess.run([sys.executable, "-c", program], input=sent, capture_output=True)
    assert shown.stdout.decode().strip() == hpo.fingerprint, shown.stderr


def test_a_damaged_file_is_written_again(beir_folder: Path, tmp_path: Path):
    dataset = load_dataset(f"beir:{beir_folder}")
    mapped(dataset, tmp_path)
    (packed,) = tmp_path.glob("*/corpus-texts/packed.npy")
    packed.write_bytes(packed.read_bytes()[:-5])
    assert same(mapped(dataset, tmp_path), dataset)


def test_the_documents_that_come_later_are_mapped_too(beir_folder: Path, tmp_path: Path):
    first = arrivals(load_dataset(f"beir:{beir_folder}"), 0.2).first
    read = mapped(first, tmp_path)
    assert same(read, first) and read.whole is not None and first.whole is not None
    assert same(read.whole, first.whole) and len(list(tmp_path.iterdir())) == 2
