from harness.report.findings.detectable import detectable_sentence, what_tests_find


def test_one_test_finds_one_difference_and_several_find_a_range():
    assert what_tests_find([0.0131]) == "the test finds .013 in 80 % of all cases"
    assert what_tests_find([0.014, 0.008, 0.01]) == (
        "the tests find .008 to .014 in 80 % of all cases"
    )
    assert what_tests_find([0.0081, 0.0079]) == "the tests find .008 in 80 % of all cases"


def test_a_test_that_would_need_a_difference_of_one_finds_nothing():
    assert what_tests_find([0.008, 1.2]) == (
        "the tests find .008 in 80 % of all cases, and nothing where seeds differ too much"
    )
    assert what_tests_find([1.2]) == "seeds differ too much for a test to find any difference"


def test_the_clause_can_be_a_sentence_of_its_own():
    assert detectable_sentence([0.01]) == " The test finds .010 in 80 % of all cases."
