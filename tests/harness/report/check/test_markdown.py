from harness.regression.check import Check, Rules, check
from harness.report.check.markdown import regression_markdown
from tests.harness.regression.fake_measurements import make_measurements, record


def test_regressions_are_bold(checked: Check):
    rows = [line for line in regression_markdown(checked).splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 4 and {row.count("|") for row in rows} == {10}
    assert [row for row in rows if "**" in row] == [
        "| **ms** | **ehi** | **5 %** | **0** | **regressed** | **0.100** | **0.200** "
        "| **+100.0 %** | **p\\<.001** |"
    ]


def test_what_markdown_or_html_would_interpret_is_escaped(checked: Check):
    assert "is \\<Xeon \\| \\*8\\*\\>" in regression_markdown(checked)


def test_the_headline_shows_the_exit_code_as_an_emoji(checked: Check):
    assert regression_markdown(checked).startswith(
        "### ⚠️ ehibench check: cannot compare 2 cells of the baseline\n"
    )
    baseline = make_measurements([record("ehi")])
    slow = make_measurements([record("ehi", ms=0.2)])
    assert regression_markdown(check(baseline, baseline, Rules())).startswith("### ✅ ")
    assert regression_markdown(check(baseline, slow, Rules())).startswith("### ❌ ")


def test_without_a_verdict_there_is_no_table():
    nothing = check(make_measurements([record("ehi")]), make_measurements([]), Rules())
    text = regression_markdown(nothing)
    assert "|" not in text and "- ehi at 5 %, seed 0: not measured in run" in text
