"""A check as JUnit XML: a test case a verdict, and one a cell that cannot be compared."""

from xml.etree import ElementTree

from harness.regression.check import Check
from harness.regression.verdict import Outcome
from harness.report.check.lines import HEADERS, Line, cell_title, legend, lines_of, summary

CONTROL = dict.fromkeys(range(32), " ")
"""What XML 1.0 has no way to write."""


def junit(check: Check) -> str:
    """Return the XML. A regression is a failure, an obstacle an error, no verdict a skip."""
    lines = lines_of(check)
    counts = {
        "tests": len(lines) + len(check.obstacles),
        "failures": sum(line.verdict.outcome is Outcome.REGRESSED for line in lines),
        "errors": len(check.obstacles),
        "skipped": sum(line.verdict.outcome is Outcome.UNJUDGED for line in lines),
    }
    attributes = {name: str(count) for name, count in counts.items()}
    root = ElementTree.Element("testsuites", {"name": "ehibench check", **attributes, "time": "0"})
    suite = ElementTree.SubElement(
        root, "testsuite", {"name": _legal(str(check.baseline.place)), **attributes, "time": "0"}
    )
    for line in lines:
        case = _case(suite, f"ehibench.{line.verdict.kind}", line.title)
        if line.verdict.outcome is Outcome.REGRESSED:
            failure = ElementTree.SubElement(
                case, "failure", {"message": _legal(_told(line)), "type": "regression"}
            )
            failure.text = _legal(f"{_told(line)}\n{legend(check)}")
        elif line.verdict.outcome is Outcome.UNJUDGED:
            ElementTree.SubElement(case, "skipped", {"message": _legal(line.verdict.note)})
        else:
            ElementTree.SubElement(case, "system-out").text = _legal(_told(line))
    for obstacle in check.obstacles:
        case = _case(suite, "ehibench.comparable", cell_title(obstacle.record))
        error = ElementTree.SubElement(
            case, "error", {"message": _legal(obstacle.reason), "type": "comparison"}
        )
        error.text = _legal(summary(check))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ElementTree.Element, kind: str, title: str) -> ElementTree.Element:
    return ElementTree.SubElement(
        suite, "testcase", {"classname": kind, "name": _legal(title), "time": "0"}
    )


def _told(line: Line) -> str:
    told = (f"{header} {cell}" for header, cell in zip(HEADERS[4:], line.cells[4:], strict=True))
    return ", ".join([line.cells[0], *told, *filter(None, [line.verdict.note])])


def _legal(text: str) -> str:
    return text.translate(CONTROL | {9: "\t", 10: "\n"})
