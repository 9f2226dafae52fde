from xml.etree import ElementTree

from harness.regression.check import Check
from harness.report.check.junit import to_junit


def test_counts_match_the_test_cases(checked: Check):
    root = ElementTree.fromstring(to_junit(checked))
    (suite,) = root
    counts = {"tests": "6", "failures": "1", "errors": "2", "skipped": "1"}
    assert root.tag == "testsuites" and counts.items() <= root.attrib.items()
    assert suite.tag == "testsuite" and counts.items() <= suite.attrib.items()
    assert [case.tag for case in suite] == ["testcase"] * 6


def test_every_verdict_and_every_obstacle_is_a_test_case(checked: Check):
    (suite,) = ElementTree.fromstring(to_junit(checked))
    children = {
        (case.get("classname"), case.get("name")): [child.tag for child in case] for case in suite
    }
    assert children == {
        ("ehibench.quality", "ehi at 5 %"): ["system-out"],
        ("ehibench.quality", "ivf at 5 %"): ["system-out"],
        ("ehibench.speed", "ehi at 5 %"): ["failure"],
        ("ehibench.speed", "ivf at 5 %"): ["skipped"],
        ("ehibench.comparable", "exact, seed 0"): ["error"],
        ("ehibench.comparable", "bm25, seed 0"): ["error"],
    }


def test_a_failure_says_by_how_much(checked: Check):
    (failure,) = ElementTree.fromstring(to_junit(checked)).iter("failure")
    assert failure.get("message") == (
        "ms, verdict regressed, baseline 0.100, candidate 0.200, change +100.0 %, corrected p<.001"
    )


def test_an_error_says_why_without_characters_that_xml_forbids(checked: Check):
    root = ElementTree.fromstring(to_junit(checked))
    assert [error.get("message") for error in root.iter("error")] == [
        "not measured in run",
        "failed: killed by  [31mSIGKILL",
    ]
