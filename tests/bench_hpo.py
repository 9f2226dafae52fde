"""EHI against IVF on hpo, preset quick: `make bench`. Minutes, so not in `make test`.

Targets are those of a prototype of the method on the same data under the same rule: 60
epochs of encoder updates for every method, the effort chosen on dev queries, seed 0.
"""

import json

import pytest
from click.testing import CliRunner

from harness.cli import main

# budget: (nDCG@10, R@100) to reach with 128 leaves
TARGETS = {
    0.009: (0.627, 0.757),
    0.017: (0.690, 0.848),
    0.033: (0.717, 0.893),
    0.064: (0.731, 0.918),
    0.126: (0.744, 0.935),
}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, float | None], dict]:
    folder = tmp_path_factory.mktemp("bench") / "run"
    budgets = ",".join(map(str, TARGETS))
    words = ["run", "--methods", "ehi,ivf,exact", "--budget", budgets, "--out", str(folder)]
    done = CliRunner().invoke(main, [*words, "--preset", "quick", "--device", "cpu"])
    print(done.output)
    assert done.exit_code == 0, done.output
    shown = CliRunner().invoke(main, ["show", str(folder), "--json"])
    return {(row["method"], row["budget"]): row for row in json.loads(shown.output)}


@pytest.mark.parametrize("budget", TARGETS)
def test_ehi_reaches_the_target(records: dict, budget: float):
    metrics = records["ehi", budget]["metrics"]
    ndcg, recall = TARGETS[budget]
    assert metrics["nDCG@10"] >= ndcg
    assert metrics["R@100"] >= recall


@pytest.mark.parametrize("budget", TARGETS)
def test_ehi_is_ahead_of_ivf_with_as_many_lists(records: dict, budget: float):
    ehi, ivf = records["ehi", budget], records["ivf", budget]
    assert ehi["visited"] <= ivf["visited"] * 1.05
    assert ehi["metrics"]["nDCG@10"] > ivf["metrics"]["nDCG@10"]
    assert ehi["metrics_unseen"]["nDCG@10"] > ivf["metrics_unseen"]["nDCG@10"]


def test_every_encoder_saw_the_same_updates(records: dict):
    assert {row["training"]["encoder_updates"] for row in records.values()} == {60 * 60}
