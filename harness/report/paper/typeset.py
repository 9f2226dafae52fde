"""A table as data, with its forms in Markdown and CSV; its LaTeX is in latex.py."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.measure.budget import BudgetKind
from harness.report.numbers import short


@dataclass(frozen=True)
class Column:
    """A column: its header, and the group that spans it and its neighbours, if any."""

    head: str
    group: str = ""
    numeric: bool = True
    aside: bool = False
    """Whether its texts are long, so that forms that can do so put them below the row."""

    @property
    def name(self) -> str:
        """The header with its group, for forms with a single header line."""
        return f"{self.group} {self.head}".strip()


@dataclass(frozen=True)
class Entry:
    """A cell of a table: a text, or a number with its deviation over seeds."""

    text: str = ""
    """If there is a number as well, this is how it is shown: a share in per cent, say."""
    number: float | None = None
    deviation: float | None = None
    bold: bool = False
    mark: str = ""
    """A superscript."""
    code: bool = False

    @property
    def value(self) -> str:
        """The text to show, without the deviation."""
        if self.text or self.number is None:
            return self.text
        return short(self.number)

    @property
    def spread(self) -> str:
        """The deviation as text; empty if there is none."""
        return "" if self.deviation is None else short(self.deviation)


@dataclass(frozen=True)
class Table:
    """A table with its caption. Its rows come in sections, separated by rules."""

    name: str
    title: str
    caption: str
    columns: Sequence[Column]
    sections: Sequence[Sequence[Sequence[Entry]]]
    kind: BudgetKind | None = None  # of its budgets; None if it is not about one kind
    measure: str | None = None  # if the whole table is about one; else the columns' groups name it

    @property
    def rows(self) -> list[Sequence[Entry]]:
        """The rows of all sections."""
        return [row for section in self.sections for row in section]


def to_markdown(table: Table) -> str:
    """Return the table in Markdown, with its title above and its caption below."""
    lines = [
        f"**{_escaped(table.title)}**",
        "",
        _line(_escaped(column.name) for column in table.columns),
        _line("---:" if column.numeric else "---" for column in table.columns),
        *(_line(map(_markdown_cell, row)) for row in table.rows),
        "",
        _escaped(table.caption),
        "",
    ]
    return "\n".join(lines)


def to_csv(table: Table) -> str:
    """Return the table as CSV, with numbers in full precision.

    A column with deviations or marks is followed by columns for them. Bold is left out, because
    it only marks the largest value of a column.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    indices = range(len(table.columns))
    deviates = [any(row[i].deviation is not None for row in table.rows) for i in indices]
    marked = [any(row[i].mark for row in table.rows) for i in indices]
    heads = []
    for column, has_deviation, has_mark in zip(table.columns, deviates, marked, strict=True):
        heads += [column.name, *([f"{column.name} deviation"] if has_deviation else [])]
        heads += [f"{column.name} mark"] if has_mark else []
    writer.writerow(heads)
    for row in table.rows:
        line: list[object] = []
        for cell, has_deviation, has_mark in zip(row, deviates, marked, strict=True):
            line += [cell.text if cell.number is None else cell.number]
            line += [cell.deviation] if has_deviation else []
            line += [cell.mark] if has_mark else []
        writer.writerow(line)
    return text.getvalue()


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _markdown_cell(cell: Entry) -> str:
    value = f"`{cell.value}`".replace("|", "\\|") if cell.code else _escaped(cell.value)
    value = f"**{value}**" if cell.bold else value
    return value + (f" ± {cell.spread}" if cell.spread else "") + cell.mark


def _escaped(text: str) -> str:
    """Return text that Markdown shows unchanged within a cell."""
    for character in "\\`*_|<[":
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", " ")
