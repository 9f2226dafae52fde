"""`ehibench run`, `show` and `list` from end to end, on a small folder with a tiny encoder."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ir_measures
import pytest
from click.testing import CliRunner, Result
from ir_measures import RR, nDCG

from harness.cli import main
from harness.datasets import load_dataset
from harness.store.record import Record
from harness.store.run_folder import RunFolder

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def arguments(beir_folder: Path, tiny_encoder: Path) -> list[str]:
    settings = {
        "encoder.name": tiny_encoder,
        "encoder.max_tokens": 16,
        "training.epochs": 3,
        "ehi.joint_from": 1,
        "ehi.branching": 8,
        "ivf.lists": 8,
        "timing.rounds": 1,
        "timing.seconds": 0.01,
    }
    pairs = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    return [
        "run",
        "--dataset",
        f"beir:{beir_folder}",
        "--preset",
        "quick",
        "--threads",
        "1",
        *pairs,
    ]


@pytest.fixture
def ehibench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("EHIBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def finished(arguments: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder of all methods at two budgets."""
    folder = tmp_path_factory.mktemp("finished")
    words = [
        *arguments,
        "--methods",
        "ehi,ivf,exact",
        "--budget",
        "0.3,0.6",
        "--out",
        folder / "run",
    ]
    environment = {**os.environ, "EHIBENCH_CACHE": str(folder / "cache")}
    program = [sys.executable, "-m", "harness.cli", *map(str, words)]
    done = subprocess.run(program, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return folder / "run"


def records_of(folder: str | Path) -> list[Record]:
    return RunFolder(Path(folder)).records()


def test_every_method_and_budget_has_a_record(finished: Path):
    records = records_of(finished)
    assert sorted((record.method, record.budget.limit or 0) for record in records) == [
        ("ehi", 0.3),
        ("ehi", 0.6),
        ("exact", 0),
        ("ivf", 0.3),
        ("ivf", 0.6),
    ]
    assert {(r.dataset, r.seed, r.budget.kind) for r in records} == {("beir:tiny", 0, "visited")}


def test_scripts_read_status_and_result(ehibench: Run, finished: Path):
    shown = ehibench("show", finished, "--json")
    assert shown.exit_code == 0, shown.output
    for record in json.loads(shown.output):
        assert record["status"] == "ok" and record["failure"] is None
        assert record["budget"].keys() == {"kind", "limit"}
        assert record["result"]["quality"]["metrics"]["nDCG@10"] > 0


def test_quality_is_recorded_by_every_measure(finished: Path):
    for record in records_of(finished):
        quality = record.measured.quality
        assert set(quality.metrics) == {"nDCG@10", "RR@10", "R@10", "R@100"}
        assert set(quality.metrics_unseen or {}) == set(quality.metrics)


def test_times_are_recorded_in_order_and_on_one_thread(finished: Path):
    for record in records_of(finished):
        latency = record.measured.latency
        for times in (latency.search_ms, latency.encode_ms, latency.end_to_end_ms):
            assert 0 < times.p50 <= times.p95 <= times.p99
        assert latency.end_to_end_ms.p50 > latency.encode_ms.p50
        assert latency.throughput.queries_per_second > 0
        assert set(latency.reference_ms or {}) == {"product", "scan"}
        assert set(latency.threads.values()) == {1}


def test_costs_and_memory_are_recorded(finished: Path):
    for record in records_of(finished):
        result = record.measured
        assert result.effort >= 1 and 0 < result.cost.visited <= 1 and (result.cost.macs or 0) > 0
        if record.budget.limit is not None:  # it was found on tuning queries
            assert result.cost.visited <= record.budget.limit + 0.1
        assert result.durations.measure > 0 and result.memory.search_peak > 1 << 20
        assert result.memory.index_disk >= 300 * 32 * 4


def test_all_methods_get_equal_encoder_updates(finished: Path):
    trainings = [record.measured.training for record in records_of(finished)]
    assert len({training.encoder_updates for training in trainings if training}) == 1
    assert None not in trainings


def test_where_a_result_comes_from_is_recorded(finished: Path, beir_folder: Path):
    for record in records_of(finished):
        assert record.provenance.versions["torch"]
        assert record.provenance.dataset_spec == f"beir:{beir_folder}"
        artifacts = record.measured.artifacts
        assert set(artifacts) == {"learned", "encoder", "embeddings", "index"}
        assert all((finished / folder).is_dir() for folder in artifacts.values())


def test_postings_are_recorded_of_indexes_that_have_them(finished: Path):
    for record in records_of(finished):
        postings = record.measured.postings
        if record.method == "exact":
            assert postings is None
        else:
            assert postings is not None and (postings.leaves, postings.mean) == (8, 300 / 8)
            assert 0 < postings.entropy <= 1


def test_metrics_are_those_of_the_saved_run(ehibench: Run, finished: Path, beir_folder: Path):
    qrels = []
    for line in (beir_folder / "qrels" / "test.tsv").read_text().splitlines()[1:]:
        query, document, grade = line.split("\t")
        qrels.append(ir_measures.Qrel(query, document, int(grade)))
    for record in records_of(finished):
        (saved,) = (finished / "cells" / record.cell).glob("*/run.trec.gz")
        run = list(ir_measures.read_trec_run(str(saved)))
        means = ir_measures.calc_aggregate([nDCG @ 10, RR @ 10], qrels, run)
        for measure, mean in means.items():
            assert record.measured.quality.metrics[str(measure)] == pytest.approx(mean, abs=1e-9)


def test_the_trainings_are_shared(finished: Path):
    trained = [json.loads(p.read_text()) for p in finished.glob("trained/*/encoder/training.json")]
    assert len(trained) == 2  # ehi's; and the dual encoder's, for ivf and exact
    assert len({note["summary"]["encoder_updates"] for note in trained}) == 1
    assert len(list(finished.glob("trained/*/embeddings/documents.npy"))) == 2
    built = sorted(path.name.split("-")[0] for path in finished.glob("trained/*/indexes/*"))
    assert built == ["exact", "ivf", "tree"]


def test_a_training_says_what_it_took(ehibench: Run, arguments: list[str]):
    negatives = ["--set", "training.hard_negatives=1", "--set", "training.refresh_every=2"]
    done = ehibench(*arguments, *negatives, "--methods", "ehi", "--budget", "0.5", "--out", "run")
    assert done.exit_code == 0, done.output
    assert done.output.count("searched hard negatives for") == 2
    (record,) = records_of(Path("run"))
    (path,) = Path("run").glob("trained/*/encoder/training.json")
    history = json.loads(path.read_text())["history"]
    training = record.measured.training
    assert training is not None and training.refreshes == 2
    spent = sum(row.get("refresh_seconds", 0) for row in history)
    assert training.refresh_seconds == pytest.approx(spent, abs=1e-3)
    assert sum(row["seconds"] for row in history) <= record.measured.durations.train
    assert "checkpoint_seconds" not in record.settings["training"]


def test_a_training_that_is_killed_is_taken_up(arguments: list[str], tmp_path: Path):
    words = [*arguments, "--methods", "exact", "--set", "training.checkpoint_seconds=1e-9"]
    words += ["--set", "training.epochs=400", "--out", tmp_path / "run"]
    environment = {**os.environ, "EHIBENCH_CACHE": str(tmp_path / "cache")}
    program = [sys.executable, "-m", "harness.cli", *map(str, words)]
    with subprocess.Popen(program, stderr=subprocess.PIPE, env=environment) as run:
        while not list((tmp_path / "run").glob("trained/*/checkpoint")):
            assert run.poll() is None
            time.sleep(0.01)
        run.kill()
    once = [*map(str, words), "--set", "training.checkpoint_seconds=60"]
    done = subprocess.run([*program[:3], *once], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stderr.split())
    assert re.search(r"resuming training at epoch \d+, after \d+ of its batches", told), told
    (home,) = (tmp_path / "run" / "trained").iterdir()
    assert {path.name for path in home.iterdir()} == {"encoder", "embeddings", "indexes"}


def test_finished_cells_are_skipped_and_force_measures_again(
    ehibench: Run, arguments: list[str], tmp_path: Path
):
    words = [*arguments, "--methods", "ivf", "--budget", "0.5", "--out", "run"]
    assert ehibench(*words).exit_code == 0
    (attempt,) = Path("run").glob("cells/*/*")
    assert ehibench(*words).exit_code == 0
    assert list(Path("run").glob("cells/*/*")) == [attempt]
    made = [
        *Path("run").glob("trained/*/encoder/training.json"),
        *Path("run").glob("trained/*/*/*.npy"),
    ]
    before = {path: path.stat().st_mtime_ns for path in made}
    assert len(before) == 5
    assert ehibench(*words, "--force").exit_code == 0
    assert len(list(Path("run").glob("cells/*/*"))) == 2
    assert all(path.stat().st_mtime_ns > then for path, then in before.items())


def test_the_same_seed_finds_the_same_documents(
    ehibench: Run, arguments: list[str], tmp_path: Path
):
    runs = []
    for name in ("one", "two"):
        done = ehibench(*arguments, "--methods", "ehi", "--budget", "0.3", "--out", name)
        assert done.exit_code == 0, done.output
        (path,) = Path(name).glob("cells/*/*/run.trec.gz")
        saved = ir_measures.read_trec_run(str(path))
        runs.append([(hit.query_id, hit.doc_id) for hit in saved])
    assert runs[0] == runs[1]


def test_the_plan_is_printed_and_nothing_is_written(ehibench: Run, arguments: list[str]):
    words = [*arguments, "--methods", "ehi,exact", "--budget", "0.1", "--budget", "0.2,0.3"]
    done = ehibench(*words, "--seed", "0,1", "--out", "run", "--dry-run")
    assert done.exit_code == 0
    assert done.output.count("to run") == 2 * (3 + 1)
    assert not Path("run").exists()


def test_a_budget_can_count_macs(ehibench: Run, arguments: list[str]):
    words = [*arguments, "--methods", "ivf", "--budget", "0.5", "--out", "run"]
    assert ehibench(*words, "--budget-by", "macs").exit_code == 0
    (record,) = records_of(Path("run"))
    assert record.budget.kind == "macs"
    assert record.measured.spent == record.measured.cost.macs


def test_the_effort_does_not_depend_on_the_test_queries(
    ehibench: Run, arguments: list[str], beir_folder: Path, tmp_path: Path
):
    budgets = "0.25,0.35,0.45,0.55,0.65,0.75,0.85,0.95"
    frozen = ["--set", "encoder.train=frozen", "--methods", "ivf", "--budget", budgets]
    efforts, visited = [], []
    for kept in (slice(None), slice(1, 2)):  # all test queries, then one of them
        copy = Path(shutil.copytree(beir_folder, tmp_path / f"kept-{kept.stop}"))
        qrels = (copy / "qrels" / "test.tsv").read_text().splitlines()
        (copy / "qrels" / "test.tsv").write_text("\n".join(qrels[1:][kept]) + "\n")
        done = ehibench(*arguments, "--dataset", f"beir:{copy}", *frozen, "--out", copy / "run")
        assert done.exit_code == 0, done.output
        records = records_of(copy / "run")
        efforts.append([record.measured.effort for record in records])
        visited.append([record.measured.cost.visited for record in records])
    assert efforts[0] == efforts[1] and len(set(efforts[0])) > 3
    assert visited[0] != visited[1]


def test_an_interrupted_run_keeps_what_is_finished(
    ehibench: Run, arguments: list[str], monkeypatch: pytest.MonkeyPatch
):
    from harness.run.recorder import Recorder

    measured, calls = Recorder.record_result, []

    def interrupted(*words: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return measured(*words)

    words = [*arguments, "--methods", "ivf", "--budget", "0.3,0.6", "--out", "run"]
    monkeypatch.setattr(Recorder, "record_result", interrupted)
    stopped = ehibench(*words)
    assert stopped.exit_code == 130 and "Finished cells are kept" in stopped.output
    (first,) = Path("run").glob("cells/*/0001")
    assert ehibench(*words).exit_code == 0
    assert len(list(Path("run").glob("cells/*/0001"))) == 2 and first.is_dir()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--methods", "ehii"], "did you mean 'ehi'?"),
        (["--methods", ","], "--methods is empty"),
        (["--budget", "0"], "outside (0, 1]"),
        (["--budget", "1.5"], "outside (0, 1]"),
        (["--budget", "nan"], "outside (0, 1]"),
        (["--budget", "much"], "--budget takes numbers"),
        (["--budget", ","], "--budget takes numbers"),
        (["--seed", "-1"], "--seed -1 is negative"),
        (["--set", "training.head_learning_rate=inf"], "it must be a number"),
        (["--seed", "1.5"], "--seed takes whole numbers"),
        (["--timeout", "nan"], "--timeout takes seconds, not nan"),
        (["--timeout", "inf"], "is not in the range"),
        (["--preset", "quik"], "did you mean 'quick'?"),
        (["--set", "ehi.heigth=2"], "did you mean 'ehi.height'?"),
        (["--dataset", "hpp"], "did you mean 'hpo'?"),
        (["--dataset", "beir:/nowhere"], "/nowhere is not a folder"),
        (["--device", "cuda"], "--device cuda: torch finds no CUDA device"),
        (["--out", "/proc/run"], "cannot write to /proc/run/cells"),
        (["--set", "encoder.name=/nowhere/at/all"], "neither minilm nor a folder"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    ehibench: Run, arguments: list[str], change: list[str], message: str,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    done = ehibench(*arguments, "--out", "run", *change)
    assert done.exit_code == 2, done.output
    errors = [line for line in done.output.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1 and message in errors[0], done.output
    assert "Traceback" not in done.output


def test_a_budget_too_small_is_one_cells_failure(ehibench: Run, arguments: list[str]):
    words = [*arguments, "--methods", "ivf", "--budget", "0.0001,0.5", "--out", "run"]
    done = ehibench(*words)
    assert done.exit_code == 2
    assert "raise --budget, or set more leaves or lists" in done.output
    records = {r.budget.limit: r for r in records_of(Path("run"))}
    assert records[0.5].status == "ok"
    assert records[0.0001].status == "failed" and records[0.0001].result is None


def test_a_missing_library_is_named_with_its_pip_line(
    ehibench: Run, arguments: list[str], monkeypatch: pytest.MonkeyPatch
):
    from methods import registry

    absent = registry.Requirement("no_such_library", 'pip install "ehibench[cpu]"')
    index = registry.Component(
        "ivf", "methods.indexes.ivf:IvfIndex", registry.IvfSettings, (absent,)
    )
    broken = registry.Method("ivf", "", registry.DUAL_ENCODER, index)
    others = {name: row for name, row in registry.methods().items() if row.index.name != "ivf"}
    table = {**others, "ivf": broken}
    monkeypatch.setattr(registry, "methods", lambda: table)
    done = ehibench(*arguments, "--methods", "ivf", "--budget", "0.5", "--out", "run")
    assert done.exit_code == 2
    (record,) = records_of(Path("run"))
    assert record.status == "unavailable" and record.failure is not None
    assert record.failure.reason == (
        'ivf needs no_such_library, which is not installed. Run: pip install "ehibench[cpu]"'
    )
    assert f"unavailable: {record.failure.reason}" in done.output


def test_what_breaks_one_method_is_its_record_and_the_others_go_on(
    ehibench: Run, arguments: list[str], monkeypatch: pytest.MonkeyPatch
):
    from methods import registry

    classes = ["CrashesInBuild", "HangsInSearch", "RunsOutOfMemory", "DiesWhileTimed"]
    table = dict(registry.methods())
    for name in classes:
        target = f"tests.harness.run.broken_indexes:{name}"
        part = registry.Component(name.lower(), target)
        table[name] = registry.Method(name, "", registry.DUAL_ENCODER, part, budgeted=False)
    monkeypatch.setattr(registry, "methods", lambda: table)
    words = [*arguments, "--methods", ",".join([*classes, "ivf"]), "--budget", "0.5,0.9"]
    done = ehibench(*words, "--out", "run", "--timeout", "10")
    assert done.exit_code == 1
    records = {(r.method, r.budget.limit): r for r in records_of(Path("run"))}
    assert {key for key, r in records.items() if r.status == "ok"} == {
        ("ivf", 0.5),
        ("ivf", 0.9),
    }
    failures = {method: r.failure for (method, _), r in records.items() if r.failure}
    assert failures["CrashesInBuild"].error == "SIGSEGV"
    assert failures["HangsInSearch"].reason == "took longer than 10 s (--timeout)"
    assert "Unable to allocate" in failures["RunsOutOfMemory"].reason
    assert "most likely out of memory" in failures["DiesWhileTimed"].reason
    assert done.output.count("Error: ") == len(classes)


def test_a_budget_can_be_milliseconds(ehibench: Run, arguments: list[str]):
    words = [*arguments, "--methods", "ivf", "--budget", "1000,0.000001", "--out", "run"]
    done = ehibench(*words, "--budget-by", "latency")
    assert done.exit_code == 2 and " ms that effort 1 spends" in done.output
    records = {r.budget.limit: r for r in records_of(Path("run"))}
    result = records[1000].measured
    assert result.effort == 8 and result.spent == result.latency.search_ms.p50 < 1000
    assert records[0.000001].status == "failed"
    assert "1000 ms" in ehibench("show", "run").output


def test_the_plan_tells_how_long_it_takes_once_there_are_records(
    ehibench: Run, arguments: list[str], finished: Path
):
    words = [*arguments, "--methods", "ivf,exact,ivfpq", "--budget", "0.3,0.4", "--out", finished]
    plan = ehibench(*words, "--dry-run")
    assert plan.exit_code == 0
    rows = {line.split()[0].rsplit("-", 1)[0]: line for line in plan.output.splitlines()[1:-1]}
    assert rows["ivf-visited-0.3-seed-0"].split()[-3:] == ["ok", "0", "s"]
    assert rows["ivf-visited-0.4-seed-0"].split()[-4:-2] == ["to", "run"]
    assert rows["ivfpq-visited-0.4-seed-0"].rstrip().endswith("?")
    assert plan.output.splitlines()[-1].endswith("none yet of ivfpq")


def test_training_without_train_queries_is_refused(
    ehibench: Run, arguments: list[str], beir_folder: Path, tmp_path: Path
):
    copy = Path(shutil.copytree(beir_folder, tmp_path / "untrained"))
    (copy / "qrels" / "train.tsv").rename(copy / "qrels" / "dev.tsv")
    words = [*arguments, "--dataset", f"beir:{copy}", "--budget", "0.5", "--out", "run"]
    done = ehibench(*words, "--methods", "ivf")
    assert done.exit_code == 2 and "has no train split" in done.output
    frozen = ehibench(*words, "--methods", "ivf,ehi", "--set", "encoder.train=frozen")
    assert frozen.exit_code == 2 and "ehi learns its tree from training queries" in frozen.output
    status = {r.method: r.status for r in records_of(Path("run"))}
    assert status == {"ivf": "ok", "ehi": "failed"}


def test_a_training_that_fails_is_not_tried_again_for_methods_that_share_it(
    ehibench: Run, arguments: list[str], monkeypatch: pytest.MonkeyPatch
):
    from harness.run.workers import Worker

    started: list[str] = []

    class Counting(Worker[Any]):
        def __init__(self, make: Any, *rest: Any) -> None:
            started.append(getattr(make, "func", make).__name__)
            super().__init__(make, *rest)

    monkeypatch.setattr("harness.run.workers.Worker", Counting)
    words = [*arguments, "--methods", "ivf,exact,hnsw", "--budget", "0.5", "--out", "run"]
    done = ehibench(*words, "--set", "training.head_learning_rate=1e30")
    assert done.exit_code == 2 and started == ["TrainTask"]
    assert [r.status for r in records_of(Path("run"))] == ["failed"] * 3


def test_training_that_diverges_is_one_methods_failure(ehibench: Run, arguments: list[str]):
    words = [*arguments, "--methods", "ivf,exact", "--budget", "0.5", "--out", "run"]
    done = ehibench(*words, "--set", "training.head_learning_rate=1e30")
    assert done.exit_code == 2 and "training diverged" in done.output


def test_a_tree_with_more_children_than_documents_is_refused(ehibench: Run, arguments: list[str]):
    words = [*arguments, "--methods", "ehi", "--budget", "0.5", "--out", "run"]
    done = ehibench(*words, "--set", "ehi.branching=301")
    assert done.exit_code == 2 and "--set ehi.branching to fewer" in done.output


def test_a_test_query_that_is_tuned_on_is_refused(
    ehibench: Run, arguments: list[str], beir_folder: Path, tmp_path: Path
):
    copy = Path(shutil.copytree(beir_folder, tmp_path / "leaking"))
    shutil.copy(copy / "qrels" / "test.tsv", copy / "qrels" / "dev.tsv")
    done = ehibench(*arguments, "--dataset", f"beir:{copy}", "--out", "run")
    assert done.exit_code == 2 and "is in both dev and test" in done.output


def test_exact_search_needs_no_queries_but_those_of_test(
    ehibench: Run, arguments: list[str], beir_folder: Path, tmp_path: Path
):
    copy = Path(shutil.copytree(beir_folder, tmp_path / "only-test"))
    (copy / "qrels" / "train.tsv").unlink()
    words = [*arguments, "--dataset", f"beir:{copy}", "--set", "encoder.train=frozen"]
    done = ehibench(*words, "--methods", "exact", "--out", "run")
    assert done.exit_code == 0, done.output


def test_bm25_needs_no_encoder_and_nothing_to_train_on(
    ehibench: Run, arguments: list[str], beir_folder: Path, tmp_path: Path
):
    copy = Path(shutil.copytree(beir_folder, tmp_path / "only-test"))
    (copy / "qrels" / "train.tsv").unlink()
    words = ["--dataset", f"beir:{copy}", "--methods", "bm25", "--set", "encoder.name=/nowhere"]
    done = ehibench(*arguments, *words, "--out", "run")
    assert done.exit_code == 0, done.output
    (record,) = records_of(Path("run"))
    assert record.measured.cost.macs is None
    assert record.measured.quality.metrics["nDCG@10"] > 0.3


def test_a_plan_survives_a_damaged_record(ehibench: Run, arguments: list[str]):
    words = [*arguments, "--methods", "ivf", "--budget", "0.5,0.8", "--out", "run"]
    assert ehibench(*words).exit_code == 0
    next(Path("run").glob("cells/*/*/record.json")).write_text("")
    plan = ehibench(*words, "--dry-run")
    assert plan.exit_code == 0 and "damaged, to run again" in plan.output


def heed_interrupts() -> None:
    """Take Ctrl-C as in a terminal: a process that a shell put in the background ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize("seconds", [0.5, 2, 4])
def test_an_early_interrupt_is_no_traceback(arguments: list[str], tmp_path: Path, seconds: float):
    command = [sys.executable, "-m", "harness.cli", *map(str, arguments), "--out", "run"]
    pipe = subprocess.PIPE
    environment = {**os.environ, "EHIBENCH_CACHE": str(tmp_path)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=pipe, stderr=pipe, text=True,
        start_new_session=True,
        preexec_fn=heed_interrupts,
    ) as run:  # fmt: skip
        time.sleep(seconds)
        os.killpg(run.pid, signal.SIGINT)  # as Ctrl-C does
        _, errors = run.communicate()
    assert run.returncode == 130 and "Traceback" not in errors
    assert "Interrupted. Finished cells are kept" in errors


def test_settings_that_differ_are_told_apart(ehibench: Run, arguments: list[str]):
    words = [*arguments, "--methods", "ivf", "--budget", "0.6", "--out", "run"]
    assert ehibench(*words).exit_code == 0
    assert ehibench(*words, "--set", "ivf.lists=4").exit_code == 0
    shown = ehibench("show", "run").output
    assert "ivf ivf.lists=8" in shown and "ivf ivf.lists=4" in shown


def test_end_to_end_training_runs_and_resumes(ehibench: Run, arguments: list[str], tmp_path: Path):
    full = ["--set", "encoder.train=full", "--set", "encoder.head=none"]
    words = [*arguments, *full, "--methods", "ehi,ivf", "--out", "run"]
    first = ehibench(*words, "--budget", "0.4")
    assert first.exit_code == 0, first.output
    assert "trained the encoder's transformer" in first.output
    again = ehibench(*words, "--budget", "0.8")  # loads what was trained
    assert again.exit_code == 0, again.output
    assert len(list(Path("run").glob("trained/*"))) == 2


@pytest.mark.parametrize("what", ["methods", "datasets", "encoders"])
def test_list(ehibench: Run, what: str):
    shown = ehibench("list", what)
    assert shown.exit_code == 0
    expected = {"methods": "ivf", "datasets": "beir:FOLDER", "encoders": "minilm"}
    assert expected[what] in shown.output and "yes" in shown.output


def test_show_of_no_run_folder(ehibench: Run, tmp_path: Path):
    shown = ehibench("show", tmp_path / "nothing")
    assert shown.exit_code == 2 and "is not a run folder" in shown.output


def test_the_unseen_line_is_of_the_unseen(ehibench: Run, finished: Path, beir_folder: Path):
    unseen = load_dataset(f"beir:{beir_folder}").unseen
    record = records_of(finished)[0]
    assert record.measured.quality.queries_unseen == int(unseen.sum())
    (path,) = (finished / "cells" / record.cell).glob("*/per_query.json")
    per_query = json.loads(path.read_text())
    assert per_query["unseen"] == unseen.tolist()
    values = [v for v, new in zip(per_query["nDCG@10"], unseen, strict=True) if new]
    unseen = record.measured.quality.metrics_unseen
    assert unseen is not None and unseen["nDCG@10"] == pytest.approx(sum(values) / len(values))
