"""EHI against IVF and exact search on hpo, preset quick: `make bench`. Not part of `make test`.

Every method gets the same number of encoder updates, EHI has as many leaves as IVF has lists, and
efforts are found on dev queries. `EHIBENCH_SEEDS=0,1,2` replaces seed 0; targets are for means.
"""

import os
from collections.abc import Callable
from statistics import mean

import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.config import load_settings
from harness.store.record import Record
from harness.store.run_folder import RunFolder

SEEDS = os.environ.get("EHIBENCH_SEEDS", "0")
BUDGETS = (0.01, 0.02, 0.05, 0.1)
NDCG = {0.01: 0.725, 0.02: 0.745, 0.05: 0.755}
BATCHES_PER_EPOCH = 60
Measure = Callable[..., float]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    folder = tmp_path_factory.mktemp("bench") / "run"
    words = ["run", "--methods", "ehi,ivf,exact", "--budget", ",".join(map(str, BUDGETS))]
    words += ["--preset", "quick", "--device", "cpu", "--seed", SEEDS, "--out", str(folder)]
    words += ["--depth", "100"]  # for R@100
    done = CliRunner().invoke(main, words)
    print(f"\n{done.output}")
    assert done.exit_code == 0, done.output
    return RunFolder(folder).records()


@pytest.fixture(scope="module")
def measure(records: list[Record]) -> Measure:
    """Returns a function that returns the mean over seeds of a method's measure at a budget."""

    def measure(method: str, budget: float | None, name: str, over: str = "metrics") -> float:
        wanted = (method, budget)
        qualities = [
            record.measured.quality
            for record in records
            if (record.method, record.budget.limit) == wanted
        ]
        return mean(getattr(quality, over)[name] for quality in qualities)

    return measure


@pytest.mark.parametrize("budget", NDCG)
def test_ehi_reaches_the_target(measure: Measure, budget: float):
    assert measure("ehi", budget, "nDCG@10") >= NDCG[budget]


def test_ehi_finds_most_relevant_documents_at_two_per_cent(measure: Measure):
    assert measure("ehi", 0.02, "R@100") >= 0.92


def test_ehi_at_a_tenth_is_within_one_per_cent_of_exact_search(measure: Measure):
    exact = measure("exact", None, "nDCG@10")
    assert measure("ehi", 0.1, "nDCG@10") >= 0.99 * exact


@pytest.mark.parametrize("budget", BUDGETS)
def test_ehi_is_ahead_of_ivf_with_as_many_lists(measure: Measure, budget: float):
    assert measure("ehi", budget, "nDCG@10") > measure("ivf", budget, "nDCG@10")


@pytest.mark.parametrize("budget", BUDGETS)
def test_ehi_is_at_least_as_good_as_ivf_on_unseen_documents(measure: Measure, budget: float):
    ehi, ivf = (measure(name, budget, "nDCG@10", "metrics_unseen") for name in ("ehi", "ivf"))
    assert ehi >= ivf


def test_no_method_exceeds_its_budget(records: list[Record]):
    # The effort fits the dev queries; the test queries spend a little more or less.
    for record in records:
        limit = record.budget.limit
        assert limit is None or record.measured.spent <= 1.05 * limit


def test_every_encoder_gets_the_same_number_of_updates(records: list[Record]):
    trainings = [record.measured.training for record in records]
    epochs = load_settings("quick")["training"].epochs
    updates = {training and training.encoder_updates for training in trainings}
    assert updates == {epochs * BATCHES_PER_EPOCH}
