import gzip
from pathlib import Path

import ir_measures
import numpy as np
import pytest
from ir_measures import RR, R, nDCG

from harness.datasets.dataset import Split, split_from_judgements
from harness.measure.quality import (
    as_run,
    judge,
    measures_within,
    overlap,
    read_ranking,
    search_depth,
    unmeasured,
    write_run,
)
from methods.base import Corpus, Hits
from methods.texts import Ids, Texts

CORPUS = Corpus(Ids(f"d{i}" for i in range(20)), Texts(f"text {i}" for i in range(20)))
SPLIT = split_from_judgements(
    {"qa": "a", "qb": "b", "qc": "c"},
    [("qa", 3, 1), ("qa", 4, 2), ("qb", 7, 1), ("qc", 9, 1), ("qc", 1, 0)],
)
HITS = Hits(
    np.array([[5, 3, 4], [7, 2, -1], [-1, -1, -1]]),
    np.array([[0.9, 0.8, 0.7], [0.6, 0.5, 0], [0, 0, 0]], dtype=np.float32),
)


def test_measures_are_those_computed_by_hand():
    values = judge(as_run(HITS, SPLIT, CORPUS, 100), SPLIT, CORPUS, 100)
    gain = 1 / np.log2(3) + 2 / np.log2(4)
    ideal = 2 / np.log2(2) + 1 / np.log2(3)
    assert values["nDCG@10"].tolist() == pytest.approx([gain / ideal, 1, 0])
    assert values["RR@10"].tolist() == [0.5, 1, 0]
    assert values["R@100"].tolist() == [1, 1, 0]


def test_a_judged_document_outside_the_corpus_counts_as_not_found():
    rows = [("qa", 3, 1), ("qa", -1, 1), ("qa", -2, 1), ("qb", -1, 1), ("qc", -3, 0), ("qc", 9, 1)]
    split = split_from_judgements({"qa": "a", "qb": "b", "qc": "c"}, rows)
    hits = Hits(np.array([[3, 5], [7, 2], [9, -1]]), np.tile(np.float32([2, 1]), (3, 1)))
    values = judge(as_run(hits, split, CORPUS, 10), split, CORPUS, 10)
    ideal = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert values["R@10"].tolist() == pytest.approx([1 / 3, 0, 1])
    assert values["nDCG@10"].tolist() == pytest.approx([1 / ideal, 0, 1])
    assert values["RR@10"].tolist() == [1, 0, 1]


def test_a_saved_run_gives_the_same_measures(tmp_path: Path):
    run = as_run(HITS, SPLIT, CORPUS, 100)
    write_run(run, tmp_path / "run.trec.gz", "test")
    saved = list(ir_measures.read_trec_run(str(tmp_path / "run.trec.gz")))
    qrels = [
        ir_measures.Qrel(SPLIT.ids[int(q)], CORPUS.ids[int(d)], int(g))
        for q, d, g in zip(SPLIT.rows, SPLIT.documents, SPLIT.grades, strict=True)
    ]
    means = ir_measures.calc_aggregate([nDCG @ 10, RR @ 10, R @ 10, R @ 100], qrels, saved)
    ours = judge(run, SPLIT, CORPUS, 100)
    assert {str(m): v for m, v in means.items()} == pytest.approx(
        {name: column.mean() for name, column in ours.items()}
    )


def test_measures_beyond_the_depth_are_not_computed():
    assert measures_within(10) == measures_within(99) == ["nDCG@10", "RR@10", "R@10"]
    assert list(judge(as_run(HITS, SPLIT, CORPUS, 10), SPLIT, CORPUS, 10)) == measures_within(10)


def test_a_measure_beyond_the_depth_names_the_depth_it_needs():
    assert "R@100 was not measured; it needs a run with --depth 100" in str(unmeasured("R@100", []))
    assert "did you mean 'nDCG@10'" in str(unmeasured("nDCG@1", ["nDCG@10"]))


