from pathlib import Path

import numpy as np
import pytest

from harness.datasets.dataset import Dataset
from harness.datasets.hpo_hierarchy import Hierarchy, read_hierarchy
from harness.report.rows.tree import describe_leaves, read_leaves
from methods.base import Corpus
from methods.ehi.tree_index import POSTINGS
from methods.engines.inverted_lists import FILE, InvertedLists
from methods.texts import Ids, Texts
from tests.harness.report.fake_run import write_postings

TEXTS = [
    "abnormal retina of the eye",
    "abnormal lens of the eye",
    "abnormal finger of the hand",
    "abnormal thumb of the hand",
    "abnormal nail of the hand",
]
CORPUS = Corpus(Ids(f"d{i}" for i in range(len(TEXTS))), Texts(TEXTS))
LEAVES = [np.array(documents, dtype=np.int64) for documents in ([0, 1], [], [2, 3, 4])]
HIERARCHY = Hierarchy(
    {"all": "All", "eye": "Eye", "hand": "Hand", **{name: name for name in CORPUS.ids}},
    {"eye": ["all"], "hand": ["all"], "d0": ["eye"], "d1": ["eye"]}
    | {f"d{i}": ["hand"] for i in (2, 3, 4)},
)


def test_leaves_are_ordered_by_size_and_described_by_distinctive_words():
    hand, eye, empty = describe_leaves(LEAVES, CORPUS, None)
    assert [(leaf.number, leaf.size) for leaf in (hand, eye, empty)] == [(2, 3), (0, 2), (1, 0)]
    assert hand.words[0] == "hand" and eye.words[0] == "eye"
    assert "abnormal" not in {*hand.words, *eye.words}  # it is everywhere
    assert empty.words == [] and empty.ancestor is None


def test_the_ancestor_is_the_nearest_concept_that_the_documents_share():
    hand, eye, _ = describe_leaves(LEAVES, CORPUS, HIERARCHY)
    assert (hand.ancestor, eye.ancestor) == (("Hand", 1.0), ("Eye", 1.0))


def test_a_document_counts_in_each_of_its_leaves():
    twice = [np.array([0, 1, 2]), np.array([2, 3, 4])]
    eye, hand = describe_leaves(twice, CORPUS, HIERARCHY)
    assert (eye.size, hand.size) == (3, 3)
    assert eye.ancestor == ("Eye", pytest.approx(2 / 3)) and hand.ancestor == ("Hand", 1.0)


def test_a_sample_of_a_large_corpus_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("harness.report.rows.tree.MAX_DOCUMENTS", 3)  # documents 0, 2 and 4
    hand, eye, _ = describe_leaves(LEAVES, CORPUS, None)
    assert (hand.size, eye.size) == (3, 2)
    assert "thumb" not in hand.words and "finger" in hand.words


def test_leaves_are_read_from_the_postings(tmp_path: Path):
    write_postings(tmp_path / POSTINGS, LEAVES)
    assert [leaf.tolist() for leaf in read_leaves(tmp_path)] == [[0, 1], [], [2, 3, 4]]


def test_leaves_are_read_from_lists_that_torch_has_filled(tmp_path: Path):
    lists = np.array([[0], [0], [2], [2], [2], [4]])
    vectors = np.ones((6, 2), dtype=np.float32)
    InvertedLists.filled(vectors, np.arange(6), lists, 5).save(tmp_path / FILE)
    assert [leaf.tolist() for leaf in read_leaves(tmp_path)] == [[0, 1], [], [2, 3, 4], [], [5]]


def test_leaves_of_hpo_are_described_by_their_concept(hpo: Dataset):
    hierarchy = read_hierarchy()
    seizures = [
        position
        for position, name in enumerate(hpo.corpus.ids)
        if "HP:0001250" in hierarchy.ancestors(name)
    ]
    leaves = [np.setdiff1d(np.arange(len(hpo.corpus)), seizures), np.array(seizures)]
    (seizure,) = (
        leaf for leaf in describe_leaves(leaves, hpo.corpus, hierarchy) if leaf.number == 1
    )
    assert seizure.size == len(seizures) > 100
    assert seizure.ancestor == ("Seizure", 1.0)
    assert "seizure" in seizure.words or "seizures" in seizure.words


@pytest.mark.parametrize(("concept", "above"), [("HP:0000118", {"HP:0000118", "HP:0000001"})])
def test_the_hierarchy_of_hpo_leads_to_its_root(concept: str, above: set[str]):
    hierarchy = read_hierarchy()
    assert hierarchy.ancestors(concept) == above
    assert hierarchy.names["HP:0000118"] == "Phenotypic abnormality"
