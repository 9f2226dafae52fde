import pytest

from harness.store.record import LEAST_MACS, Choice, Failure, Trial
from tests.harness.store.fake_records import BROKEN, make_record, make_selection

FEW = Trial({"ivf.lists": 2}, error="InputError", reason="raise --budget")


def test_a_record_says_whether_it_was_measured():
    missing = Failure("UnavailableError", "pip install bm25s")
    assert make_record().status == "ok"
    assert make_record(failure=BROKEN).status == "failed"
    assert make_record(failure=missing).status == "unavailable"


def test_a_failed_record_has_no_result_to_read():
    with pytest.raises(ValueError, match="ivf-1 was not measured"):
        _ = make_record(cell="ivf-1", failure=BROKEN).measured


def test_the_best_trial_is_the_first_of_those_with_the_highest_quality():
    trials = [FEW, Trial({"ivf.lists": 8}, 0.5), Trial({"ivf.lists": 16}, 0.5)]
    assert Choice("nDCG@10", (0,), trials).best == trials[1]


def test_the_best_trial_of_those_that_reach_a_quality_is_the_cheapest():
    dear, cheap, tied = (
        Trial({"ivf.lists": lists}, 0.5 + macs, macs=macs, visited=visited)
        for lists, macs, visited in ((8, 0.3, 0.1), (16, 0.1, 0.09), (32, 0.1, 0.08))
    )
    assert Choice(LEAST_MACS, (0,), [FEW, dear, cheap]).best == cheap
    assert Choice(LEAST_MACS, (0,), [FEW, dear, cheap, tied]).best == tied
    assert Choice(LEAST_MACS, (0,), [FEW]).best is None


def test_a_choice_in_which_all_failed_gives_the_first_reason():
    choice = Choice("nDCG@10", (0,), [FEW, FEW])
    assert choice.best is None
    reason = "none of 2 combinations works; ivf.lists=2: raise --budget"
    assert choice.failure() == Failure("InputError", reason)


def test_the_first_crash_among_the_trials_is_the_failure_of_the_choice():
    crashed = Trial({"ivf.lists": 8}, error="SIGSEGV", reason="killed")
    slow = Trial({"ivf.lists": 16}, error="TimeoutError", reason="took longer than 9 s")
    reason = "none of 3 combinations works; ivf.lists=8: killed"
    assert Choice("nDCG@10", (0,), [FEW, crashed, slow]).failure() == Failure("SIGSEGV", reason)


def test_a_selection_has_the_values_of_its_best_trial():
    selection = make_selection({"ivf.lists": (8, 16)}, (0, 1), ivf__lists=16)
    assert selection.values == {"ivf.lists": 16}
