"""Fill in the parts of README.md that come from a report.

Run it as `python -m harness.report.paper.front_page README.md DIR`.

README.md marks each part with a pair of comments, such as `<!-- found: written by make report -->`
and `<!-- /found -->`. `found` is sentences of the report's verdicts.json, those for a front page of
the first dataset and the answers of the others, and the pictures that matter most; `table` is a
small copy of the first dataset's table.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.report.labels import CEILING
from harness.report.paper.picture import picture
from harness.report.paper.table import MARKS
from harness.report.rows.dataset_records import FIRST_DATASETS
from harness.store.quality import PARTS
from methods.errors import InputError

SUBJECT = "ehi"
RIVALS = ("ehi-frozen", "ivf+router", "ivf", "scann", "hnsw", "faiss-hnsw")
IN_TABLE = (SUBJECT, *RIVALS, CEILING)
"""The methods of the small table, as far as the report has them."""
PICTURES = {
    "visited": "difference from exact search, by documents visited",
    "latency": "difference from exact search, by time per query",
    "macs": "difference from exact search, by multiply-adds",
    "visited-to-reach": "documents visited to reach nearly the quality of exact search",
}
"""What the pictures show, by the names of figures, in order; a report may lack some."""
BRIEFLY = ("visited", "latency")
"""The pictures of all datasets but the first."""
WITHOUT_MARKS = str.maketrans("", "", "".join(MARKS.values()))
Grid = Mapping[str, Mapping[str, str]]
"""The cells of a report's table in Markdown, by method and budget; a budget's highest is bold."""


def fill_in(readme: str, report: Path, link: str, datasets: Sequence[str]) -> str:
    """Return the text of README.md with every part filled in from a report.

    Args:
        readme: The text, with the comments of each part on lines of their own.
        report: The folder of the report.
        link: The path of that folder relative to README.md.
        datasets: The datasets to write about, by the names of their tables and figures; those
            after the first only if the report has them.

    Raises:
        InputError: If the README does not have each part exactly once, or the report lacks the
            first dataset.
    """
    stated = _sentences(report / "verdicts.json")
    first, *others = datasets
    if first not in stated:
        raise InputError(f"{report} has nothing on {first}; report a run of it")
    others = [dataset for dataset in others if dataset in stated]
    measure, visited = read_table(report / "tables" / f"{first}.md")
    sentences = [*stated[first]["front_page"], *(s for d in others for s in stated[d]["answer"])]
    pictures = _pictures(report, link, first, tuple(PICTURES))
    pictures += [line for dataset in others for line in _pictures(report, link, dataset, BRIEFLY)]
    parts = {
        "found": "\n".join([*(f"- {each}" for each in sentences), "", *pictures]),
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

    A row about a part of the queries is a method of its own, such as "ehi, seen".
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
    }


def _sentences(path: Path) -> dict[str, Mapping[str, Sequence[str]]]:
    """Return each dataset's sentences, by what they answer."""
    written = json.loads(path.read_text(encoding="utf-8"))
    return {each["dataset"]: each["sentences"] for each in written["datasets"]}


def _pictures(report: Path, link: str, dataset: str, names: Sequence[str]) -> list[str]:
    """Return the pictures of these names, as far as the report has them."""
    return [
        picture(f"{link}/figures/{dataset}-{name}", f"{dataset}: {PICTURES[name]}")
        for name in names
        if (report / "figures" / f"{dataset}-{name}-wide.png").is_file()
        # Cells whose budget is not time are timed only briefly.
        and (name != "latency" or (report / "tables" / f"{dataset}-latency.md").is_file())
    ]


def _small_table(grid: Grid, measure: str) -> str:
    """Return the table of all queries, and at the smallest budget of the seen and unseen ones."""
    budgets = list(grid[SUBJECT])
    parts = [part for part in PARTS if f"{SUBJECT}, {part}" in grid]
    heads = [f"{measure} at {budget}" for budget in budgets]
    heads[1:1] = [f"{part} at {budgets[0]}" for part in parts]
    rows = []
    for method in IN_TABLE:
        if method in grid:
            first, *others = grid[method].values()
            of_parts = [grid[f"{method}, {part}"][budgets[0]] for part in parts]
            rows.append([method, first, *of_parts, *others])
    lines = [["method", *heads], ["---", *("---:" for _ in heads)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main(readme: Path, report: Path) -> None:
    """Fill in the README, which is in the report's folder or in one above it."""
    link = report.resolve().relative_to(readme.resolve().parent).as_posix()
    text = readme.read_text(encoding="utf-8")
    readme.write_text(fill_in(text, report, link, FIRST_DATASETS), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
