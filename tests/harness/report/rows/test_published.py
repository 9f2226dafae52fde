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


def written(folder: Path, text: str) -> Path:
    (folder / "p.toml").write_text(text)
    return folder


def test_a_number_has_its_source_and_the_command_that_makes_it(tmp_path: Path):
    (number,) = read_published(written(tmp_path, NUMBER))
    assert (number.system, number.source, number.value) == ("S", "v1", 0.5)
    assert (number.read, number.kind, number.command) == ("abstract", "value", "ehibench run")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (NUMBER.replace('source = "v1"\n', ""), "number 1: .*source"),
        (NUMBER + "colour = 1\n", "number 1: .*colour"),
        (NUMBER.replace('"abstract"', '"recalled"'), "read is one of paper, abstract"),
        (NUMBER.replace("= 0.5", "="), r"p\.toml cannot be read"),
    ],
)
def test_a_file_that_is_wrong_is_named(tmp_path: Path, text: str, message: str):
    with pytest.raises(InputError, match=message):
        read_published(written(tmp_path, text))


def test_what_is_published_here_has_a_source_and_nothing_is_recalled():
    numbers = read_published()
    assert len(numbers) > 20
    for number in numbers:
        assert number.source and number.command.startswith("ehibench run "), number
        assert not (number.system == "EHI" and number.read == "paper"), number
