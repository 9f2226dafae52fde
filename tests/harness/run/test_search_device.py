"""One run measures on one device or engine what another has trained and built elsewhere."""

from pathlib import Path

import pytest

from tests.harness.bench import Bench


def made() -> dict[Path, int]:
    """Return when each file of what is trained or built was written."""
    files = Path("run").glob("trained/**/*.safetensors")
    return {path: path.stat().st_mtime_ns for path in files}


def test_each_engine_measures_the_same_artifacts_and_finds_the_same(bench: Bench):
    words = ["--methods", "ivf,ehi", "--budget", "0.5"]
    by_torch = bench.run(*words, "--search-device", "cpu:torch")
    assert by_torch.exit_code == 0, by_torch.output
    assert "(encodes on cpu, searches on cpu:torch)" in by_torch.output
    before = made()
    assert any(path.name == "lists.safetensors" for path in before)
    assert bench.run(*words).exit_code == 0
    assert made() == before

    for method in ("ivf", "ehi"):
        pair = [record for record in bench.records() if record.method == method]
        assert sorted(record.provenance.search_device for record in pair) == ["cpu", "cpu:torch"]
        first, second = (record.measured for record in pair)
        assert first.quality.metrics == second.quality.metrics
        assert (first.effort, first.cost.visited) == (second.effort, second.cost.visited)
    shown = bench.show()
    assert "ivf search=cpu:torch" in shown and "ehi search=cpu " in shown


@pytest.mark.gpu
@pytest.mark.parametrize("train", ["head", "full"])
def test_a_cpu_searches_what_a_gpu_has_trained(bench: Bench, train: str):
    words = ["--methods", "ivf,ehi", "--budget", "0.5", "--set", f"encoder.train={train}"]
    on_gpu = bench.run(*words, "--device", "cuda", "--search-device", "cuda")
    assert on_gpu.exit_code == 0, on_gpu.output
    before = made()
    on_cpu = bench.run(*words, "--device", "cpu")
    assert on_cpu.exit_code == 0, on_cpu.output
    assert made() == before

    for method in ("ivf", "ehi"):
        pair = [record for record in bench.records() if record.method == method]
        found = {record.provenance.device: record.measured.quality.metrics for record in pair}
        assert found["cpu"] == pytest.approx(found["cuda"], abs=0.02)
