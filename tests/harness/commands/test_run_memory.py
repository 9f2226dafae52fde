"""`ehibench run --memory` bounds what builds take, and changes no cell and no result."""

from pathlib import Path

import pytest

from harness.measure.memory import STATUS
from tests.harness.bench import Bench

pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="only Linux bounds anonymous memory")
WORDS = ("--methods", "ehi,ivf,bm25", "--budget", "0.3,0.6")


def test_a_bounded_run_measures_the_same_cells_and_results(bench: Bench):
    assert bench.run(*WORDS, out="free").exit_code == 0
    done = bench.run(*WORDS, "--memory", "1.5GB", out="bounded")
    assert done.exit_code == 0, done.output
    free, bounded = bench.records("free"), bench.records("bounded")
    for record, same in zip(free, bounded, strict=True):
        assert record.cell == same.cell
        assert record.measured.quality == same.measured.quality
        assert record.measured.cost == same.measured.cost
        peak = same.measured.memory.build_anonymous_peak
        assert peak is not None and peak < 1_500_000_000
    assert {record.provenance.memory_limit for record in free} == {None}
    assert {record.provenance.memory_limit for record in bounded} == {1_500_000_000}
    files = [sorted(Path(run).rglob("*.faiss")) for run in ("free", "bounded")]
    assert [each.read_bytes() for each in files[0]] == [each.read_bytes() for each in files[1]]


def test_a_bound_that_is_too_small_is_one_line(bench: Bench):
    done = bench.run("--methods", "ivf", "--memory", "50MB")
    assert done.exit_code == 2
    assert "--memory is 50MB, but building ivf needs" in done.output
