"""`--executor local`: submitit starts a process for each part of a run."""

from pathlib import Path

import pytest

from tests.harness.bench import Bench

pytest.importorskip("submitit", reason='needs submitit: pip install "ehibench[cluster]"')
pytest.importorskip("bm25s", reason='needs bm25s: pip install "ehibench[bm25]"')


def test_jobs_measure_and_leave_logs_but_nothing_pickled(bench: Bench):
    done = bench.run("--methods", "bm25", "--executor", "local")
    assert done.exit_code == 0, done.output
    (record,) = bench.records()
    assert (record.method, record.status) == ("bm25", "ok")
    assert record.measured.quality.metrics["nDCG@10"] > 0.3
    (scratch,) = Path("cache/jobs").iterdir()
    assert len(list(scratch.glob("*_log.out"))) == 2  # one to build, one to measure
    assert not list(scratch.rglob("*.pkl")) and scratch.stat().st_mode & 0o777 == 0o700
