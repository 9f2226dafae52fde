"""Tables for the terminal in which nothing is cut, however narrow the terminal is."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from rich.text import Text


class TerminalTable(Table):
    """A table without lines, whose first `names` columns say what a row is about."""

    def __init__(self, names: int, caption: str = "", tight: bool = False) -> None:
        super().__init__(
            box=None,
            header_style="bold",
            pad_edge=False,
            padding=(0, 1),
            collapse_padding=tight,  # one space between columns instead of two
            caption=escape(caption) or None,
            caption_justify="left",
        )
        self.names = names

    @property
    def gap(self) -> int:
        """The number of spaces between two columns."""
        return 1 if self.collapse_padding else 2

    def add_headers(self, headers: Iterable[str], texts: Collection[str]) -> None:
        """Add a column for each header: `texts` may be wrapped between words, numbers never."""
        for header in headers:
            is_text = header in texts
            self.add_column(
                escape(header), justify="left" if is_text else "right", no_wrap=not is_text
            )


def print_table(console: Console, table: TerminalTable) -> None:
    """Print a table. One that is too wide becomes several, each with the names of the rows.

    Texts are wrapped between words. If the names and one column are still too wide, lines are
    wider than the terminal.
    """
    least, most = zip(*(_widths(column) for column in table.columns), strict=True)
    parts = list(_parts(least, console.width, table.names, table.gap))
    for number, positions in enumerate(parts):
        if number:
            console.print()
        room = console.width - table.gap * (len(positions) - 1)
        widths = _fit([least[i] for i in positions], [most[i] for i in positions], room)
        part = _part(table, positions, widths)
        if len(parts) == 1:
            part.caption = table.caption
        console.print(part, crop=False)
    if table.caption is not None and len(parts) > 1:
        console.print(Text.from_markup(str(table.caption)), style="table.caption")


def _widths(column: Column) -> tuple[int, int]:
    """Return the least width of a column, and the one in which nothing is wrapped."""
    texts = [Text.from_markup(str(cell)).plain for cell in (column.header, *column.cells)]
    most = max(map(cell_len, texts))
    if column.no_wrap:
        return most, most
    return max((cell_len(word) for text in texts for word in text.split()), default=0), most


def _parts(least: Sequence[int], width: int, names: int, gap: int) -> Iterator[list[int]]:
    """Yield the positions of the columns of each part."""
    repeated = list(range(names))
    part = list(repeated)
    for position in range(names, len(least)):
        columns = [*part, position]
        if sum(least[i] + gap for i in columns) - gap > width and len(part) > names:
            yield part
            columns = [*repeated, position]
        part = columns
    yield part


def _fit(least: Sequence[int], most: Sequence[int], room: int) -> list[int]:
    """Return the widths of columns. The widest are narrowed until all fit, if that is possible."""
    widths = list(most)
    while sum(widths) > room:
        narrowed = [i for i in range(len(widths)) if widths[i] > least[i]]
        if not narrowed:
            break
        widths[max(narrowed, key=widths.__getitem__)] -= 1
    return widths


def _part(table: TerminalTable, positions: Sequence[int], widths: Sequence[int]) -> TerminalTable:
    """Return a table of some columns, without the caption."""
    part = TerminalTable(table.names, tight=table.collapse_padding)
    # A width of its own lets rich make a table that is wider than the terminal.
    part.width = sum(widths) + part.gap * (len(widths) - 1)
    cells = []
    for position, width in zip(positions, widths, strict=True):
        column = table.columns[position]
        part.add_column(column.header, justify=column.justify, width=width, overflow="fold")
        cells.append(list(column.cells))
    for row, texts in zip(table.rows, zip(*cells, strict=True), strict=True):
        part.add_row(*texts, style=row.style)
    return part
