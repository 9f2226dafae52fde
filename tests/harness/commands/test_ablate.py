"""`ehibench ablate` from end to end."""

import csv
import io
from pathlib import Path

import pytest

from harness.store.ablations import read_ablations
from harness.store.run_folder import RunFolder
from tests.harness.bench import Bench

WORDS = ("--arms", "no-smoothing,spilled-1,frozen", "--budget", "0.5,0.8")
TREE = ("--set", "ehi.branching=8")


def test_the_arms_are_a_table_or_csv(bench: Bench):
    done = bench("ablate", *TREE, *WORDS, "--seed", "0,1")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    (header,) = (line for line in lines if line.startswith("arm "))
    assert header.split()[:5] == ["arm", "budget", "nDCG@10", "seen", "unseen"]
    for arm in ("full", "no-smoothing", "spilled-1", "frozen"):
        assert sum(line.startswith(arm) for line in lines) == 1
    assert "Holm-corrected for 6 comparisons" in " ".join(done.output.split())
    assert len(bench.records()) == 4 * 2 * 2
    attempts = len(list(Path("run").glob("cells/*/*")))
    again = bench("ablate", *TREE, *WORDS, "--seed", "0,1", "--csv")
    assert again.exit_code == 0 and len(list(Path("run").glob("cells/*/*"))) == attempts
    text = again.output[again.output.index("arm,") :]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert all(0 <= float(row["seen"]) <= 1 and 0 <= float(row["unseen"]) <= 1 for row in rows)
    assert len(rows) == 8 and {row["seeds"] for row in rows} == {"0 1"}


def test_the_run_folder_records_the_cells_of_each_arm(bench: Bench):
    words = [*TREE, "--budget", "0.5"]
    assert bench("ablate", *words, "--arms", "no-balance").exit_code == 0
    assert bench("ablate", *words, "--arms", "random-start").exit_code == 0
    (ablation,) = read_ablations(RunFolder(Path("run")))
    assert list(ablation.arms) == ["full", "no-balance", "random-start"]
    weights = {r.cell: r.settings["ehi"]["balance_weight"] for r in bench.records()}
    assert [weights[cell] for cell in ablation.arms["no-balance"]] == [0]


def test_a_failed_arm_is_named_and_the_others_are_in_the_table(bench: Bench):
    done = bench("ablate", *TREE, "--arms", "spilled-3", "--budget", "0.2,0.8")
    assert done.exit_code == 2
    assert "Error: spilled-3: ehi at 20 %: failed: budget 0.2 is small" in done.output
    (line,) = (line for line in done.output.splitlines() if line.startswith("spilled-3"))
    assert line.split()[1:3] == ["80", "%"]


def test_a_dry_run_lists_the_arms_and_writes_nothing(bench: Bench):
    done = bench("ablate", *TREE, "--dry-run")
    assert done.exit_code == 0 and not Path("run").exists()
    first_words = [line.split()[0] for line in done.output.splitlines()]
    arms = first_words[first_words.index("arm") + 1 :]
    assert arms[0] == "full" and {"margin", "frozen", "height-3", "leaves-64"} <= set(arms)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--arms", "margins"], "did you mean 'margin'?"),
        (["--arms", ","], "--arms is empty"),
        (["--budget", "2"], "outside (0, 1]"),
    ],
)
def test_bad_input_is_one_line(bench: Bench, words: list[str], message: str):
    done = bench("ablate", *TREE, *words)
    assert done.exit_code == 2 and "Traceback" not in done.output
    (error,) = (line for line in done.output.splitlines() if line.startswith("Error: "))
    assert message in error
