from harness.report.findings.answer_sentences import baseline_sentences, joint_training_sentences
from harness.report.findings.verdicts import verdicts
from harness.report.rows.summary import Row
from tests.harness.report.fake_run import row

AT_40_US = [
    row("ehi", 0.04, 0.7, "latency", tuned=0.7),
    row("ehi+pq", 0.04, 0.76, "latency", tuned=0.77),
    row("ehi-frozen", 0.04, 0.77, "latency", tuned=0.75),
    row("ehi-frozen+hnsw", 0.04, 0.78, "latency", tuned=0.79),
    row("ehi-frozen+pq", 0.04, 0.74, "latency", tuned=0.76),
    row("ivf+pq", 0.04, 0.75, "latency", tuned=0.75),
]


def test_the_form_that_the_subject_is_in_is_named():
    assert baseline_sentences(AT_40_US, "ehi", verdicts(AT_40_US, "ehi"), "nDCG@10") == [
        "On d, at equal time per query, ehi in its best form (ehi+pq) against two-stage "
        "baselines: better at 0.04 ms. Against the best of them, the test finds .017 in 80 % of "
        "all cases."
    ]


def test_joint_training_is_judged_between_equal_forms():
    assert joint_training_sentences(AT_40_US, "ehi", verdicts(AT_40_US, "ehi")) == [
        "On d, ehi against ehi-frozen, whose tree is trained after the encoder and not with it, "
        "in the same form: better at 0.04 ms. The test finds .017 in 80 % of all cases."
    ]


def test_where_vectors_are_whole_no_form_is_mentioned():
    rows = [row("ehi", 0.01, 0.7), row("ehi-frozen", 0.01, 0.6), row("ivf", 0.01, 0.6)]
    found = verdicts(rows, "ehi")
    assert baseline_sentences(rows, "ehi", found, "nDCG@10") == [
        "On d, at equal documents visited, ehi against two-stage baselines: better at 1 %. "
        "Against the best of them, the test finds .017 in 80 % of all cases."
    ]
    assert joint_training_sentences(rows, "ehi", found) == [
        "On d, ehi against ehi-frozen, whose tree is trained after the encoder and not with it: "
        "better at 1 %. The test finds .017 in 80 % of all cases."
    ]


def test_what_the_tests_against_the_best_baselines_find_is_a_range():
    def noisy(method: str, budget: float, mean: float, by: float) -> Row:
        values = {f"q{i}": mean + by * (-1) ** i for i in range(60)}
        return row(method, budget, mean, per_seed={0: values})

    rows = [
        *(row("ehi", 0.01, 0.5), noisy("ivf", 0.01, 0.5, 0.1), noisy("hnsw", 0.01, 0.4, 0.2)),
        *(row("ehi", 0.05, 0.5), noisy("ivf", 0.05, 0.4, 0.3), noisy("hnsw", 0.05, 0.5, 0.2)),
    ]
    found = verdicts(rows, "ehi")
    detectable = {(v.other.label, v.budget.limit): v.difference.detectable for v in found}
    ivf, hnsw = (f"{detectable[best]:.3f}"[1:] for best in (("ivf", 0.01), ("hnsw", 0.05)))
    (sentence,) = baseline_sentences(rows, "ehi", found, "nDCG@10")
    assert sentence.endswith(
        f"Against the best of them, the tests find {ivf} to {hnsw} in 80 % of all cases."
    )
