from harness.report.findings.answer_sentences import baseline_sentences, joint_training_sentences
from harness.report.findings.verdicts import verdicts
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
    assert baseline_sentences(AT_40_US, "ehi", verdicts(AT_40_US, "ehi")) == [
        "On d, at equal time per query, ehi in its best form (ehi+pq) against two-stage "
        "baselines: better at 0.04 ms."
    ]


def test_joint_training_is_judged_between_equal_forms():
    assert joint_training_sentences(AT_40_US, "ehi", verdicts(AT_40_US, "ehi")) == [
        "On d, ehi against ehi-frozen, whose tree is trained after the encoder and not with it, "
        "in the same form: better at 0.04 ms."
    ]


def test_where_vectors_are_whole_no_form_is_mentioned():
    rows = [row("ehi", 0.01, 0.7), row("ehi-frozen", 0.01, 0.6), row("ivf", 0.01, 0.6)]
    found = verdicts(rows, "ehi")
    assert baseline_sentences(rows, "ehi", found) == [
        "On d, at equal documents visited, ehi against two-stage baselines: better at 1 %."
    ]
    assert joint_training_sentences(rows, "ehi", found) == [
        "On d, ehi against ehi-frozen, whose tree is trained after the encoder and not with it: "
        "better at 1 %."
    ]
