"""The pages of the project: their links lead somewhere, and their commands exist."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

import ehibench
from harness.cli import main

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
FOLDERS = ("docs", "results/reference", "reports/reference")
PAGES = [
    README,
    *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md")),
    *(page for folder in FOLDERS for page in sorted((ROOT / folder).glob("*.md"))),
]
FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", flags=re.MULTILINE | re.DOTALL)


def anchors(page: str) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(path: Path) -> list[str]:
    """Return the relative links of a page whose file or heading does not exist."""
    text = FENCED.sub("", path.read_text())
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        if "://" in link:
            continue
        if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
            broken.append(link)
    return broken


def commands(path: Path) -> list[str]:
    """Return the calls of ehibench in the code blocks of a page, one line each."""
    blocks = "".join(code for _, code in FENCED.findall(path.read_text()))
    return re.findall(r"^(?:- run: )?(ehibench .*)$", blocks.replace("\\\n", " "), re.MULTILINE)


CALLS = [pytest.param(call, id=f"{page.name}: {call}") for page in PAGES for call in commands(page)]


def test_the_readme_has_at_most_120_lines():
    assert len(README.read_text().splitlines()) <= 120


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_relative_link_leads_to_a_file_and_a_heading(path: Path):
    assert broken_links(path) == []


def test_a_missing_file_and_a_missing_heading_are_broken_links(tmp_path: Path):
    (tmp_path / "there.md").write_text("# What `it` is, in short\n\n```\n# no heading\n```\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[1](there.md#what-it-is-in-short) [2](there.md#no-heading) [3](gone.md) [4](#nowhere) "
        "[5](https://example.org/gone.md)"
    )
    assert broken_links(page) == ["there.md#no-heading", "gone.md", "#nowhere"]


@pytest.mark.parametrize("call", CALLS)
def test_every_command_and_option_in_the_docs_exists(call: str):
    _, *words = shlex.split(call, comments=True)
    command: click.Command | None = main
    while isinstance(command, click.Group):
        name = words.pop(0)
        command = command.get_command(click.Context(command), name)
        assert command is not None, f"ehibench has no command {name}"
    command.make_parser(click.Context(command)).parse_args(words)  # raises for unknown options


def test_the_map_of_rooms_has_every_folder():
    (block,) = (
        code
        for _, code in FENCED.findall((ROOT / "CONTRIBUTING.md").read_text())
        if "harness/" in code
    )
    listed = set(re.findall(r"^ +(\w+)/ ", block, re.MULTILINE))
    rooms = {
        path.parent.name
        for package in ("harness", "methods")
        for path in (ROOT / package).glob("*/__init__.py")
    }
    assert listed - {"presets"} == rooms


def test_the_site_has_no_broken_link_and_every_public_name(tmp_path: Path):
    pytest.importorskip("mkdocstrings")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "api" / "index.html").read_text()
    assert not [name for name in ehibench.__all__ if f'id="ehibench.{name}"' not in page]
