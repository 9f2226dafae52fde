import pytest

from harness.store.quality import Quality


def test_the_seen_queries_of_an_older_record_are_those_that_are_not_unseen():
    quality = Quality({"nDCG@10": 0.5}, {"nDCG@10": 0.2}, 10, 4, None)
    assert (quality.count("seen"), quality.count("unseen")) == (6, 4)
    assert quality.part("seen") == {"nDCG@10": pytest.approx(0.7)}
    assert Quality({"nDCG@10": 0.5}, {"nDCG@10": 0.5}, 10, 10, None).part("seen") == {}
    assert Quality({"nDCG@10": 0.5}, None, 10, 0, None).part("seen") == {"nDCG@10": 0.5}


def test_the_seen_queries_of_a_record_may_be_fewer_than_those_that_are_not_unseen():
    quality = Quality({"nDCG@10": 0.5}, {"nDCG@10": 1.0}, 10, 1, None, {"nDCG@10": 1.0}, 4)
    assert quality.count("seen") == 4 and quality.part("seen") == {"nDCG@10": 1.0}
    assert quality.part("unseen") == {"nDCG@10": 1.0}