def tied(relevant_rank: int) -> tuple[Hits, Split]:
    """Twelve documents with one score, in the order d0, d1, ...; one of them is relevant."""
    hits = Hits(np.arange(12)[None], np.full((1, 12), 0.5, dtype=np.float32))
    return hits, split_from_judgements({"q": "text"}, [("q", relevant_rank - 1, 1)])


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        (1, (1.0, 1.0, 1.0)),
        (2, (1 / np.log2(3), 0.5, 1.0)),
        (10, (1 / np.log2(11), 0.1, 1.0)),
        (11, (0.0, 0.0, 0.0)),
        (12, (0.0, 0.0, 0.0)),
    ],
)
def test_ties_are_ranked_as_they_were_returned_for_all_measures(
    rank: int, expected: tuple[float, ...], tmp_path: Path
):
    hits, split = tied(rank)
    run = as_run(hits, split, CORPUS, 100)
    values = judge(run, split, CORPUS, 100)
    names = ("nDCG@10", "RR@10", "R@10")
    assert [float(values[name][0]) for name in names] == pytest.approx(expected)
    write_run(run, tmp_path / "run.trec.gz", "test")
    assert read_ranking(tmp_path / "run.trec.gz")["q"] == [f"d{i}" for i in range(12)]
    saved = list(ir_measures.read_trec_run(str(tmp_path / "run.trec.gz")))
    qrels = [ir_measures.Qrel("q", f"d{rank - 1}", 1)]
    means = ir_measures.calc_aggregate([nDCG @ 10, RR @ 10, R @ 10], qrels, saved)
    assert [means[measure] for measure in (nDCG @ 10, RR @ 10, R @ 10)] == pytest.approx(expected)


def test_scores_without_ties_are_saved_unchanged(tmp_path: Path):
    write_run(as_run(HITS, SPLIT, CORPUS, 10), tmp_path / "run.trec.gz", "test")
    with gzip.open(tmp_path / "run.trec.gz", "rt") as lines:
        scores = [float(line.split()[4]) for line in lines]
    assert scores == pytest.approx([0.9, 0.8, 0.7, 0.6, 0.5])


# Queries d0 and d1 are documents too: d0 is not an answer to itself, d1 is judged to be one.
OWN = split_from_judgements(
    {"d0": "a", "d1": "b", "q": "c"}, [("d0", 2, 1), ("d1", 1, 1), ("q", 2, 1)]
)


def test_a_query_does_not_find_itself_unless_it_is_judged_to_be_an_answer():
    hits = Hits(np.array([[0, 2, 3], [1, 2, 3], [4, 2, 0]]), np.ones((3, 3), dtype=np.float32))
    run = as_run(hits, OWN, CORPUS, 2)
    assert {query: list(found) for query, found in run.items()} == {
        "d0": ["d2", "d3"],
        "d1": ["d1", "d2"],
        "q": ["d4", "d2"],
    }
    assert judge(run, OWN, CORPUS, 10)["RR@10"].tolist() == [1, 1, 0.5]


def test_one_more_document_is_searched_only_if_queries_are_documents():
    assert search_depth(OWN, CORPUS, 10) == 11
    assert search_depth(SPLIT, CORPUS, 10) == 10


def test_a_grade_below_the_relevance_level_counts_for_ndcg_alone():
    judgements = [("q", 0, 1), ("q", 1, 2), ("q", 2, 3)]
    split = split_from_judgements({"q": "text"}, judgements, relevant_from=2)
    values = judge({"q": {"d0": 3.0, "d1": 2.0}}, split, CORPUS, 100)
    assert (values["RR@10"][0], values["R@100"][0]) == (0.5, 0.5)
    gain, ideal = 1 + 2 / np.log2(3), 3 + 2 / np.log2(3) + 1 / 2
    assert values["nDCG@10"][0] == pytest.approx(gain / ideal)


def test_overlap_is_the_share_of_exact_results_among_the_hits():
    exact = np.array([[3, 5], [2, 9]])
    hits = Hits(np.array([[5, 3], [7, 2]]), np.zeros((2, 2), dtype=np.float32))
    assert overlap(hits, exact) == 0.75


def test_overlap_counts_ten_documents_if_exact_search_found_eleven():
    hits = Hits(np.arange(1, 12)[None], np.zeros((1, 11), dtype=np.float32))
    assert overlap(hits, np.arange(11)[None]) == 0.9  # all but document 0; 10 is the eleventh
