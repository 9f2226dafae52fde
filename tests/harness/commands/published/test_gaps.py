"""What a published row lacks, found with the parser of `ehibench run`."""

from dataclasses import replace

import pytest

from harness.commands.published.gaps import gaps, parse_command
from harness.report.rows.published import Claim, PublishedNumber, read_published

DISTILBERT = "sentence-transformers/msmarco-distilbert-cos-v5"
NUMBER = PublishedNumber(
    system="EHI",
    dataset="irds:beir/scifact",
    measure="R@10",
    value=0.8,
    tolerance=0.005,
    read="paper",
    source="table 1",
    command="ehibench run --preset paper-scifact --budget 0.1",
    method="ehi",
    budget=0.1,
    queries=300,
    settings={"encoder.name": DISTILBERT},
)
ROWS = [
    pytest.param(row, id=place)
    for file in read_published()
    for place, row in {**file.numbers, **file.claims}.items()
]


def test_a_complete_row_lacks_nothing():
    assert gaps(NUMBER) == []


@pytest.mark.parametrize(
    ("fields", "gap"),
    [
        ({"read": "quoted"}, "it was not read in the paper, but is quoted"),
        ({"confidence": "weak"}, "its source is weak"),
        ({"queries": None}, "the number of test queries is unknown"),
        ({"budget": None}, "its budget is unknown, so it is not compared"),
        ({"settings": {}}, "its encoder is unknown: name it in settings"),
        ({"settings": {**NUMBER.settings, "ehi.brnching": 1}}, "there is no setting ehi.brnching"),
        ({"settings": {**NUMBER.settings, "ehi.branching": 99}}, "ehi.branching is 40, not 99"),
        ({"dataset": "irds:beir/fiqa"}, "command: it measures irds:beir/scifact"),
        ({"measure": "R@100"}, "command: R@100 needs --depth 100"),
        ({"measure": "RR@100"}, "RR@100 is not measured"),
        ({"budget": 0.3}, "command: it lacks --budget 0.3"),
        ({"method": "ngt"}, "command: it leaves out ngt"),
        ({"command": "ehibench show x"}, "command: the command must begin with ehibench run"),
        ({"command": "ehibench run --prest quick"}, "command: No such option"),
        ({"command": "ehibench run --preset paper-scifct"}, "did you mean 'paper-scifact'"),
    ],
)
def test_what_is_missing_or_contradictory_is_named(fields: dict[str, object], gap: str):
    assert any(gap in found for found in gaps(replace(NUMBER, **fields)))  # type: ignore[arg-type]


@pytest.mark.parametrize("row", ROWS)
def test_the_command_of_every_published_row_measures_it(row: PublishedNumber | Claim):
    assert [gap for gap in gaps(row) if gap.startswith(("command", "settings"))] == []


@pytest.mark.parametrize(
    ("row", "leaves", "weights"),
    [
        ("paper-scifact", 40, (0.2, 0.8, 0.2)),
        ("paper-fiqa", 5000, (0.03, 0.46, 0.54)),
        ("paper-nq320k", 1000, (0.2, 0.4, 0.11)),
        ("paper-msmarco", 7936, (0.11, 0.84, 0.60)),
    ],
)
def test_each_dataset_of_the_paper_has_its_own_leaves_and_weights(
    row: str, leaves: int, weights: tuple[float, float, float]
):
    options, names, settings = parse_command(f"ehibench run --preset {row}")
    assert row.removeprefix("paper-") in options.dataset
    assert {"ehi", "ivf", "scann", "hnsw", "exact"} <= set(names)
    ehi = settings["ehi"]
    assert ehi.leaves == settings["ivf"].lists == settings["scann"].leaves == leaves
    assert (ehi.semantic_weight, ehi.indexing_weight, ehi.intra_leaf_weight) == weights
    assert settings["encoder"].name == DISTILBERT and settings["encoder"].train == "full"


def test_the_dual_encoder_of_the_paper_has_the_loss_of_ehi_or_its_own():
    _, _, settings = parse_command("ehibench run --preset paper-msmarco")
    dual, ehi = settings["dual_encoder"], settings["ehi"]
    assert (dual.contrastive, dual.margin) == (ehi.contrastive, ehi.margin) == ("margin", 0.3)
    _, _, settings = parse_command("ehibench run --preset paper-softmax")
    assert (settings["dual_encoder"].contrastive, settings["ehi"].contrastive) == (
        "softmax",
        "margin",
    )
