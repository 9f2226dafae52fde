"""Fill in the part of README.md that comes from a report.

Run it as `python -m harness.report.paper.front_page README.md DIR`.

What a front page says was found is what the report of the reference run says, word for word:
the sentences of who leads and who loses, and not those that go through every method.
"""

import re
import sys
from pathlib import Path

BEGIN, END = "<!-- found: written by make report -->", "<!-- /found -->"
IN_FULL = ("Documents visited", "Multiply-adds", "At ", "Note")
"""How the sentences begin that are for the whole report."""
PICTURES = {
    "latency": "quality against latency",
    "macs": "quality against multiply-adds",
}


def with_found(readme: str, report: Path, link: str, dataset: str) -> str:
    """Return the README's text with the pictures, table and sentences of a report in its place.

    Args:
        readme: Its text, with BEGIN and END on lines of their own.
        report: The folder of the report.
        link: The same folder as README.md sees it.
        dataset: The heading of its sentences in headline.md, and its files' name.
    """
    pictures = [
        f"![{dataset}: {words}]({link}/figures/{dataset}-{name}.png)"
        for name, words in PICTURES.items()
    ]
    table = (report / "tables" / f"{dataset}.md").read_text(encoding="utf-8").strip()
    headline = (report / "headline.md").read_text(encoding="utf-8")
    of_dataset = re.search(
        rf"^## {re.escape(dataset)}\n\n(.*?)\n*(?=^## |\Z)", headline, re.M | re.S
    )
    assert of_dataset is not None, f"{report}/headline.md says nothing of {dataset}"
    sentences = [
        line
        for line in of_dataset[1].splitlines()
        if not line.removeprefix("- ").startswith(IN_FULL)
    ]
    found = "\n\n".join([*pictures, "\n".join(sentences), table])
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{found}\n\n{END}{after}"


def main(readme: Path, report: Path, dataset: str = "hpo") -> None:
    """Fill the README beside the report."""
    link = report.resolve().relative_to(readme.resolve().parent).as_posix()
    text = readme.read_text(encoding="utf-8")
    readme.write_text(with_found(text, report, link, dataset), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
