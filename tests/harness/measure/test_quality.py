from pathlib import Path

import ir_measures
import numpy as np
import pytest
from ir_measures import RR, R, nDCG

from harness.datasets.dataset import split_from_judgements
from harness.measure.quality import as_run, judge, overlap, write_run
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
    values = judge(as_run(HITS, SPLIT, CORPUS), SPLIT, CORPUS)
    gain = 1 / np.log2(3) + 2 / np.log2(4)
    ideal = 2 / np.log2(2) + 1 / np.log2(3)
    assert values["nDCG@10"].tolist() == pytest.approx([gain / ideal, 1, 0])
    assert values["RR@10"].tolist() == [0.5, 1, 0]
    assert values["R@100"].tolist() == [1, 1, 0]


def test_a_saved_run_gives_the_same_measures(tmp_path: Path):
    run = as_run(HITS, SPLIT, CORPUS)
    write_run(run, tmp_path / "run.trec.gz", "test")
    saved = list(ir_measures.read_trec_run(str(tmp_path / "run.trec.gz")))
    qrels = [
        ir_measures.Qrel(SPLIT.ids[int(q)], CORPUS.ids[int(d)], int(g))
        for q, d, g in zip(SPLIT.rows, SPLIT.documents, SPLIT.grades, strict=True)
    ]
    means = ir_measures.calc_aggregate([nDCG @ 10, RR @ 10, R @ 10, R @ 100], qrels, saved)
    ours = judge(run, SPLIT, CORPUS)
    assert {str(m): v for m, v in means.items()} == pytest.approx(
        {name: column.mean() for name, column in ours.items()}
    )


def test_overlap_is_the_share_of_exact_results_among_the_hits():
    exact = np.array([[3, 5], [2, 9]])
    hits = Hits(np.array([[5, 3], [7, 2]]), np.zeros((2, 2), dtype=np.float32))
    assert overlap(hits, exact) == 0.75
