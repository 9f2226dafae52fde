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
command = "ehibench run"
"""


def write(folder: Path, text: str) -> Path:
    (folder / "p.toml").write_text(text)
    return folder


def test_a_number_has_its_source_and_the_command_that_reproduces_it(tmp_path: Path):
    (number,) = read_published(write(tmp_path, NUMBER))
    assert (number.system, number.source, number.value) == ("S", "v1", 0.5)
    assert (number.read, number.kind, number.command) == ("abstract", "value", "ehibench run")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (NUMBER.replace('source = "v1"\n', ""), "number 1: .*source"),
        (NUMBER + "colour = 1\n", "number 1: .*colour"),
        (
            NUMBER.replace('"abstract"', '"recalled"'),
            "number 1: read must be one of paper, abstract, .*not 'recalled'",
        ),
        (NUMBER.replace("= 0.5", "="), r"cannot read .*p\.toml"),
    ],
)
def test_an_invalid_file_is_named(tmp_path: Path, text: str, message: str):
    with pytest.raises(InputError, match=message):
        read_published(write(tmp_path, text))


def test_every_published_number_in_results_has_a_source_and_a_command():
    numbers = read_published()
    assert len(numbers) > 20
    for number in numbers:
        assert number.source and number.command.startswith("ehibench run "), number
        assert not (number.system == "EHI" and number.read == "paper"), number
