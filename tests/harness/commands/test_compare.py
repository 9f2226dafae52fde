"""`ehibench compare` on made-up records of two runs."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.store.record import Details
from harness.store.run_folder import RunFolder
from tests.harness.store.fake_records import make_record

QUERIES = [f"q{i}" for i in range(100)]
EASE = np.linspace(0.2, 0.8, 100)


def write_run(path: Path, **above: float) -> Path:
    """Write a run at a tenth of the documents; nDCG@10 is `above` the ease of every query.

    The seen queries, and only they, have twice that difference.
    """
    folder = RunFolder(path)
    for method, difference in above.items():
        noise = 0.02 * np.random.default_rng(len(method)).normal(size=100)
        values = {"nDCG@10": EASE + difference + noise}
        record = make_record(
            method,
            0.1,
            dataset="hpo",
            metrics={"nDCG@10": float(values["nDCG@10"].mean())},
            metrics_seen={"nDCG@10": 0.5 + 2 * difference},
            metrics_unseen={"nDCG@10": 0.5},
            queries_seen=50,
            queries_unseen=50,
        )
        folder.add(record, Details(values, QUERIES, [False] * 100, {"q0": {"d0": 1.0}}))
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("compare")
    return write_run(folder / "a", ehi=0.1, ivf=0.0), write_run(folder / "b", hnsw=0.05)


def compare(*words: object) -> Result:
    return CliRunner().invoke(main, ["compare", *map(str, words)])


def test_methods_of_two_runs_are_tested_against_two_baselines(runs: tuple[Path, Path]):
    shown = compare(*runs, "--against", "ivf,hnsw")
    assert shown.exit_code == 0, shown.output
    lines = [line.split() for line in shown.output.splitlines() if "10 %" in line]
    assert sorted((line[0], line[3], line[-1]) for line in lines) == [
        ("ehi", "hnsw", "better"),
        ("ehi", "ivf", "better"),
        ("hnsw", "ivf", "better"),
    ]
    words = " ".join(shown.output.split())
    assert "Holm-corrected for 3 comparisons" in words
    assert "difference seen unseen corrected" in words
    assert "Not tested: the differences of the seen queries, which have" in words


def test_json_has_the_smallest_difference_that_the_data_could_show(runs: tuple[Path, Path]):
    (found,) = json.loads(compare(runs[0], "--json").output)
    assert (found["method"], found["against"], found["verdict"]) == ("ehi", "ivf", "better")
    assert 0.09 < found["difference"] < 0.11
    assert 0 < found["detectable"] < 0.02  # a noise of about .03 over 100 queries
    assert (found["seen"], found["unseen"]) == (pytest.approx(0.2), 0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--against", "scann"], "'scann' is not among the records shown"),
        (["--measure", "R@100"], "R@100"),
    ],
)
def test_what_was_not_measured_is_one_line(runs: tuple[Path, Path], words: list[str], message: str):
    shown = compare(runs[0], *words)
    assert shown.exit_code == 2
    assert message in shown.output and len(shown.output.splitlines()) == 1
