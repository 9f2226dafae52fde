"""Fill in the parts of README.md that come from a report.

Run it as `python -m harness.report.paper.front_page README.md DIR`.

README.md marks each part with a pair of comments, such as `<!-- found: written by make report -->`
and `<!-- /found -->`. `found` is a picture and three sentences, `table` a table that fits a screen.
Every number is copied from the report's own tables, which the README links to.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from harness.report.labels import CEILING
from harness.report.paper.table import MARKS
from harness.store.quality import PARTS
from methods.errors import InputError

SUBJECT = "ehi"
RIVALS = ("ehi-frozen", "ivf+router", "ivf", "scann", "hnsw", "faiss-hnsw")
IN_TABLE = (SUBJECT, *RIVALS, CEILING)
"""The methods of the small table, as far as the report has them."""
IN_SENTENCE = ("ehi-frozen", "ivf+router", "ivf")
"""The methods that the first sentence compares with the subject at the smallest budget."""
PART_SUFFIXES = tuple(f", {part}" for part in PARTS)
"""What ends the name of a row that is about a part of the queries."""
WITHOUT_MARKS = str.maketrans("", "", "".join(MARKS.values()))
Grid = Mapping[str, Mapping[str, str]]
"""The cells of a report's table in Markdown, by method and budget; a budget's highest is bold."""


def fill_in(readme: str, report: Path, link: str, dataset: str) -> str:
    """Return the text of README.md with every part filled in from a report.

    Args:
        readme: The text, with the comments of each part on lines of their own.
        report: The folder of the report.
        link: The path of that folder relative to README.md.
        dataset: The dataset to write about, by the name of its tables and figures.

    Raises:
        InputError: If the README does not have each part exactly once.
    """
    measure, visited = read_table(report / "tables" / f"{dataset}.md")
    _, latency = read_table(report / "tables" / f"{dataset}-latency.md")
    picture = f"![{dataset}: quality against latency]({link}/figures/{dataset}-latency.png)"
    sentences = (
        _at_smallest_budget(visited, measure),
        f"Highest {measure} at equal shares of the documents visited: {_highest(visited)}.",
        f"Highest {measure} at equal time per query, one thread: {_highest(latency)}.",
    )
    parts = {
        "found": "\n".join([picture, "", *(f"- {sentence}" for sentence in sentences)]),
        "table": _small_table(visited, measure),
    }
    for name, text in parts.items():
        begin, end = f"<!-- {name}: written by make report -->", f"<!-- /{name} -->"
        if readme.count(begin) != 1 or readme.count(end) != 1:
            raise InputError(f"README.md must have {begin} and {end} exactly once")
        before, _, rest = readme.partition(begin)
        _, _, after = rest.partition(end)
        readme = f"{before}{begin}\n\n{text}\n\n{end}{after}"
    return readme


def read_table(path: Path) -> tuple[str, Grid]:
    """Return the first measure of a table of the report, and its cells by method and budget.

    Rows about a part of the queries are left out.
    """
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    heads, _, *rows = ([cell.strip() for cell in line[1:-1].split("|")] for line in lines)
    measure = heads[1].split()[0]
    budgets = [
        budget for name, _, budget in (head.partition(" ") for head in heads) if name == measure
    ]
    return measure, {
        method: dict(zip(budgets, (cell.translate(WITHOUT_MARKS) for cell in cells), strict=False))
        for method, *cells in rows
        if not method.endswith(PART_SUFFIXES)
    }


def _at_smallest_budget(grid: Grid, measure: str) -> str:
    budget = next(iter(grid[SUBJECT]))
    values = {method: re.sub(r"\*| ±.*", "", cells[budget]) for method, cells in grid.items()}
    others = ", ".join(f"{name} {values[name]}" for name in IN_SENTENCE if name in values)
    return (
        f"Visiting {budget} of the documents, {SUBJECT} has {measure} {values[SUBJECT]} ({others}; "
        f"{CEILING} search, which visits all, {values[CEILING]})."
    )


def _highest(grid: Grid) -> str:
    """Name the methods with the highest mean, each with the budgets at which they have it."""
    budgets: dict[str, list[str]] = {}
    for budget in grid[SUBJECT]:
        highest = [method for method, cells in grid.items() if cells[budget].startswith("**")]
        budgets.setdefault(" and ".join(highest), []).append(budget)
    return "; ".join(f"{methods} at {', '.join(at)}" for methods, at in budgets.items())


def _small_table(grid: Grid, measure: str) -> str:
    heads = [f"{measure} at {budget}" for budget in grid[SUBJECT]]
    rows = [[method, *grid[method].values()] for method in IN_TABLE if method in grid]
    lines = [["method", *heads], ["---", *("---:" for _ in heads)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main(readme: Path, report: Path, dataset: str = "hpo") -> None:
    """Fill in the README, which is in the report's folder or in one above it."""
    link = report.resolve().relative_to(readme.resolve().parent).as_posix()
    text = readme.read_text(encoding="utf-8")
    readme.write_text(fill_in(text, report, link, dataset), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
