"""The record of a cell holds its quality, times, cost, memory and origin."""

import json
import os
from pathlib import Path

import ir_measures
import pytest
from ir_measures import RR, nDCG

from harness.datasets import load_dataset
from harness.store.record import Record
from harness.store.run_folder import RunFolder
from tests.harness.bench import Bench
from tests.harness.measure.test_gpu_state import LINE


@pytest.fixture(scope="module")
def records(finished_run: Path) -> list[Record]:
    """The records of ehi, ivf and exact search at two budgets."""
    return RunFolder(finished_run).records()


def test_quality_is_recorded_in_every_measure(records: list[Record]):
    for record in records:
        quality = record.measured.quality
        assert set(quality.metrics) == {"nDCG@10", "RR@10", "R@10"}
        assert set(quality.metrics_unseen or {}) == set(quality.metrics)
        assert record.depth == 10


def test_metrics_are_means_over_the_saved_run(
    records: list[Record], finished_run: Path, beir_folder: Path
):
    qrels = []
    for line in (beir_folder / "qrels" / "test.tsv").read_text().splitlines()[1:]:
        query, document, grade = line.split("\t")
        qrels.append(ir_measures.Qrel(query, document, int(grade)))
    for record in records:
        (saved,) = (finished_run / "cells" / record.cell).glob("*/run.trec.gz")
        run = list(ir_measures.read_trec_run(str(saved)))
        means = ir_measures.calc_aggregate([nDCG @ 10, RR @ 10], qrels, run)
        for measure, mean in means.items():
            assert record.measured.quality.metrics[str(measure)] == pytest.approx(mean, abs=1e-9)


def test_seen_and_unseen_metrics_are_means_over_these_queries(
    records: list[Record], finished_run: Path, beir_folder: Path
):
    dataset = load_dataset(f"beir:{beir_folder}")
    seen, unseen = dataset.seen, dataset.unseen
    quality = records[0].measured.quality
    assert (quality.queries_seen, quality.queries_unseen) == (int(seen.sum()), int(unseen.sum()))
    (path,) = (finished_run / "cells" / records[0].cell).glob("*/per_query.json")
    per_query = json.loads(path.read_text())
    assert per_query["unseen"] == unseen.tolist()
    values = [v for v, is_unseen in zip(per_query["nDCG@10"], unseen, strict=True) if is_unseen]
    assert quality.metrics_unseen is not None
    assert quality.metrics_unseen["nDCG@10"] == pytest.approx(sum(values) / len(values))
    values = [v for v, is_seen in zip(per_query["nDCG@10"], seen, strict=True) if is_seen]
    assert quality.part("seen")["nDCG@10"] == pytest.approx(sum(values) / len(values))


def test_times_are_recorded_on_one_thread(records: list[Record]):
    for record in records:
        latency = record.measured.latency
        for times in (latency.search_ms, latency.encode_ms, latency.end_to_end_ms):
            assert 0 < times.p50 <= times.p95 <= times.p99
        assert latency.end_to_end_ms.p50 > latency.encode_ms.p50
        assert latency.throughput.queries_per_second > 0
        assert set(latency.reference_ms or {}) == {"product", "scan"}
        assert set(latency.threads.values()) == {1}


def test_a_record_holds_the_state_of_a_gpu_only_if_one_is_used(
    records: list[Record], bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert all(record.provenance.gpu is None for record in records)
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\necho {LINE}")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert bench.run("--methods", "bm25", out="cpu").exit_code == 0
    monkeypatch.setattr("harness.store.provenance._device_name", lambda devices: "NVIDIA H100")
    assert bench.run("--methods", "bm25", out="gpu").exit_code == 0
    (on_cpu,), (on_gpu,) = bench.records(Path("cpu")), bench.records(Path("gpu"))
    assert on_cpu.provenance.gpu is None
    state = on_gpu.provenance.gpu
    assert state is not None and state["temperature.gpu"] == "41"
    assert (state["clocks.sm"], state["power.limit"]) == ("1980 MHz", "700.00 W")


def test_cost_and_memory_are_recorded(records: list[Record]):
    for record in records:
        result = record.measured
        assert result.effort >= 1 and 0 < result.cost.visited <= 1 and (result.cost.macs or 0) > 0
        if record.budget.limit is not None:  # the effort was found on the tuning queries
            assert result.cost.visited <= record.budget.limit + 0.1
        assert result.durations.measure > 0 and result.memory.search_peak > 1 << 20
        assert result.memory.index_disk >= 300 * 32 * 4


def test_all_methods_get_equal_encoder_updates(records: list[Record]):
    trainings = [record.measured.training for record in records]
    assert None not in trainings
    assert len({training.encoder_updates for training in trainings if training}) == 1


def test_postings_are_recorded_for_indexes_that_have_them(records: list[Record]):
    for record in records:
        postings = record.measured.postings
        if record.method == "exact":
            assert postings is None
        else:
            assert postings is not None and (postings.leaves, postings.mean) == (8, 300 / 8)
            assert 0 < postings.entropy <= 1


def test_the_origin_of_a_result_is_recorded(
    records: list[Record], finished_run: Path, beir_folder: Path
):
    for record in records:
        assert record.provenance.versions["torch"]
        assert record.provenance.dataset_spec == f"beir:{beir_folder}"
        artifacts = record.measured.artifacts
        assert set(artifacts) == {"learned", "encoder", "embeddings", "index"}
        assert all((finished_run / folder).is_dir() for folder in artifacts.values())


def test_the_refreshes_of_hard_negatives_are_recorded(bench: Bench):
    negatives = ["--set", "training.hard_negatives=1", "--set", "training.refresh_every=2"]
    done = bench.run(*negatives, "--methods", "ehi", "--budget", "0.5")
    assert done.exit_code == 0, done.output
    assert done.output.count("searched hard negatives for") == 2
    (record,) = bench.records()
    (path,) = Path("run").glob("trained/*/encoder/training.json")
    history = json.loads(path.read_text())["history"]
    training = record.measured.training
    assert training is not None and training.refreshes == 2
    spent = sum(row.get("refresh_seconds", 0) for row in history)
    assert training.refresh_seconds == pytest.approx(spent, abs=1e-3)
    assert sum(row["seconds"] for row in history) <= record.measured.durations.train
    assert "checkpoint_seconds" not in record.settings["training"]
