"""BM25: three documents by hand, queries without matches, and costs."""

import re
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.datasets.dataset import Dataset
from methods.base import Resources
from methods.errors import InputError
from methods.indexes.bm25 import Bm25Index, Bm25Settings
from methods.texts import Texts

K = 10

pytest.importorskip("bm25s")

THREE = Texts(["Cats chase mice.", "Dogs chase cats, and cats...", "Birds sing"])


def built(texts: Texts, resources: Resources, **settings: Any) -> Bm25Index:
    index = Bm25Index(Bm25Settings(**settings), resources)
    index.build(texts, 0, None)
    return index


def test_three_documents_by_hand(resources: Resources):
    """Lucene's variant: idf = log(1 + (N - n + .5) / (n + .5)), and no factor k1 + 1.

    "and" is a stop word, so the documents have 3, 4 and 2 words, 3 on average.
    """
    hits = built(THREE, resources, k1=1.5, b=0.75).search(["mice and cats"], 3, 1)
    cats = log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    mice = log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    first = (cats + mice) * 1 / (1 + 1.5 * (1 - 0.75 + 0.75 * 3 / 3))
    second = cats * 2 / (2 + 1.5 * (1 - 0.75 + 0.75 * 4 / 3))
    assert hits.ids.tolist() == [[0, 1, -1]] and hits.ids.dtype == np.int64
    assert hits.scores[0, :2] == pytest.approx([first, second])
    assert np.isneginf(hits.scores[0, 2])


def test_b_penalises_long_documents(resources: Resources):
    penalised = built(THREE, resources, b=0.75).search(["chase"], 2, 1)
    alike = built(THREE, resources, b=0).search(["chase"], 2, 1)
    assert penalised.ids[0].tolist() == [0, 1]
    assert penalised.scores[0, 0] > penalised.scores[0, 1]
    assert alike.scores[0, 0] == alike.scores[0, 1]


def test_k1_rewards_repeated_words(resources: Resources):
    counted = built(THREE, resources, k1=1.5).search(["cats"], 2, 1)
    once = built(THREE, resources, k1=0).search(["cats"], 2, 1)
    assert counted.ids[0].tolist() == [1, 0]
    assert counted.scores[0, 0] > counted.scores[0, 1]
    assert once.scores[0, 0] == once.scores[0, 1]


def test_a_stemmer_finds_other_forms_of_a_word_also_after_loading(
    resources: Resources, tmp_path: Path
):
    pytest.importorskip("Stemmer")
    stemmed = built(THREE, resources, stemmer="porter")
    stemmed.save(tmp_path)
    loaded = Bm25Index(Bm25Settings(stemmer="porter"), resources)
    loaded.load(tmp_path, THREE)
    for index in (stemmed, loaded):
        assert index.search(["This cat is chasing"], 2, 1).ids.tolist() == [[1, 0]]
    plain = built(THREE, resources)
    assert plain.search(["This cat is chasing"], 2, 1).ids.tolist() == [[-1, -1]]


def test_a_word_repeated_in_a_query_counts_twice(resources: Resources):
    index = built(THREE, resources)
    once, twice = index.search(["mice"], 1, 1), index.search(["mice mice"], 1, 1)
    assert twice.scores[0, 0] == pytest.approx(2 * once.scores[0, 0])


@pytest.mark.parametrize("query", ["", " \n", "and the", "zebra", "x ?"])
def test_a_query_without_a_known_word_finds_nothing(query: str, resources: Resources):
    index = built(THREE, resources)
    hits, cost = index.search([query, "sing"], 2, 1), index.cost([query, "sing"], K, 1)
    assert hits.ids.tolist() == [[-1, -1], [2, -1]]
    assert cost.visited.tolist() == [0, 1] and cost.scan_macs.tolist() == [0, 1]


@pytest.mark.parametrize("query", ["C", "r?", "5", "vitamin D", "ß"])
def test_words_of_one_letter_or_digit_are_found(query: str, resources: Resources):
    documents = Texts(
        ["the C language", "statistics with R", "type 5", "vitamin D", "the letter ß"]
    )
    first = built(documents, resources).search([query], 1, 1).ids[0, 0]
    assert first == ["C", "r?", "5", "vitamin D", "ß"].index(query)


FOXES = {
    "Chinese": ("狐狸在森林里睡觉。", "鱼在河里游泳。", "森林里的狐狸"),
    "Japanese": ("キツネは森で眠っています。", "魚は川で泳いでいます。", "森のキツネ"),
    "Thai": ("สุนัขจิ้งจอกนอนหลับอยู่ในป่า", "ปลาว่ายน้ำในแม่น้ำ", "สุนัขจิ้งจอก"),
    "Lao": ("ໝາຈອກນອນຢູ່ໃນປ່າ", "ປາລອຍນ້ຳຢູ່ໃນແມ່ນ້ຳ", "ໝາຈອກ"),
    "Khmer": ("កញ្ជ្រោងដេកនៅក្នុងព្រៃ", "ត្រីហែលទឹកក្នុងទន្លេ", "កញ្ជ្រោង"),
    "Burmese": ("မြေခွေးသည်တောထဲတွင်အိပ်နေသည်", "ငါးသည်မြစ်ထဲတွင်ကူးခတ်နေသည်", "မြေခွေး"),
    "Hindi": ("लोमड़ी जंगल में सोती है", "मछली नदी में तैरती है", "लोमड़ी की नींद"),
    "Korean": ("여우 한 마리가 숲에서 잔다", "물고기가 강에서 헤엄친다", "여우"),
}


