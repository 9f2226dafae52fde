"""A check as Markdown, for the summary of a CI job."""

import re
from collections.abc import Iterable

from harness.regression.check import Check
from harness.regression.verdict import Outcome
from harness.report.check.lines import HEADERS, legend, lines_of, origins, remarks, summary

SIGNS = {0: "✅", 1: "❌", 2: "⚠️"}


def regression_markdown(check: Check) -> str:
    """Return a headline, a table of the verdicts with regressions in bold, and the remarks."""
    parts = [f"### {SIGNS[check.exit_code]} ehibench check: {_plain(summary(check))}"]
    if check.verdicts:
        rows = [_row(HEADERS), _row("---" for _ in HEADERS)]
        for line in lines_of(check):
            bold = line.verdict.outcome is Outcome.REGRESSED
            cells = (_plain(cell) for cell in line.cells)
            rows.append(_row(f"**{cell}**" if bold and cell else cell for cell in cells))
        parts += ["\n".join(rows), _plain(legend(check))]
    parts.append("\n".join(f"- {_plain(line)}" for line in [*remarks(check), *origins(check)]))
    return "\n\n".join(parts) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Return the text with all that Markdown or HTML would read in it escaped."""
    return re.sub(r"([\\`*_{}\[\]<>|#~])", r"\\\1", " ".join(text.split()))
