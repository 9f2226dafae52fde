"""A preset's options are defaults; each preset of the paper runs to its end on a tiny folder."""

import json
from pathlib import Path
from typing import Any

import ir_datasets
import pytest
from click.testing import CliRunner
from ir_datasets.datasets.base import Dataset as IrDataset

from harness.cli import main
from harness.commands.published.gaps import parse_command
from harness.config import preset_options
from methods.registry import method
from tests.harness.bench import Bench
from tests.harness.datasets.irds.made_ids import made_documents, made_split

TINY = ("--set=training.epochs=1", "--set=training.batch_size=256", "--set=ehi.joint_from=0")
FOUR_LEAVES = ("--set=ehi.branching=4", "--set=ivf.lists=4", "--set=scann.leaves=4")


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
    done = bench.run(f"--preset=paper-{name}", *TINY, *FOUR_LEAVES, "--methods=ehi,ivf", *rest)
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


def test_an_experiment_measures_every_method_that_its_preset_names(bench: Bench):
    named = [method(name) for name in preset_options("paper-scifact")["methods"].split(",")]
    missing = {each.name for each in named if each.install_hint() is not None}
    rest = ("--seed=0", "--budget=1")
    done = bench.run("--preset=paper-scifact", *TINY, *FOUR_LEAVES, *rest)
    assert done.exit_code == (2 if missing else 0), done.output
    records = {record.method: record for record in bench.records()}
    assert records.keys() == {each.name for each in named}
    assert {name for name, record in records.items() if record.status != "ok"} == missing


@pytest.fixture
def small_ms_marco(beir_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tiny dataset where ir_datasets has MS MARCO. A test query is the text of a document.

    This document is only "related" (grade 1), and another one is relevant (grade 2).
    """

    def rows(name: str) -> list[dict[str, str]]:
        return [json.loads(line) for line in (beir_folder / name).read_text().splitlines()]

    def register(name: str, made: Any) -> None:
        monkeypatch.setitem(ir_datasets.registry._registered, f"msmarco-passage{name}", made)

    corpus = {row["_id"]: row["text"] for row in rows("corpus.jsonl")}
    lines = [
        json.dumps({"doc_id": name, "title": "", "text": text}) for name, text in corpus.items()
    ]
    docs = made_documents(tmp_path / "docs.jsonl", "\n".join(lines))
    register("", IrDataset(docs))
    asked = "".join(f"{row['_id']}\t{row['text']}\n" for row in rows("queries.jsonl"))
    for split, name in (("train", "/train/judged"), ("test", "/dev/small")):
        pairs = (beir_folder / "qrels" / f"{split}.tsv").read_text().splitlines()[1:]
        qrels = "".join("{} 0 {} {}\n".format(*pair.split("\t")) for pair in pairs)
        register(name, made_split(tmp_path / split, docs, asked, qrels))
    names = list(corpus)
    queries = "".join(f"{number}\t{corpus[names[number]]}\n" for number in range(43))
    qrels = "".join(f"{n} 0 {names[n]} 1\n{n} 0 {names[n + 150]} 2\n" for n in range(43))
    register("/trec-dl-2019/judged", made_split(tmp_path / "dl19", docs, queries, qrels))


def test_trec_dl19_counts_only_grades_from_2_as_relevant(bench: Bench, small_ms_marco: None):
    dataset = "--dataset=irds:msmarco-passage/trec-dl-2019"
    rest = ("--methods=ivf,bm25", "--budget=1")
    done = bench.run("--preset=paper-msmarco", dataset, *TINY, *FOUR_LEAVES, *rest)
    assert done.exit_code == 0, done.output
    records = bench.records()
    assert {record.method for record in records} == {"ivf", "bm25"}
    for record in records:
        assert record.provenance.relevant_from == 2
        metrics = record.measured.quality.metrics
        # The related document is the first one found: a gain for nDCG, and no relevant one.
        assert metrics["nDCG@10"] > 0.35 and metrics["RR@10"] < 0.2
