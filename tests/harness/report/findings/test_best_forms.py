from harness.report.findings.best_forms import best_forms, in_best_form, is_about, is_form_of
from tests.harness.report.fake_run import row

WHOLE = row("ehi", 0.05, 0.75, "latency", tuned=0.70)
CODES = row("ehi+pq", 0.05, 0.72, "latency", tuned=0.74)
AT_005 = WHOLE.budget


def test_the_best_form_is_the_one_that_found_most_on_the_tuning_queries():
    graph = row("ehi+hnsw", 0.05, 0.8, "latency", tuned=0.73)
    assert best_forms([WHOLE, CODES, graph], "ehi") == {AT_005: CODES}


def test_each_budget_has_its_own_best_form():
    more = row("ehi", 0.1, 0.79, "latency", tuned=0.79)
    assert best_forms([WHOLE, CODES, more], "ehi") == {AT_005: CODES, more.budget: more}


def test_other_methods_are_not_forms_of_it():
    others = [row(name, 0.05, 0.9, "latency", tuned=0.9) for name in ("ehi-frozen+pq", "ivf+pq")]
    assert best_forms([WHOLE, *others], "ehi") == {AT_005: WHOLE}
    assert not is_form_of("ehi-encoder+ivf", "ehi") and is_form_of("ehi-frozen+pq", "ehi-frozen")


def test_without_choices_it_is_the_method_itself():
    untuned = row("ehi+pq", 0.05, 0.9, "latency")
    assert best_forms([untuned, WHOLE], "ehi") == {AT_005: WHOLE}
    assert best_forms([untuned], "ehi") == {}


def test_a_form_that_failed_with_a_seed_is_left_out():
    both, one = (0, 1), (0,)
    whole = row("ehi", 0.05, 0.7, "latency", tuned=0.70, seeds=both)
    graph = row("ehi+hnsw", 0.05, 0.8, "latency", tuned=0.80, seeds=one)
    assert best_forms([whole, graph], "ehi") == {AT_005: whole}


def test_of_equal_forms_it_is_the_first():
    assert best_forms([WHOLE, row("ehi+pq", 0.05, 0.9, "latency", tuned=0.70)], "ehi") == {
        AT_005: WHOLE
    }


def test_the_forms_are_named_once_and_only_if_there_are_any():
    assert in_best_form("ehi", [WHOLE]) == "ehi"
    assert in_best_form("ehi", [CODES, WHOLE, CODES]) == "ehi in its best form (ehi+pq, ehi)"


def test_rows_with_one_of_several_settings_are_about_no_other():
    assert is_about("ehi+pq", "ehi+pq", "ehi")
    assert is_about("ehi ehi.branching=64", "ehi", "ehi ehi.branching=64")
    assert not is_about("ehi ehi.branching=64", "ehi", "ehi ehi.branching=1024")
