"""A failure is the record of its cell, and the other cells continue."""

from pathlib import Path
from typing import Any

import pytest

from methods import registry
from tests.harness.bench import Bench


def test_an_interrupted_run_keeps_its_finished_cells(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    from harness.run.recorder import Recorder

    record_result, calls = Recorder.record_result, []

    def interrupted(*words: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return record_result(*words)

    words = ["--methods", "ivf", "--budget", "0.3,0.6"]
    monkeypatch.setattr(Recorder, "record_result", interrupted)
    stopped = bench.run(*words)
    assert stopped.exit_code == 130 and "Finished cells are kept" in stopped.output
    (first,) = Path("run").glob("cells/*/0001")
    assert bench.run(*words).exit_code == 0
    assert len(list(Path("run").glob("cells/*/0001"))) == 2 and first.is_dir()


def test_a_budget_too_small_is_the_failure_of_one_cell(bench: Bench):
    done = bench.run("--methods", "ivf", "--budget", "0.0001,0.5")
    assert done.exit_code == 2
    assert "raise --budget, or choose settings that visit fewer" in done.output
    records = {record.budget.limit: record for record in bench.records()}
    assert records[0.5].status == "ok"
    assert records[0.0001].status == "failed" and records[0.0001].result is None


def test_a_missing_library_is_named_with_its_install_command(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    absent = registry.Requirement("no_such_library", 'pip install "ehibench[cpu]"')
    index = registry.Component(
        "ivf", "methods.indexes.ivf:IvfIndex", registry.IvfSettings, (absent,)
    )
    broken = registry.Method("ivf", "", registry.DUAL_ENCODER, index)
    rows = registry.methods().items()
    others = {name: row for name, row in rows if registry.IVF not in row.parts}
    monkeypatch.setattr(registry, "methods", lambda: {**others, "ivf": broken})
    done = bench.run("--methods", "ivf", "--budget", "0.5")
    assert done.exit_code == 2
    (record,) = bench.records()
    assert record.status == "unavailable" and record.failure is not None
    assert record.failure.reason == (
        'ivf needs no_such_library, which is not installed. Run: pip install "ehibench[cpu]"'
    )
    assert f"unavailable: {record.failure.reason}" in done.output


def test_crashes_hangs_and_lack_of_memory_fail_only_their_method(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    classes = ["CrashesInBuild", "HangsInSearch", "RunsOutOfMemory", "DiesWhileTimed"]
    table = dict(registry.methods())
    for name in classes:
        target = f"tests.harness.run.broken_indexes:{name}"
        part = registry.Component(name.lower(), target)
        table[name] = registry.Method(name, "", registry.DUAL_ENCODER, part, budgeted=False)
    monkeypatch.setattr(registry, "methods", lambda: table)
    methods = ",".join([*classes, "ivf"])
    done = bench.run("--methods", methods, "--budget", "0.5,0.9", "--timeout", "10")
    assert done.exit_code == 3
    records = {(record.method, record.budget.limit): record for record in bench.records()}
    measured = {key for key, record in records.items() if record.status == "ok"}
    assert measured == {("ivf", 0.5), ("ivf", 0.9)}
    failures = {method: record.failure for (method, _), record in records.items() if record.failure}
    assert failures["CrashesInBuild"].error == "SIGSEGV"
    assert failures["HangsInSearch"].reason == "took longer than 10 s (--timeout)"
    assert "Unable to allocate" in failures["RunsOutOfMemory"].reason
    assert "most likely out of memory" in failures["DiesWhileTimed"].reason
    assert done.output.count("Error: ") == len(classes)


def test_a_training_that_diverges_is_the_failure_of_its_methods(bench: Bench):
    words = ["--methods", "ivf,exact", "--budget", "0.5"]
    done = bench.run(*words, "--set", "training.head_learning_rate=1e30")
    assert done.exit_code == 2 and "training diverged" in done.output


def test_a_tree_with_more_children_than_documents_is_rejected(bench: Bench):
    done = bench.run("--methods", "ehi", "--budget", "0.5", "--set", "ehi.branching=301")
    assert done.exit_code == 2 and "--set ehi.branching to fewer" in done.output
