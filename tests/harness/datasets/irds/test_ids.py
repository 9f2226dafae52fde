"""The rules that find the splits of an id of ir_datasets; nothing is downloaded."""

import pytest

from harness.datasets.irds.ids import source_ids
from methods.errors import InputError


@pytest.mark.parametrize(
    ("name", "splits"),
    [
        ("antique/test", {"test": "antique/test", "train": "antique/train"}),
        (
            "nfcorpus/test",
            {"test": "nfcorpus/test", "train": "nfcorpus/train", "dev": "nfcorpus/dev"},
        ),
        (
            "wikir/en1k/test",
            {
                "test": "wikir/en1k/test",
                "train": "wikir/en1k/training",
                "dev": "wikir/en1k/validation",
            },
        ),
        ("miracl/en/dev", {"test": "miracl/en/dev", "train": "miracl/en/train"}),
        ("cranfield", {"test": "cranfield"}),
        ("antique/train", {"train": "antique/train"}),
        ("lotte/recreation/test/forum", {"test": "lotte/recreation/test/forum"}),
    ],
)
def test_the_splits_beside_an_id_have_the_same_documents(name: str, splits: dict[str, str]):
    assert source_ids(name).splits == splits


def test_passages_of_trec_dl_are_relevant_from_grade_2():
    assert source_ids("msmarco-passage/trec-dl-hard").test_relevant_from == 2
    assert source_ids("msmarco-document/trec-dl-hard").test_relevant_from == 1


def test_an_id_without_judgements_names_its_parts():
    message = "irds:antique has no queries and no judgements; its parts are antique/test"
    with pytest.raises(InputError, match=message):
        source_ids("antique")
