"""A preset's options are defaults; each preset of the paper runs to its end on a tiny folder."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.commands.published.gaps import parse_command
from tests.harness.bench import Bench

TINY = ("--set=training.epochs=1", "--set=training.batch_size=256", "--set=ehi.joint_from=0")
FOUR_LEAVES = ("--set=ehi.branching=4", "--set=ivf.lists=4", "--methods=ehi,ivf")


def test_the_command_line_counts_before_the_preset():
    options, names, _ = parse_command("ehibench run --preset paper-nq320k")
    assert (options.dataset, options.depth, options.budgets) == (
        "beir:nq320k",
        100,
        [0.01, 0.05, 0.1],
    )
    options, names, _ = parse_command(
        "ehibench run --budget 0.2 --preset paper-nq320k --dataset beir:other --methods ehi"
    )
    assert (options.dataset, options.depth, options.budgets, names) == (
        "beir:other",
        100,
        [0.2],
        ["ehi"],
    )


def test_without_a_preset_the_defaults_are_those_of_the_command():
    options, names, _ = parse_command("ehibench run")
    assert (options.dataset, names, options.depth) == ("hpo", ["ehi", "ivf"], 10)


def test_a_command_ignores_options_that_it_does_not_have(tmp_path: Path):
    # ablate has no --methods, but the preset names some.
    words = ["ablate", "--preset", "paper-nq320k", "--dataset", f"beir:{tmp_path}", "--dry-run"]
    done = CliRunner().invoke(main, words)
    assert "corpus.jsonl" in done.output and "methods" not in done.output


@pytest.mark.parametrize("name", ["scifact", "fiqa", "nq320k", "msmarco"])
def test_each_experiment_of_the_paper_runs_to_its_end(bench: Bench, name: str):
    # One seed instead of three. After so few steps, a tree may have all documents in one leaf.
    rest = ("--seed=0", "--budget=1")
    done = bench.run(f"--preset=paper-{name}", *TINY, *FOUR_LEAVES, *rest)
    assert done.exit_code == 0, done.output
    records = {record.method: record for record in bench.records()}
    assert {method: record.status for method, record in records.items()} == {
        "ehi": "ok",
        "ivf": "ok",
    }
    trained = records["ivf"].measured.training, records["ehi"].measured.training
    assert len({training.encoder_updates for training in trained if training}) == 1
    assert records["ivf"].settings["dual_encoder"]["contrastive"] == "margin"
    assert records["ivf"].depth == (100 if name == "nq320k" else 10)
