import pytest

from harness.report.findings.baselines import best_exact_row, exact_row, is_baseline
from tests.harness.report.fake_run import row


@pytest.mark.parametrize("name", ["ivf", "scann", "hnsw", "faiss-hnsw", "ivf+pq"])
def test_an_index_that_learns_nothing_on_the_dual_encoder_is_a_baseline(name: str):
    assert is_baseline(name)


@pytest.mark.parametrize(
    "name", ["ehi", "ehi+pq", "ehi-frozen", "ivf+router", "ehi-encoder+ivf", "exact", "bm25"]
)
def test_learned_indexes_and_references_are_not_baselines(name: str):
    assert not is_baseline(name)


def test_a_method_that_is_not_installed_is_not_a_baseline():
    assert not is_baseline("theirs")


def test_the_best_exact_search_may_have_another_encoder():
    rows = [row("ivf", 0.1, 0.9), row("exact", None, 0.78), row("ehi-encoder+exact", None, 0.8)]
    exact, best = exact_row(rows), best_exact_row(rows, "nDCG@10")
    assert exact is not None and exact.method == "exact"
    assert best is not None and best.method == "ehi-encoder+exact"
    assert best_exact_row(rows[:1], "nDCG@10") is None
