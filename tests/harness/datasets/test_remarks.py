"""What is odd about a dataset is counted, one line each."""

from harness.datasets.dataset import Dataset, split_from_judgements
from harness.datasets.remarks import remarks
from methods.base import Corpus
from methods.texts import Ids, Texts

QUERIES = {"q1": "red kite", "q2": "grey heron", "q3": "Red  Kite", "q4": "moorhen", "d1": "otter"}
CORPUS = Corpus(Ids(["d1", "d2", "d3"]), Texts(["otter", "kite", "heron"]))


def of(**splits: list[tuple[str, int, int]]) -> list[str]:
    made = {name: split_from_judgements(QUERIES, rows) for name, rows in splits.items()}
    return remarks(Dataset("made", "1", "made here", CORPUS, made))  # type: ignore[arg-type]


def test_nothing_is_said_of_ordinary_data():
    assert of(train=[("q1", 1, 1)], dev=[("q4", 0, 1)], test=[("q2", 2, 1)]) == []


def test_queries_without_a_relevant_document_are_counted_in_every_split():
    assert of(train=[("q1", 1, 1), ("q4", 2, 0)], test=[("q2", 2, 0), ("q4", 1, 1)]) == [
        "train: 1 of 2 queries have no relevant document",
        "test: 1 of 2 queries have no relevant document; all measures are 0 for them",
    ]


def test_a_query_whose_relevant_documents_are_all_missing_has_none():
    assert of(test=[("q1", -1, 1), ("q2", -2, 1), ("q2", 2, 1)]) == [
        "test: 1 of 2 queries have no relevant document; all measures are 0 for them"
    ]


def test_queries_with_the_id_of_a_document_are_counted():
    assert of(test=[("d1", 1, 1), ("q2", 2, 1)]) == [
        "test: 1 of 2 queries have the id of a document, which is left out of what they find"
    ]


def test_texts_of_training_queries_under_another_id_are_counted():
    test = [("q3", 1, 1), ("q2", 2, 1), ("q4", 2, 1)]  # q3 is q1 but for case and spaces
    assert of(train=[("q1", 1, 1), ("q4", 0, 1)], test=test) == [
        "test: 1 of 3 queries have the text of a training query with another id"
    ]


def test_what_the_loader_noted_comes_first():
    splits = {"test": split_from_judgements(QUERIES, [("q1", 1, 0)])}
    made = Dataset("made", "1", "made here", CORPUS, splits, notes=("a note",))  # type: ignore[arg-type]
    assert remarks(made)[0] == "a note" and len(remarks(made)) == 2
