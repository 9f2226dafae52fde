"""A table as data, and its Markdown and CSV; paper/latex.py typesets it."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.report.numbers import short


@dataclass(frozen=True)
class Column:
    """A column: its head, and the group whose head stands above it and its neighbours.

    What is `aside` is long, and stands below its row where a form can do that.
    """

    head: str
    group: str = ""
    numeric: bool = True
    aside: bool = False

    @property
    def name(self) -> str:
        """The head with its group, for a form that has one line of heads."""
        return f"{self.group} {self.head}".strip()


@dataclass(frozen=True)
class Entry:
    """Words, or a number with its deviation over seeds. `mark` is a superscript.

    A number with words is shown as these: a share as per cent, say.
    """

    text: str = ""
    number: float | None = None
    deviation: float | None = None
    bold: bool = False
    mark: str = ""
    code: bool = False

    @property
    def value(self) -> str:
        """What is shown, without the deviation."""
        if self.text or self.number is None:
            return self.text
        return short(self.number)

    @property
    def spread(self) -> str:
        """The deviation as it is shown, or nothing."""
        return "" if self.deviation is None else short(self.deviation)


@dataclass(frozen=True)
class Table:
    """A table with its caption. Rows come in sections, which a rule parts."""

    name: str
    title: str
    caption: str
    columns: Sequence[Column]
    sections: Sequence[Sequence[Sequence[Entry]]]

    @property
    def rows(self) -> list[Sequence[Entry]]:
        """The rows of all sections."""
        return [row for section in self.sections for row in section]


def to_markdown(table: Table) -> str:
    """Return the table in Markdown, its caption below it."""
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
    """Return the table's values in full, with columns for deviations and marks where there are.

    Bold is left out: it is the largest of its column.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    places = range(len(table.columns))
    deviates = [any(row[i].deviation is not None for row in table.rows) for i in places]
    marked = [any(row[i].mark for row in table.rows) for i in places]
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
    """Return text that Markdown shows as it is, within a cell."""
    for character in "\\`*_|<[":
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", " ")
