"""Words of any script, pairs of characters where there are no spaces, and single letters."""

import re

import pytest

from harness.datasets.dataset import Dataset
from methods.indexes.words import split_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" ?! ", []),
        ("Type 2 diabetes", ["Type", "2", "diabetes"]),
        ("C, C++ and R", ["C", "C", "and", "R"]),
        ("the child's toys don't", ["the", "child", "toys", "don"]),
        ("the child\u2019s toys", ["the", "child", "toys"]),
        ("snake_case x-ray", ["snake_case", "x", "ray"]),
        ("d'été", ["d", "été"]),
        ("e\u0301te\u0301 cafe\u0301", ["e\u0301te\u0301", "cafe\u0301"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("வணக்கம் உலகம்", ["வணக்கம்", "உலகம்"]),
        ("مُحَمَّد ذهب", ["مُحَمَّد", "ذهب"]),
        ("학교에 간다", ["학교에", "간다"]),
    ],
)
def test_words_between_spaces_are_whole(text: str, words: list[str]):
    assert split_words(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("学校", ["学校"]),
        ("山", ["山"]),
        ("图书馆", ["图书", "书馆"]),
        ("图书馆。学校!", ["图书", "书馆", "学校"]),
        ("コーヒー・お茶", ["コー", "ーヒ", "ヒー", "お茶"]),
        ("我用NumPy写程序", ["我用", "NumPy", "写程", "程序"]),
        ("第3章", ["第", "3", "章"]),
        ("\U00020000\U00020001\U00020002", ["\U00020000\U00020001", "\U00020001\U00020002"]),
        ("น้ำ", ["น้", "้ำ"]),
        ("ນ້ຳ ປາ", ["ນ້", "້ຳ", "ປາ"]),
        ("ទឹក។ ត្រី", ["ទឹ", "ឹក", "ត្", "្រ", "រី"]),
        ("ရေ၊ ငါး", ["ရေ", "ငါ", "ါး"]),
    ],
)
def test_scripts_without_spaces_are_pairs_of_characters(text: str, words: list[str]):
    assert split_words(text) == words


def test_english_words_of_two_letters_or_more_are_those_of_bm25s(hpo: Dataset):
    for text in hpo.corpus.texts[:2000]:
        longer = [word for word in split_words(text) if len(word) > 1]
        assert longer == re.findall(r"(?u)\b\w\w+\b", text)
