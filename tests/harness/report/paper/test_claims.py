"""A claim of order, asked of made-up rows whose answers are known."""

from dataclasses import replace

import numpy as np
import pytest

from harness.measure.budget import BudgetKind
from harness.report.numbers import Spread
from harness.report.paper.claims import Finding, ask, verdict
from harness.report.paper.claims_table import claims_table
from harness.report.rows.dataset_records import DatasetRecords, gather
from harness.report.rows.published import Claim
from harness.report.rows.summary import Row
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import MadeUpRun, row

CLAIM = Claim(
    system="EHI",
    dataset="irds:msmarco-passage",
    measure="nDCG@10",
    gain=0.0145,
    method="ehi",
    rivals=("ivf", "hnsw"),
    read="abstract",
    source="v2",
    command="ehibench run --preset paper-msmarco",
)
NOISE = np.random.default_rng(0).normal(0, 0.02, 60)


def measured_row(
    method: str,
    mean: float,
    budget: float = 0.1,
    noise: float = 0.0,
    kind: BudgetKind = "visited",
    seeds: tuple[int, ...] = (0,),
) -> Row:
    """Return a row of 60 queries whose values scatter around the mean, the same for all seeds."""
    values = {f"q{i}": mean + noise * NOISE[i] for i in range(60)}
    metrics = {"nDCG@10": Spread(float(np.mean(list(values.values()))), None)}
    per_seed = dict.fromkeys(seeds, values)
    return row(method, budget, mean, kind, seeds=seeds, per_seed=per_seed, metrics=metrics)


@pytest.mark.parametrize(
    ("ehi", "ivf", "finding"),
    [
        (0.75, 0.70, Finding.SUPPORTED),
        (0.65, 0.70, Finding.WORSE),
        (0.7001, 0.70, Finding.UNKNOWN),  # 60 queries cannot show that
    ],
)
def test_a_claim_is_supported_contradicted_or_open(ehi: float, ivf: float, finding: Finding):
    rows = [measured_row("ehi", ehi, noise=1), measured_row("ivf", ivf)]
    (answer,) = ask(CLAIM, rows)
    assert answer.finding is finding
    low, high = answer.interval
    assert low < answer.difference < high
    assert answer.relative == pytest.approx(answer.difference / ivf)


def test_the_method_is_in_the_form_that_did_best_on_the_tuning_queries():
    forms = [measured_row("ehi", 0.65), measured_row("ehi+pq", 0.75, noise=1)]
    forms = [replace(row, tuned=tuned) for row, tuned in zip(forms, (0.6, 0.7), strict=True)]
    (answer,) = ask(CLAIM, [*forms, measured_row("ivf", 0.70)])
    assert (answer.method, answer.finding) == ("ehi+pq", Finding.SUPPORTED)


def test_a_rival_with_more_seeds_is_compared_over_those_of_the_method():
    rows = [measured_row("ehi", 0.75, noise=1), measured_row("ivf", 0.70)]
    (answer,) = ask(CLAIM, [*rows, measured_row("hnsw", 0.80, seeds=(0, 1))])
    assert (answer.rival, answer.finding) == ("hnsw", Finding.WORSE)


@pytest.mark.parametrize(("ivf", "finding"), [(0.7, Finding.UNKNOWN), (0.8, Finding.WORSE)])
def test_a_rival_without_the_seeds_of_the_method_leaves_a_claim_open(ivf: float, finding: Finding):
    rows = [measured_row("ehi", 0.75, noise=1), measured_row("ivf", ivf)]
    (answer,) = ask(CLAIM, [*rows, measured_row("hnsw", 0.80, seeds=(1,))])
    assert (answer.rival, answer.finding) == ("ivf", finding)


def test_being_ahead_of_one_rival_does_not_support_a_claim():
    rows = [measured_row("ehi", 0.75, noise=1), measured_row("ivf", 0.70)]
    (answer,) = ask(CLAIM, [*rows, measured_row("hnsw", 0.80)])
    assert (answer.rival, answer.finding) == ("hnsw", Finding.WORSE)


def test_a_rival_may_have_any_form_that_learns_nothing():
    rows = [measured_row("ehi", 0.75, noise=1), measured_row("ivf", 0.70)]
    (answer,) = ask(CLAIM, [*rows, measured_row("ivf+short", 0.80)])
    assert (answer.rival, answer.finding) == ("ivf+short", Finding.WORSE)
    (answer,) = ask(CLAIM, [*rows, measured_row("ivf+router", 0.80)])
    assert (answer.rival, answer.finding) == ("ivf", Finding.SUPPORTED)


def test_a_claim_is_asked_at_every_budget_on_cost_and_of_its_rivals_only():
    rows = [
        measured_row("ehi", 0.75, 0.1),
        measured_row("ivf", 0.70, 0.1),
        measured_row("scann", 0.80, 0.1),
        measured_row("ehi", 0.75, 0.2, kind="latency"),
        measured_row("hnsw", 0.70, 0.2, kind="latency"),
        measured_row("ehi", 0.75, 0.9, kind="ndcg"),
        measured_row("ivf", 0.75, 0.9, kind="ndcg"),
        measured_row("ehi", 0.75, 0.3),
    ]
    asked = {(answer.budget.kind, answer.rival) for answer in ask(CLAIM, rows)}
    assert asked == {("visited", "ivf"), ("latency", "hnsw")}


@pytest.fixture(scope="module")
def measured(made_up_run: MadeUpRun) -> DatasetRecords:
    return gather([RunFolder(made_up_run.path)])[0][0]


def test_the_verdict_counts_the_budgets_of_each_finding(measured: DatasetRecords):
    # At 1 % EHI has .50 against .34; at 5 and 10 % HNSW is ahead by .04.
    assert verdict(CLAIM, [measured]) == (
        "supported (1 of 3 budgets), contradicted: worse (2 of 3 budgets) on beir:made<up>"
    )


def test_without_the_method_or_a_rival_there_is_no_verdict(measured: DatasetRecords):
    alone = Claim(**{**CLAIM.__dict__, "rivals": ("scann",)})
    assert verdict(alone, [measured]).startswith("not run")
    assert claims_table([alone], measured, "made-up") is None


def test_the_table_names_the_claim_and_has_a_row_per_budget(measured: DatasetRecords):
    table = claims_table([CLAIM], measured, "made-up")
    assert table is not None and table.name == "made-up-claims"
    assert "on irds:msmarco-passage, by 1.45 %" in table.caption
    assert [[row[1].value, row[3].value, row[-1].value] for row in table.rows] == [
        ["1 %", "hnsw", "supported"],
        ["5 %", "hnsw", "contradicted: worse"],
        ["10 %", "hnsw", "contradicted: worse"],
    ]
