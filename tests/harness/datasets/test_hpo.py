from harness.datasets import hpo as hpo_loader
from harness.datasets.dataset import Dataset


def test_the_release_has_the_published_counts(hpo: Dataset):
    assert len(hpo.corpus) == 16_449
    assert {name: len(split) for name, split in hpo.splits.items()} == {
        "train": 15_141,
        "dev": 1_875,
        "test": 1_928,
    }
    assert int(hpo.unseen.sum()) == 534
    assert hpo.version == "2025-01-16" and "2025-01-16" in hpo.source


def test_the_ids_have_the_checksum_of_the_release(hpo: Dataset):
    names = [*hpo.corpus.ids, *(query for split in hpo.splits.values() for query in split.ids)]
    expected = "c49984610f16cd719da0005d2aef1fbd515e13539cda34f2553b59def551b106"
    assert hpo_loader.ids_sha256(names) == expected == hpo_loader.RELEASE.ids_sha256


def test_tuning_queries_are_disjoint_from_train_and_test(hpo: Dataset):
    train, tuning, test = (set(s.ids) for s in (hpo.train(), hpo.tuning(), hpo.test()))
    assert not tuning & train and not tuning & test and not train & test


def test_a_synonym_is_a_query_for_its_concept(hpo: Dataset):
    position = hpo.corpus.ids.find("HP:0001250")
    assert hpo.corpus.texts[position].startswith("Seizure A seizure is an intermittent")
    split = next(s for s in hpo.splits.values() if "Epileptic seizure" in list(s.texts))
    query = list(split.texts).index("Epileptic seizure")
    assert position in split.documents[split.starts[query] : split.starts[query + 1]]
