import pytest

from harness.datasets.hub.columns import find_columns
from methods.errors import InputError


def test_columns_are_known_by_the_names_that_datasets_give_them():
    corpus = find_columns("corpus", ["_id", "title", "text", "url"], {}, "hf:x/y")
    assert corpus.by_role == {"id": "_id", "text": "text", "title": "title"}
    pairs = find_columns("pairs", ["question", "answer", "negative_10", "negate"], {}, "hf:x/y")
    assert pairs.by_role == {"query": "question", "positive": "answer"}
    assert pairs.negatives == ["negative_10"]


def test_a_named_column_wins_over_a_known_one():
    found = find_columns("corpus", ["id", "text", "body"], {"corpus.text": "body"}, "hf:x/y")
    assert found.by_role["text"] == "body"


def test_the_question_names_the_whole_spec_to_write():
    with pytest.raises(InputError, match=r"--dataset 'hf:x/y\?config=a&corpus\.id=COLUMN'"):
        find_columns("corpus", ["text", "number"], {}, "hf:x/y?config=a")
