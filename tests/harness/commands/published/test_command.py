from pathlib import Path

from click.testing import CliRunner

from harness.cli import main

COMPLETE = """
[[number]]
system = "NCI"
dataset = "hpo"
measure = "R@10"
value = 0.5
tolerance = 0.01
read = "paper"
source = "table 2"
queries = 1928
command = "ehibench run"
"""


def published(*words: str) -> str:
    shown = CliRunner().invoke(main, ["published", *words], env={"COLUMNS": "250"})
    assert shown.exit_code == 0, shown.output
    return shown.output


def test_the_rows_are_listed_with_their_values_and_commands():
    lines = published().splitlines()
    assert any("+1.45%" in line and "--preset paper-msmarco" in line for line in lines)
    assert any(".890" in line and "quoted, weak" in line for line in lines)


def test_check_says_what_each_row_lacks_and_where_it_is(tmp_path: Path):
    (tmp_path / "mine.toml").write_text(COMPLETE)
    assert published("--check", "--folder", str(tmp_path)) == "1 rows, 0 lack something\n"
    (tmp_path / "mine.toml").write_text(COMPLETE.replace("queries = 1928\n", ""))
    first, second = published("--check", "--folder", str(tmp_path)).splitlines()
    assert first == "mine.toml, number 1 (NCI, hpo, R@10): the number of test queries is unknown"
    assert second == "1 rows, 1 lack something"


def test_an_invalid_file_ends_with_2_and_one_line(tmp_path: Path):
    (tmp_path / "mine.toml").write_text(COMPLETE.replace('source = "table 2"\n', ""))
    shown = CliRunner().invoke(main, ["published", "--check", "--folder", str(tmp_path)])
    assert shown.exit_code == 2
    assert shown.stderr.startswith("Error: mine.toml, number 1: ") and "source" in shown.stderr
