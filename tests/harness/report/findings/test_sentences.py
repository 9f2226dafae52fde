"""The sentences about rows with known numbers."""

import re
from dataclasses import replace

from harness.report.findings.sentences import Findings, state_findings
from harness.report.numbers import Spread
from harness.report.rows.summary import Row
from tests.harness.report.fake_run import row

EXACT = row("exact", None, 0.8)
EHI = [row("ehi", 0.01, 0.7), row("ehi", 0.05, 0.75)]
HNSW = [row("hnsw", 0.01, 0.6), row("hnsw", 0.05, 0.796)]


def findings(*rows: Row) -> Findings:
    return state_findings(rows, "nDCG@10")


def test_the_answer_comes_first_in_four_words():
    found = findings(EXACT, *EHI, *HNSW)
    assert found.answer == [
        "On d, at equal documents visited, ehi against two-stage baselines: better at 1 %; worse "
        "at 5 %. Against the best of them, the tests find .017 in 80 % of all cases.",
        "On d, ehi is shown to be better than all others at 1 %. The test finds .017 in 80 % of "
        "all cases.",
        "On d, hnsw is shown to be better than all others at 5 %. The test finds .017 in 80 % of "
        "all cases.",
    ]
    assert found.sentences[0] == found.front_page[0] == found.answer[0]


def test_a_difference_that_is_not_shown_is_neither_a_lead_nor_a_loss():
    noisy = {f"q{i}": 0.69 + 0.3 * (-1) ** i for i in range(60)}
    found = findings(row("ehi", 0.05, 0.69, per_seed={0: noisy}), row("hnsw", 0.05, 0.7))
    assert found.answer == [
        "On d, at equal documents visited, ehi against two-stage baselines: cannot tell at 5 %. "
        "Against the best of them, the test finds .111 in 80 % of all cases.",
        "On d, no method is shown to be better than all others at any budget. The test finds .111 "
        "in 80 % of all cases.",
    ]
    assert found.how_sure[-1] == (
        "At 5 % of the documents, cannot tell which method is first: hnsw is +.010 over ehi "
        "(p=.799; the test finds .111 in 80 % of all cases)."
    )


def test_methods_are_equal_only_if_a_test_shows_it():
    queries = {f"q{i}": 0.7 for i in range(900)}
    same = [row(name, 0.05, 0.7, per_seed={0: queries}) for name in ("ehi", "hnsw")]
    assert "equal within .005 at 5 %" in findings(*same).answer[0]


def test_the_amount_is_held_against_the_best_baseline():
    found = findings(EXACT, *EHI, *HNSW, row("ivf", 0.01, 0.5))
    assert found.by_how_much[0] == (
        "At 1 % of the documents, ehi has nDCG@10 .700 and hnsw, the best baseline there, .600 "
        "(the test finds .017 in 80 % of all cases)."
    )
    assert (
        "At 1 % of the documents, ehi is better than ivf: .700 against .500 (the test finds .017 "
        "in 80 % of all cases)."
    ) in found.by_how_much


def test_the_best_baseline_may_be_one_that_cannot_be_compared():
    found = findings(EXACT, *EHI, *HNSW, row("ivf", 0.01, 0.8, seeds=(7,)))
    assert "worse at 5 %; cannot tell at 1 %." in found.answer[0]
    assert found.by_how_much[0].startswith(
        "At 1 % of the documents, ehi has nDCG@10 .700 and hnsw, the best baseline with the same "
        "seeds and queries, .600"
    )


def test_costs_to_reach_nearly_exact_search_are_pairs():
    text = "\n".join(findings(EXACT, row("ehi", 0.02, 0.8), *HNSW).by_how_much)
    assert (
        "To reach 99 % of exact search's nDCG@10, ehi needs at most 2.00 % of the documents; the "
        "cheapest baseline, hnsw, needs 4.92 % of the documents." in text
    )
    assert "the cheapest baseline, hnsw, needs 6.92 % of the multiply-adds." in text


def test_a_quality_that_is_not_reached_is_said():
    text = "\n".join(findings(EXACT, *EHI, row("ivf", 0.05, 0.6)).by_how_much)
    assert "nDCG@10, ehi does not get there at any budget; no baseline gets there." in text


def test_what_the_test_could_have_found_is_next_to_the_difference():
    assert findings(*EHI, *HNSW).how_sure[0] == (
        "At 1 % of the documents, ehi against hnsw: better; the difference is +.100, and the test "
        "finds .017 in 80 % of all cases."
    )


