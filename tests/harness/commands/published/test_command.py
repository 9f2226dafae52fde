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
    shown = CliRunner().invoke(main, ["published", *words])
    assert shown.exit_code == 0, shown.output
    return shown.output


def test_the_rows_are_listed_with_their_values_and_commands():
    text = " ".join(published().split())
    assert "EHI, irds:msmarco-passage, RR@10: +1.45 % (abstract: arXiv 2310.08891 v2" in text
    assert "EHI, beir:nq320k, R@10: .890 (quoted, weak: a public" in text
    assert "ehibench run --preset paper-nq320k" in text


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


def test_a_folder_without_rows_is_refused(tmp_path: Path):
    for folder in (tmp_path, tmp_path / "missing"):
        shown = CliRunner().invoke(main, ["published", "--folder", str(folder)])
        assert shown.exit_code == 2
        assert f"--folder {folder}: it has no TOML files with rows" in shown.output
