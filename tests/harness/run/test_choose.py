"""Values are chosen from menus on tuning queries, per method and budget, over all seeds."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.harness.bench import Bench

LISTS = ("--choose", "ivf.lists=4,16,64")


def test_each_method_and_budget_gets_the_best_of_its_menu_for_all_seeds(bench: Bench):
    words = [*LISTS, "--choose", "ehi.branching=16,64", "--methods", "ivf,ehi,exact"]
    done = bench("run", *words, "--budget", "0.2,0.5", "--seed", "0,1")
    assert done.exit_code == 0, done.output
    records = bench.records()
    assert len(records) == 2 * (2 + 2 + 1)
    for record in records:
        if record.method == "exact":
            assert record.selection is None
            continue
        (name,) = record.selection.menu
        assert name == {"ivf": "ivf.lists", "ehi": "ehi.branching"}[record.method]
        trials = record.selection.choice.trials
        assert [trial.values[name] for trial in trials] == list(record.selection.menu[name])
        best = max(trials, key=lambda trial: trial.quality or 0)
        section, key = name.split(".")
        assert record.selection.values == best.values == {name: record.settings[section][key]}
        assert record.measured.effort == best.efforts[record.seed]
    assert "chosen" in done.output and "ivf.lists=" in done.output


def test_a_method_is_one_row_although_its_chosen_values_differ(bench: Bench):
    # 4 lists cannot go below a quarter of the documents, and 64 need not be the best at half.
    words = ["--methods", "ivf", "--budget", "0.1,0.9", "--seed", "0,1"]
    assert bench("run", *words, "--choose", "ivf.lists=64,2").exit_code == 0
    records = bench.records()
    assert {r.settings["ivf"]["lists"] for r in records if r.budget.limit == 0.1} == {64}
    shown = bench.show()
    assert "ivf ivf.lists" not in shown
    assert shown.split("\n\n")[-1].count("ivf ") == 2  # a row a budget, over both seeds


def test_the_choice_does_not_depend_on_the_test_queries(
    bench: Bench, beir_folder: Path, tmp_path: Path
):
    copy = Path(shutil.copytree(beir_folder, tmp_path / "copy" / "tiny"))
    judged = (copy / "qrels" / "test.tsv").read_text().splitlines()
    (copy / "qrels" / "test.tsv").write_text("\n".join(judged[:2]) + "\n")
    words = [*LISTS, "--methods", "ivf", "--budget", "0.3", "--set", "encoder.train=frozen"]
    chosen = []
    for name, dataset in {"whole": beir_folder, "broken": copy}.items():
        bench.dataset = dataset
        assert bench("run", *words, out=name).exit_code == 0
        chosen.append(bench.records(name)[0].selection)
    assert chosen[0] == chosen[1]


def test_choosing_does_not_read_the_vectors_of_the_test_queries(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    from harness.run.choose import Chooser

    words = [*LISTS, "--methods", "ivf", "--budget", "0.3"]
    assert bench("run", *words).exit_code == 0
    (choice,) = Path("run").glob("choices/*/choice.json")
    first = choice.read_text()
    shutil.rmtree("run/choices")
    (vectors,) = Path("run").glob("trained/*/embeddings/test.npy")
    whole, choose = vectors.read_bytes(), Chooser.choose

    def with_other_vectors(self: Chooser, cells: Any) -> Any:
        np.save(vectors, np.zeros_like(np.load(vectors)))
        monkeypatch.setattr("harness.store.artifacts.first_damaged", lambda folder: None)
        found = choose(self, cells)
        vectors.write_bytes(whole)
        return found

    shutil.rmtree("run/cells")
    monkeypatch.setattr(Chooser, "choose", with_other_vectors)
    assert bench("run", *words).exit_code == 0
    assert choice.read_text() == first


def test_only_damage_and_force_choose_again(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    from harness.run.choose import Chooser

    tried: list[Any] = []
    choose_one = Chooser._try

    def counting(self: Chooser, *words: Any) -> Any:
        tried.append(words)
        return choose_one(self, *words)

    monkeypatch.setattr(Chooser, "_try", counting)
    words = [*LISTS, "--methods", "ivf", "--budget", "0.3"]
    assert bench("run", *words).exit_code == 0 and len(tried) == 3
    shutil.rmtree("run/cells")
    assert bench("run", *words).exit_code == 0 and len(tried) == 3
    next(Path("run").glob("choices/*/choice.json")).write_text("{")
    shutil.rmtree("run/cells")
    assert bench("run", *words).exit_code == 0 and len(tried) == 6
    assert bench("run", *words, "--force").exit_code == 0 and len(tried) == 9


def test_a_failed_combination_is_recorded_with_its_reason(bench: Bench):
    words = ["--methods", "ivf", "--budget", "0.05"]
    assert bench("run", *words, "--choose", "ivf.lists=2,64,1000").exit_code == 0
    (record,) = bench.records()
    few, some, many = record.selection.choice.trials
    assert record.selection.values == {"ivf.lists": 64} and some.quality > 0
    assert few.quality is None and "raise --budget" in few.reason
    assert many.quality is None and "the corpus has 300 documents" in many.reason


def test_the_cell_fails_if_every_combination_fails(bench: Bench):
    words = ["--methods", "ivf", "--budget", "0.05,0.6"]
    done = bench("run", *words, "--choose", "ivf.lists=2,3")
    assert done.exit_code == 2
    assert "none of 2 combinations works; ivf.lists=2: budget 0.05 is smaller" in done.output
    records = {record.budget.limit: record for record in bench.records()}
    assert records[0.6].status == "ok" and records[0.05].status == "failed"
    assert records[0.05].selection.values == {}
    assert len(list(Path("run").glob("choices/*"))) == 1  # what failed is tried again


@pytest.mark.parametrize(("by", "budget"), [("macs", "0.5"), ("latency", "1000")])
def test_choices_are_made_for_every_kind_of_budget(bench: Bench, by: str, budget: str):
    words = [*LISTS, "--methods", "ivf", "--budget", budget, "--budget-by", by]
    assert bench("run", *words).exit_code == 0
    (record,) = bench.records()
    efforts = [list(trial.efforts) for trial in record.selection.choice.trials]
    if by == "latency":  # a second a query is enough for all lists
        assert efforts == [[4], [16], [64]]
    else:
        assert len({*map(tuple, efforts)}) == 3


def test_the_cheapest_combination_that_reaches_a_quality_is_chosen(bench: Bench):
    words = ["--methods", "ivf,hnsw", "--choose", "hnsw.neighbours=4,8", "--quality", "0.9"]
    assert bench("run", *words, *LISTS, "--seed", "0,1").exit_code == 0
    records = bench.records()
    assert len(records) == 4
    for record in records:
        choice = record.selection.choice
        assert choice.measure == "least MACs"
        assert choice.best.macs == min(trial.macs for trial in choice.trials if trial.macs)
        assert record.measured.effort == choice.best.efforts[record.seed]


def test_an_index_of_texts_is_tuned_on_texts(bench: Bench):
    words = ["--methods", "bm25", "--quality", "0.9", "--choose", "bm25.k1=0,1.5"]
    assert bench("run", *words).exit_code == 0
    (record,) = bench.records()
    trials = record.selection.choice.trials
    assert all(trial.quality > 0.3 for trial in trials)
    assert trials[0].quality != trials[1].quality
    assert record.selection.choice.measure == "nDCG@10"


def test_a_dry_run_shows_the_choice_once_it_is_made(bench: Bench):
    words = ["--methods", "ivf", "--budget", "0.3"]
    assert (
        bench("run", *words, "--set", "ivf.lists=8").exit_code == 0
    )  # its record says how long things take
    built = bench.records()[0].measured.durations.build
    plan = bench("run", *words, *LISTS, "--dry-run")
    assert plan.exit_code == 0 and "1 of 3" in plan.output
    assert "to run" in plan.output and built >= 0
    assert bench("run", *words, *LISTS).exit_code == 0
    assert "ivf.lists=" in bench("run", *words, *LISTS, "--dry-run").output


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("ivf.list=4,8", "did you mean 'ivf.lists'?"),
        ("ivff.lists=4,8", "unknown setting 'ivff.lists'"),
        ("ivf.lists", "--choose takes section.key=value"),
        ("ivf.lists=", "--choose ivf.lists has no values"),
        ("ivf.lists=,", "--choose ivf.lists has no values"),
        ("ivf.lists=4,many", "ivf.lists is 'many'; it must be a whole number"),
        ("ivf.lists=4,0", "--choose ivf.lists=0: ivf.lists is 0; it must be at least 1"),
        ("ehi.joint_from=0,1", "another --set gives ehi.joint_from, too"),
        ("training.epochs=2,4", "all methods share training; use --set"),
    ],
)
def test_a_bad_menu_is_one_line(bench: Bench, choice: str, message: str):
    done = bench("run", "--methods", "ivf", "--budget", "0.3", "--choose", choice)
    assert done.exit_code == 2 and "Traceback" not in done.output
    (error,) = (line for line in done.output.splitlines() if line.startswith("Error: "))
    assert message in error
    assert not Path("run").exists()


def test_auto_tries_the_declared_menus_with_the_first_seed_and_names_their_edges(bench: Bench):
    words = ["--methods", "ivf+short", "--budget", "0.5", "--seed", "1,0"]
    fixed = [
        "short.rank=8",
        "short.lists_by=whole",
        "ivf.routing=flat",
        "ivf.beam=fixed",
        "ivf.spilled=0",
    ]
    done = bench(
        "run", *words, *(f"--set={each}" for each in fixed), "--choose", "auto", "--trials", "4"
    )
    assert done.exit_code == 0, done.output
    for record in bench.records():
        assert record.measured.form == "short"
        selection = record.selection
        assert selection is not None and tuple(selection.choice.seeds) == (1,)
        # 8 sqrt(300) lists are 139, but each has at least four of the 300 documents.
        assert {name: tuple(values) for name, values in selection.menu.items()} == {
            "short.rescore": (30, 0, 10, 100),
            "ivf.lists": (64, 32),
        }
        assert len(selection.choice.trials) == 4
        assert selection.choice.trials[0].values == {"short.rescore": 30, "ivf.lists": 64}
        edges = [n for n, v in selection.values.items() if v in (64, 32, 100)]
        assert selection.at_edge == edges
    chosen = "; ".join(f"{name}={selection.values[name]} at 50 %" for name in edges)
    beyond = (
        f"ivf+short chose values at the edge of its menu; values beyond may be better: {chosen}"
    )
    assert edges and beyond in " ".join(done.output.split())
