from pathlib import Path

import pytest

from harness.report.rows.published import read_published
from methods.errors import InputError

NUMBER = """
[[number]]
system = "S"
dataset = "hpo"
measure = "R@10"
value = 0.5
tolerance = 0.01
read = "abstract"
source = "v1"
settings = { "encoder.name" = "minilm" }
command = "ehibench run"
"""
CLAIM = """
[[claim]]
system = "S"
dataset = "hpo"
measure = "RR@10"
gain = 0.05
method = "ehi"
rivals = ["ivf", "hnsw"]
read = "quoted"
confidence = "weak"
source = "a review"
command = "ehibench run"
"""


def write(folder: Path, text: str) -> Path:
    (folder / "p.toml").write_text(text)
    return folder


def test_a_number_has_its_source_and_the_command_that_reproduces_it(tmp_path: Path):
    (file,) = read_published(write(tmp_path, NUMBER))
    number = file.numbers["p.toml, number 1"]
    assert (number.system, number.source, number.value) == ("S", "v1", 0.5)
    assert (number.read, number.confidence, number.command) == (
        "abstract",
        "sourced",
        "ehibench run",
    )
    assert number.settings == {"encoder.name": "minilm"}


def test_a_claim_names_the_methods_that_it_is_about(tmp_path: Path):
    (file,) = read_published(write(tmp_path, NUMBER + CLAIM))
    claim = file.claims["p.toml, claim 1"]
    assert (claim.method, claim.rivals, claim.confidence) == ("ehi", ("ivf", "hnsw"), "weak")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (NUMBER.replace('source = "v1"\n', ""), "number 1: .*source"),
        (NUMBER.replace("settings", "colour = 1\nsettings"), "number 1: .*colour"),
        (NUMBER.replace("0.5", '"a half"'), "number 1: .*value"),
        (NUMBER.replace('"abstract"', '"recalled"'), r"number 1: .*read.*the fields are"),
        (NUMBER + CLAIM.replace('method = "ehi"\n', ""), "claim 1: .*method"),
        (NUMBER.replace("[[number]]", "[[figure]]"), r"unknown block \[\[figure\]\]"),
        (NUMBER.replace("= 0.5", "="), r"cannot read .*p\.toml"),
    ],
)
def test_an_invalid_file_is_named(tmp_path: Path, text: str, message: str):
    with pytest.raises(InputError, match=message):
        read_published(write(tmp_path, text))


def test_figures_without_a_measure_and_machine_written_summaries_are_left_out():
    """A review names 39 % and 96 % without saying of what."""
    numbers = [number for file in read_published() for number in file.numbers.values()]
    own = {(n.dataset, n.measure): n for n in numbers if n.system == "EHI"}
    assert ("irds:msmarco-passage", "nDCG@10") not in own
    assert ("beir:nq320k", "R@100") not in own
    assert {number.confidence for number in own.values()} == {"weak"}
    assert not any(number.read == "paper" for number in own.values())
