"""A table in LaTeX, with the rules of booktabs."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from harness.report.typeset import Cell, Column, Table

SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
    "†": r"\textsuperscript{\textdagger}",
    "‡": r"\textsuperscript{\textdaggerdbl}",
    "≤": r"$\leq$",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}
LAST_IN_T1 = 0x17F
PREAMBLE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{booktabs}
\usepackage{graphicx}
\usepackage[margin=2cm]{geometry}
\begin{document}
"""


def to_latex(table: Table) -> str:
    r"""Return a table float that \input takes; the packages are booktabs, graphicx and fontenc."""
    form = "".join("r" if column.numeric else "l" for column in table.columns)
    body = ["\n".join(_row(row) for row in section) for section in table.sections]
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering\small",
            rf"\caption{{{_title(table)}}}",
            rf"\label{{tab:{re.sub(r'[^A-Za-z0-9-]+', '-', table.name)}}}",
            r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
            rf"\begin{{tabular}}{{@{{}}{form}@{{}}}}",
            r"\toprule",
            *_heads(table.columns),
            r"\midrule",
            "\n\\midrule\n".join(body),
            r"\bottomrule",
            r"\end{tabular}}",
            r"\end{table}",
            "",
        ]
    )


def document(tables: list[Table]) -> str:
    """Return a document of the tables that pdflatex compiles as it is."""
    return PREAMBLE + "\n".join(map(to_latex, tables)) + "\\end{document}\n"


def _title(table: Table) -> str:
    return f"{escaped(table.title)}. {escaped(table.caption)}"


def _heads(columns: Sequence[Column]) -> list[str]:
    """Return the line of the groups with the rules below them, if there are any, and the heads."""
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


def _row(row: Sequence[Cell]) -> str:
    return _line(map(_cell, row))


def _cell(cell: Cell) -> str:
    value = escaped(cell.value)
    value = rf"\texttt{{{value}}}" if cell.code else value
    value = rf"\textbf{{{value}}}" if cell.bold else value
    spread = rf"\,{{\scriptsize$\pm$\,{cell.spread}}}" if cell.spread else ""
    mark = rf"\rlap{{{escaped(cell.mark)}}}" if cell.mark else ""  # numbers stay below each other
    return value + spread + mark


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"


def escaped(text: str) -> str:
    """Return text that TeX prints as it is. What the T1 fonts lack becomes a question mark."""
    return "".join(SPECIAL.get(character) or _plain(character) for character in text)


def _plain(character: str) -> str:
    if not character.isprintable():
        return " "
    return character if ord(character) < LAST_IN_T1 else "?"