def test_where_it_does_not_hold_names_losses_gaps_and_what_was_not_measured():
    other_seeds = row("ivf", 0.05, 0.7, seeds=(7,))
    found = findings(*EHI, *HNSW, other_seeds)
    assert found.where_not == [
        "At 5 % of the documents, ehi is worse than hnsw: .750 against .796 (the test finds .017 "
        "in 80 % of all cases).",
        "At 5 % of the documents, ivf cannot be compared: other seeds or queries.",
        "ehi was not measured at equal multiply-adds or time per query.",
    ]


def test_unseen_queries_are_compared_without_a_verdict():
    def with_unseen(each: Row, mean: float) -> Row:
        parts = {"unseen": {"nDCG@10": Spread(mean, None)}}
        return replace(each, parts=parts, part_counts={"unseen": 20})

    found = findings(with_unseen(EHI[0], 0.5), with_unseen(HNSW[0], 0.55))
    assert found.where_not[0] == (
        "At 1 % of the documents, on unseen queries, ehi has .500 and hnsw .550, which was not "
        "tested."
    )


def test_what_joint_training_is_worth_is_a_part_of_the_answer():
    frozen = [row("ehi-frozen", 0.01, 0.6), row("ehi-frozen", 0.05, 0.796)]
    assert findings(EXACT, *EHI, *HNSW, *frozen).answer[1] == (
        "On d, ehi against ehi-frozen, whose tree is trained after the encoder and not with it: "
        "better at 1 %; worse at 5 %. The tests find .017 in 80 % of all cases."
    )


def test_all_sentences_but_the_answer_have_a_kind_of_budget_or_none():
    other_kinds = [row("ehi", 0.05, 0.7, "macs"), row("ivf", 0.05, 0.6, "macs")]
    found = findings(EXACT, *EHI, *HNSW, *other_kinds)
    assert list(found.by_kind) == ["visited", "macs", None]
    assert found.by_kind["macs"][0].startswith("At 5 % MACs, ehi has nDCG@10 .700")
    sentences = [each for own in found.by_kind.values() for each in own]
    assert sorted([*found.answer, *sentences]) == sorted(found.sentences)


def test_no_finding_compares_more_than_two_qualities():
    for sentence in findings(EXACT, *EHI, *HNSW).sentences:
        if not sentence.startswith("Tested by"):
            compared = re.sub(r"the tests? finds? .* of all cases", "", sentence)
            assert len(re.findall(r"(?<!\d)\.\d{3}", compared)) <= 2, sentence


def test_every_sentence_with_a_test_says_what_the_test_could_have_found():
    found = findings(EXACT, *EHI, *HNSW, row("ehi-frozen", 0.01, 0.6))
    for sentence in found.sentences:
        if re.search("better|worse|equal within|cannot tell|best baseline", sentence):
            assert "in 80 % of all cases" in sentence, sentence


def test_p_values_are_corrected_for_the_number_of_comparisons():
    values = {f"q{i}": 0.7 + 0.1 * (i < 8) for i in range(60)}
    better = row("hnsw", 0.05, 0.7 + 0.8 / 60, per_seed={0: values})
    ehi = row("ehi", 0.05, 0.7)
    assert "worse at 5 %" in findings(ehi, better).answer[0]
    many = [replace(better, label=f"h{i}") for i in range(9)]
    assert "cannot tell at 5 %" in findings(ehi, *many).answer[0]  # Holm: nine times .008


def test_nothing_is_said_without_the_subject_or_of_rows_that_reach_a_quality():
    assert findings(*HNSW).sentences == []
    cheap = [row("ehi", 0.9, 0.7, "overlap"), row("ivf", 0.9, 0.6, "overlap")]
    assert findings(EXACT, *EHI, *HNSW, *cheap) == findings(EXACT, *EHI, *HNSW)


def test_other_forms_of_the_subject_are_no_gaps():
    forms = [row("ehi", 0.01, 0.7, tuned=0.7), row("ehi+pq", 0.01, 0.76, tuned=0.77)]
    assert not any("cannot be compared" in each for each in findings(*forms, *HNSW).where_not)


def test_the_cheapest_form_of_the_subject_is_held_against_the_cheapest_baseline():
    forms = [row("ehi", 0.02, 0.8, tuned=0.8), row("ehi+pq", 0.01, 0.8, tuned=0.8)]
    text = "\n".join(findings(EXACT, *forms, *HNSW).by_how_much)
    assert "nDCG@10, ehi+pq needs at most 1.00 % of the documents; the cheapest" in text
