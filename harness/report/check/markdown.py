"""Write a check as Markdown, for the summary of a CI job."""

import re
from collections.abc import Iterable

from harness.regression.check import Check
from harness.regression.verdict import Outcome
from harness.report.check.lines import HEADERS, legend, origins, remarks, summary, verdict_lines

EMOJI = {0: "✅", 1: "❌", 2: "⚠️"}


def regression_markdown(check: Check) -> str:
    """Return a headline, a table of the verdicts with regressions in bold, and the remarks."""
    parts = [f"### {EMOJI[check.exit_code]} ehibench check: {_escape(summary(check))}"]
    if check.verdicts:
        rows = [_row(HEADERS), _row("---" for _ in HEADERS)]
        for line in verdict_lines(check):
            bold = line.verdict.outcome is Outcome.REGRESSED
            cells = (_escape(text) for text in line.texts)
            rows.append(_row(f"**{cell}**" if bold and cell else cell for cell in cells))
        parts += ["\n".join(rows), _escape(legend(check))]
    parts.append("\n".join(f"- {_escape(line)}" for line in [*remarks(check), *origins(check)]))
    return "\n\n".join(parts) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escape(text: str) -> str:
    """Return the text on one line, without anything that Markdown or HTML would interpret."""
    return re.sub(r"([\\`*_{}\[\]<>|#~])", r"\\\1", " ".join(text.split()))
