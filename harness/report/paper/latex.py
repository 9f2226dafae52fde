"""Typeset tables in LaTeX, in the style of booktabs.

They need the packages booktabs, graphicx, longtable, and fontenc with the option T1.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from harness.report.paper.typeset import Column, Entry, Table

SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
    "†": r"\textsuperscript{\textdagger}",
    "‡": r"\textsuperscript{\textdaggerdbl}",
    "≈": r"\textsuperscript{$\approx$}",
    "≤": r"$\leq$",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}
LAST_IN_T1 = 0x17F
TEXT_WIDTH = 0.58
"""The share of a longtable's width for its columns of text; numbers take the rest."""
PREAMBLE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{booktabs}
\usepackage{graphicx}
\usepackage{longtable}
\usepackage[margin=2cm]{geometry}
\begin{document}
"""


def to_latex(table: Table) -> str:
    r"""Return a table for \input: a float, or a longtable if some columns go below their rows."""
    lines = _float(table) if _within(table) == list(table.columns) else _longtable(table)
    return "\n".join([*lines, ""])


def document(tables: list[Table]) -> str:
    """Return a complete document of the tables, ready for pdflatex."""
    return PREAMBLE + "\n".join(map(to_latex, tables)) + "\\end{document}\n"


def _float(table: Table) -> list[str]:
    form = "".join("r" if column.numeric else "l" for column in table.columns)
    return [
        r"\begin{table}",
        r"\centering\small",
        _caption(table),
        r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        rf"\begin{{tabular}}{{@{{}}{form}@{{}}}}",
        r"\toprule",
        *_heads(table.columns),
        r"\midrule",
        *_body([[_line(map(_cell, row)) for row in section] for section in table.sections]),
        r"\bottomrule",
        r"\end{tabular}}",
        r"\end{table}",
    ]


def _longtable(table: Table) -> list[str]:
    """Return a table that may span pages, with the long texts of a row below it."""
    within = _within(table)
    width = TEXT_WIDTH / sum(not column.numeric for column in within)
    form = "".join("r" if column.numeric else rf"p{{{width:.3f}\linewidth}}" for column in within)
    sections = []
    for section in table.sections:
        lines = []
        for row in section:
            pairs = list(zip(table.columns, row, strict=True))
            cells = [_paragraph(column, cell) for column, cell in pairs if not column.aside]
            aside = r" \newline ".join(_cell(cell) for column, cell in pairs if column.aside)
            lines += [
                _line(cells),
                rf"\multicolumn{{{len(within)}}}{{@{{}}p{{\linewidth}}@{{}}}}"
                rf"{{\raggedright {aside}}} \tabularnewline\addlinespace",
            ]
        sections.append(lines)
    return [
        r"\begingroup\scriptsize\setlength{\LTcapwidth}{\linewidth}",
        rf"\begin{{longtable}}{{@{{}}{form}@{{}}}}",
        rf"{_caption(table)} \tabularnewline",
        r"\toprule",
        *_heads(within),
        r"\midrule",
        r"\endhead",
        *_body(sections),
        r"\bottomrule",
        r"\end{longtable}",
        r"\endgroup",
    ]


def _within(table: Table) -> list[Column]:
    return [column for column in table.columns if not column.aside]


def _caption(table: Table) -> str:
    label = re.sub(r"[^A-Za-z0-9-]+", "-", table.name)
    text = f"{escaped(table.title)}. {escaped(table.caption)}"
    return rf"\caption{{{text}}}\label{{tab:{label}}}"


def _body(sections: Sequence[Sequence[str]]) -> list[str]:
    rows = ["\n".join(section) for section in sections]
    return ["\n\\midrule\n".join(rows)]


def _heads(columns: Sequence[Column]) -> list[str]:
    """Return the header lines: any groups with rules below them, then the columns' heads."""
    heads = [_line(escaped(column.head) for column in columns)]
    if not any(column.group for column in columns):
        return heads
    groups, rules, start = [], [], 1
    for group, members in groupby(columns, key=lambda column: column.group):
        end = start + len(list(members)) - 1
        groups.append(rf"\multicolumn{{{end - start + 1}}}{{c}}{{{escaped(group)}}}")
        rules += [rf"\cmidrule(lr){{{start}-{end}}}"] if group else []
        start = end + 1
    return [_line(groups), "".join(rules), *heads]


def _cell(cell: Entry) -> str:
    value = escaped(cell.value)
    if cell.code:  # TeX would turn two hyphens into a dash
        value = rf"\texttt{{{value.replace('--', '-{}-')}}}"
    value = rf"\textbf{{{value}}}" if cell.bold else value
    spread = rf"\,{{\scriptsize$\pm$\,{cell.spread}}}" if cell.spread else ""
    # A mark without width keeps the digits of a column aligned.
    mark = rf"\rlap{{{escaped(cell.mark)}}}" if cell.mark else ""
    return value + spread + mark


def _paragraph(column: Column, cell: Entry) -> str:
    return _cell(cell) if column.numeric else rf"\raggedright {_cell(cell)}"


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \tabularnewline"


def escaped(text: str) -> str:
    """Return text that TeX prints unchanged; what the T1 fonts lack becomes a question mark."""
    return "".join(SPECIAL.get(character) or _plain(character) for character in text)


def _plain(character: str) -> str:
    if not character.isprintable():
        return " "
    return character if ord(character) < LAST_IN_T1 else "?"
