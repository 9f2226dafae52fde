"""Write a check as JUnit XML: one test case per verdict, and one per cell without a counterpart."""

from xml.etree import ElementTree

from harness.regression.check import Check
from harness.regression.verdict import Outcome
from harness.report.check.lines import (
    HEADERS,
    VerdictLine,
    cell_title,
    legend,
    summary,
    verdict_lines,
)

CONTROL = dict.fromkeys(range(32), " ")
"""XML 1.0 cannot represent control characters."""


def to_junit(check: Check) -> str:
    """Return the XML.

    A regression is a failure, a cell that cannot be compared is an error, and a verdict that was
    not judged is skipped.
    """
    lines = verdict_lines(check)
    counts = {
        "tests": len(lines) + len(check.obstacles),
        "failures": sum(line.verdict.outcome is Outcome.REGRESSED for line in lines),
        "errors": len(check.obstacles),
        "skipped": sum(line.verdict.outcome is Outcome.UNJUDGED for line in lines),
    }
    attributes = {name: str(count) for name, count in counts.items()}
    root = ElementTree.Element("testsuites", {"name": "ehibench check", **attributes, "time": "0"})
    suite = ElementTree.SubElement(
        root, "testsuite", {"name": _legal(str(check.baseline.path)), **attributes, "time": "0"}
    )
    for line in lines:
        case = _add_case(suite, f"ehibench.{line.verdict.kind}", line.title)
        text = _sentence(line)
        if line.verdict.outcome is Outcome.REGRESSED:
            failure = ElementTree.SubElement(
                case, "failure", {"message": _legal(text), "type": "regression"}
            )
            failure.text = _legal(f"{text}\n{legend(check)}")
        elif line.verdict.outcome is Outcome.UNJUDGED:
            ElementTree.SubElement(case, "skipped", {"message": _legal(line.verdict.note)})
        else:
            ElementTree.SubElement(case, "system-out").text = _legal(text)
    for obstacle in check.obstacles:
        case = _add_case(suite, "ehibench.comparable", cell_title(obstacle.record))
        error = ElementTree.SubElement(
            case, "error", {"message": _legal(obstacle.reason), "type": "comparison"}
        )
        error.text = _legal(summary(check))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_case(suite: ElementTree.Element, kind: str, title: str) -> ElementTree.Element:
    return ElementTree.SubElement(
        suite, "testcase", {"classname": kind, "name": _legal(title), "time": "0"}
    )


def _sentence(line: VerdictLine) -> str:
    """Return what is judged, the texts from the verdict on with their headers, and the note."""
    values = (f"{header} {text}" for header, text in zip(HEADERS[4:], line.texts[4:], strict=True))
    return ", ".join([line.texts[0], *values, *filter(None, [line.verdict.note])])


def _legal(text: str) -> str:
    return text.translate(CONTROL | {9: "\t", 10: "\n"})