@pytest.mark.parametrize("language", FOXES)
def test_a_text_in_any_script_finds_the_one_that_shares_its_words(
    language: str, resources: Resources
):
    fox, fish, query = FOXES[language]
    index = built(Texts([fish, fox]), resources)
    assert index.search([query], 1, 1).ids.tolist() == [[1]]


def test_empty_documents_are_never_found(resources: Resources):
    index = built(Texts(["", "cats", "!", "cats mice"]), resources)
    assert index.search(["cats"], 9, 1).ids[0].tolist() == [1, 3, *[-1] * 7]


def test_a_corpus_without_words_is_rejected(resources: Resources):
    for texts in ([], [""], ["a", "the and"]):
        with pytest.raises(InputError, match="bm25 found no words in any document"):
            built(Texts(texts), resources)


def test_the_cost_counts_the_postings_of_the_query_words(hpo: Dataset, resources: Resources):
    documents = hpo.corpus.texts[:500]

    def holding(word: str) -> set[int]:
        pattern = re.compile(rf"\b{word}\b", re.IGNORECASE)
        return {position for position, text in enumerate(documents) if pattern.search(text)}

    kidney, renal = holding("kidney"), holding("renal")
    assert len(kidney) > 0 < len(renal) and len(kidney | renal) < len(kidney) + len(renal)
    queries = ["Renal, or of the kidney", "kidney", "kidney kidney", "qwerty"]
    cost = built(Texts(documents), resources).cost(queries, K, 1)
    assert cost.visited.tolist() == [len(kidney | renal), len(kidney), len(kidney), 0]
    once = len(kidney)
    assert cost.scan_macs.tolist() == [once + len(renal), once, 2 * once, 0]
    assert (cost.route_macs == 0).all() and cost.exact


def test_visited_counts_the_documents_that_a_search_can_return(hpo: Dataset, resources: Resources):
    index = built(Texts(hpo.corpus.texts[:500]), resources)
    queries = hpo.splits["test"].texts[:50]
    found = (index.search(queries, 500, 1).ids >= 0).sum(axis=1)
    assert np.array_equal(index.cost(queries, K, 1).visited, found) and found.max() > 100


def test_scores_equal_those_of_bm25s_retrieve(hpo: Dataset, resources: Resources):
    import bm25s

    documents = hpo.corpus.texts[:500]
    reference = bm25s.BM25()
    pattern = r"\w\w+|(?<!\w')\w"  # all words of ASCII texts, but not the s of "patient's"
    known = bm25s.tokenize(documents, token_pattern=pattern, show_progress=False)
    reference.index(known, show_progress=False)
    queries = hpo.splits["test"].texts[:50]
    words = bm25s.tokenize(queries, token_pattern=pattern, show_progress=False)
    expected = reference.retrieve(words, k=10, show_progress=False).scores
    hits = built(Texts(documents), resources).search(queries, 10, 1)
    assert np.allclose(np.maximum(hits.scores, 0), expected)


def test_a_query_has_the_same_hits_alone_and_in_a_batch(hpo: Dataset, resources: Resources):
    index = built(Texts(hpo.corpus.texts[:500]), resources)
    queries = hpo.splits["test"].texts[:20]
    alone = [index.search([query], 10, 1).ids[0].tolist() for query in queries]
    assert index.search(queries, 10, 1).ids.tolist() == alone


def test_a_saved_index_finds_the_same_after_its_folder_moves(
    hpo: Dataset, resources: Resources, tmp_path: Path
):
    index = built(Texts(hpo.corpus.texts[:500]), resources, k1=0.9, b=0.4)
    (tmp_path / "draft").mkdir()
    index.save(tmp_path / "draft")
    (tmp_path / "draft").rename(tmp_path / "done")
    assert {path.suffix for path in (tmp_path / "done").iterdir()} == {".json", ".npy"}
    loaded = Bm25Index(Bm25Settings(), resources)
    loaded.load(tmp_path / "done", [])
    queries = [*hpo.splits["test"].texts[:50], "", "qwerty"]
    before, after = index.search(queries, 10, 1), loaded.search(queries, 10, 1)
    assert np.array_equal(before.ids, after.ids) and np.array_equal(before.scores, after.scores)
    assert np.array_equal(index.cost(queries, K, 1).scan_macs, loaded.cost(queries, K, 1).scan_macs)


def test_a_pickle_in_the_folder_is_rejected(resources: Resources, tmp_path: Path):
    built(THREE, resources).save(tmp_path)
    objects = np.array([{"any": "object"}], dtype=object)
    np.save(tmp_path / "data.csc.index.npy", objects, allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        Bm25Index(Bm25Settings(), resources).load(tmp_path, [])


def test_nothing_is_printed(resources: Resources, capfd: pytest.CaptureFixture[str]):
    built(THREE, resources).search(["cats"], 2, 1)
    assert capfd.readouterr() == ("", "")


def test_settings_out_of_range_are_rejected():
    with pytest.raises(InputError, match=r"bm25\.k1 is -1"):
        Bm25Settings(k1=-1)
    with pytest.raises(InputError, match=r"bm25\.b is 2; it must be from 0 to 1"):
        Bm25Settings(b=2)
