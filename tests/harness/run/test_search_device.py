"""A run that searches by torch, and one by Faiss that takes over what the first has trained."""

from pathlib import Path

from tests.harness.bench import Bench


def test_each_engine_measures_the_same_artifacts_and_finds_the_same(bench: Bench):
    words = ["--methods", "ivf,ehi", "--budget", "0.5"]
    by_torch = bench.run(*words, "--search-device", "cpu:torch")
    assert by_torch.exit_code == 0, by_torch.output
    assert "(encodes on cpu, searches on cpu:torch)" in by_torch.output
    made = {path: path.stat().st_mtime_ns for path in Path("run").glob("trained/**/*.safetensors")}
    assert any(path.name == "lists.safetensors" for path in made)
    assert bench.run(*words).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in made} == made

    for method in ("ivf", "ehi"):
        pair = [record for record in bench.records() if record.method == method]
        assert sorted(record.provenance.search_device for record in pair) == ["cpu", "cpu:torch"]
        first, second = (record.measured for record in pair)
        assert first.quality.metrics == second.quality.metrics
        assert (first.effort, first.cost.visited) == (second.effort, second.cost.visited)
    shown = bench.show()
    assert "ivf search=cpu:torch" in shown and "ehi search=cpu " in shown
