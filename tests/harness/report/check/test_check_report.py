"""A check as its readers get it: Markdown for people, JUnit for machines."""

from xml.etree import ElementTree

import pytest

from harness.regression.check import Check, Rules, check
from harness.report.check.junit import junit
from harness.report.check.lines import remarks, summary
from harness.report.check.markdown import regression_markdown
from harness.store.record import Failure
from tests.harness.regression.fake_measurements import make_measurements, record

ELSEWHERE = {"processor": "<Xeon | *8*>"}


@pytest.fixture
def found() -> Check:
    """EHI slower, IVF on other hardware, exact search missing and bm25 crashed."""
    was = [record("ehi"), record("ivf"), record("exact", budget=None), record("bm25", budget=None)]
    crashed = record("bm25", budget=None, failure=Failure("SIGKILL", "killed by \x1b[31mSIGKILL"))
    now = [record("ehi", ms=0.2), record("ivf", origin=ELSEWHERE), crashed, record("hnsw")]
    return check(make_measurements(was), make_measurements(now), Rules())


def test_remarks_name_what_was_not_compared_and_why(found: Check):
    assert summary(found) == "cannot compare 2 cells of the baseline" and found.exit_code == 2
    assert remarks(found) == [
        "exact, seed 0: not measured in run",
        "bm25, seed 0: failed: killed by \x1b[31mSIGKILL",
        "quality: one seed: how far trainings lie apart is unknown",
        "speed of ivf at 5 % not judged: other hardware: processor was AMD EPYC and is "
        "<Xeon | *8*>",
        "not in the baseline: hnsw at 5 %, seed 0",
    ]


def test_markdown_shows_regressions_in_bold_and_escapes_what_it_would_read(found: Check):
    text = regression_markdown(found)
    assert text.startswith("### ⚠️ ehibench check: cannot compare 2 cells")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 4 and {row.count("|") for row in rows} == {10}
    assert [row for row in rows if "**" in row] == [
        "| **ms** | **ehi** | **5 %** | **0** | **regressed** | **0.100** | **0.200** "
        "| **+100.0 %** | **p<.001** |".replace("p<", "p\\<")
    ]
    assert "is \\<Xeon \\| \\*8\\*\\>" in text


def test_junit_counts_what_it_holds(found: Check):
    root = ElementTree.fromstring(junit(found))
    (suite,) = root
    counts = {"tests": "6", "failures": "1", "errors": "2", "skipped": "1"}
    assert root.tag == "testsuites" and counts.items() <= root.attrib.items()
    assert suite.tag == "testsuite" and counts.items() <= suite.attrib.items()
    assert {case.tag for case in suite} == {"testcase"}
    told = {
        (case.get("classname"), case.get("name")): [child.tag for child in case] for case in suite
    }
    assert told == {
        ("ehibench.quality", "ehi at 5 %"): ["system-out"],
        ("ehibench.quality", "ivf at 5 %"): ["system-out"],
        ("ehibench.speed", "ehi at 5 %"): ["failure"],
        ("ehibench.speed", "ivf at 5 %"): ["skipped"],
        ("ehibench.comparable", "exact, seed 0"): ["error"],
        ("ehibench.comparable", "bm25, seed 0"): ["error"],
    }


def test_a_failure_says_by_how_much_and_an_error_why(found: Check):
    root = ElementTree.fromstring(junit(found))
    (failure,) = root.iter("failure")
    assert failure.get("message") == (
        "ms, verdict regressed, baseline 0.100, candidate 0.200, change +100.0 %, corrected p<.001"
    )
    assert [error.get("message") for error in root.iter("error")] == [
        "not measured in run",
        "failed: killed by  [31mSIGKILL",  # XML has no way to write an escape
    ]
