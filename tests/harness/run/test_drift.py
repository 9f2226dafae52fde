"""What the arms of a drift share, and how they fail."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from methods import registry
from tests.harness.bench import EIGHT_LEAVES, Bench

WORDS = ("--share", "0.3")


def drift(bench: Bench, methods: str, *words: object) -> Result:
    return bench("drift", *EIGHT_LEAVES, *WORDS, "--methods", methods, *words)


def written(folder: str = "run") -> dict[str, Any]:
    """Return what was measured, by arm and method."""
    records = [json.loads(p.read_text()) for p in Path(folder).glob("drift/*/drift.json")]
    return {f"{record['arm']} {record['method']}": record["result"] for record in records}


def values(arm: str) -> Any:
    (path,) = Path("run/drift").glob(f"{arm}-*/per_query.json")
    return json.loads(path.read_text())


def register(name: str, index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a method with one of the broken indexes to the table of methods."""
    part = registry.Component(name, f"tests.harness.run.broken_indexes:{index}")
    table = {**registry.methods(), name: registry.Method(name, "", registry.DUAL_ENCODER, part)}
    monkeypatch.setattr(registry, "methods", lambda: table)


def test_with_everything_scanned_adding_finds_what_rebuilding_finds(bench: Bench):
    done = drift(bench, "ivf", "--budget", "1")
    assert done.exit_code == 0, done.output
    assert values("added") == values("rebuilt") != values("retrained")
    results = written()
    assert all(result["cost"]["visited"] == 1 for result in results.values())
    again = bench("run", *EIGHT_LEAVES, "--methods", "ivf", "--budget", "1")
    assert again.exit_code == 0, again.output
    (record,) = bench.records()
    retrained = results["retrained ivf"]["quality"]["all"]["metrics"]
    assert retrained == pytest.approx(record.measured.quality.metrics), "it is an ordinary cell"
    assert len(list(Path("run/trained").iterdir())) == 2, "run uses what drift trained"


def test_a_router_on_a_frozen_encoder_is_rebuilt_with_both(bench: Bench):
    done = drift(bench, "ehi-frozen", "--budget", "1")
    assert done.exit_code == 0, done.output
    assert values("added") == values("rebuilt")
    assert len(list(Path("run").glob("trained/*/router"))) == 2
    assert len(list(Path("run").glob("trained/*/corpus-*/embeddings"))) == 1


def test_the_first_documents_are_not_encoded_again(bench: Bench, tmp_path: Path):
    assert bench("run", *EIGHT_LEAVES, "--methods", "ivf", "--budget", "1").exit_code == 0
    done = drift(bench, "ivf", "--budget", "1", "--json")
    assert done.exit_code == 0, done.output
    caches = len(list((tmp_path / "cache" / "embeddings").glob("*.npy")))
    assert caches == 4 + 2  # queries to train on, to tune and to test, documents; and parts of two


def test_an_interrupted_drift_continues_with_the_missing_arms(bench: Bench):
    assert drift(bench, "ivf", "--budget", "0.5").exit_code == 0
    (rebuilt,) = Path("run/drift").glob("rebuilt-*")
    (rebuilt / "drift.json").write_text("damaged")
    added, retrained = (next(Path("run/drift").glob(f"{arm}-*")) for arm in ("added", "retrained"))
    times = [path.stat().st_mtime_ns for path in (added, retrained)]
    assert drift(bench, "ivf", "--budget", "0.5").exit_code == 0
    assert [path.stat().st_mtime_ns for path in (added, retrained)] == times
    assert set(written()) == {"added ivf", "rebuilt ivf", "retrained ivf"}


def test_an_index_that_refuses_late_is_named_and_the_others_go_on(bench: Bench):
    settings = ["--set", "ehi.mixer=relu", "--set", "short.rank=16"]
    done = drift(bench, "ehi+short,ivf", "--budget", "0.5", *settings)
    assert done.exit_code == 2
    (line,) = (line for line in done.output.splitlines() if line.startswith("Error: "))
    assert line.startswith("Error: ehi+short, added: this index rescores with the documents that")
    assert set(written()) == {"added ivf", "rebuilt ivf", "retrained ivf"}


def test_ngt_adds_documents(bench: Bench):
    pytest.importorskip("ngtpy")
    done = drift(bench, "ngt", "--budget", "0.5")
    assert done.exit_code == 0, done.output
    results = written()
    assert set(results) == {"added ngt", "rebuilt ngt", "retrained ngt"}
    for result in results.values():
        assert result["quality"]["later"]["metrics"]["nDCG@10"] > 0, "new documents are found"


def test_a_method_that_cannot_add_is_not_trained(bench: Bench):
    done = drift(bench, "bm25,exact", "--budget", "0.5")
    assert done.exit_code == 2
    assert "Error: exact, added: adding documents to ExactIndex is not implemented" in done.output
    assert "Error: bm25, added: adding documents to Bm25Index is not implemented" in done.output
    assert not Path("run/trained").exists() and not written()


def test_a_crash_fails_its_arm_alone(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    register("crash", "CrashesInAdd", monkeypatch)
    done = drift(bench, "crash,ivf", "--budget", "1")
    assert done.exit_code == 3
    assert "Error: crash, added: its process was killed by SIGSEGV" in done.output
    assert set(written()) == {"added ivf", "rebuilt ivf", "retrained ivf"}


def test_a_crash_leaves_the_budgets_before_it(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    register("dies", "DiesAtTheSecondEffort", monkeypatch)
    done = drift(bench, "dies", "--budget", "0.5,1")
    assert done.exit_code == 3
    arms = ("added", "rebuilt", "retrained")
    for arm in arms:
        assert f"Error: dies, {arm}: its process was killed by SIGKILL" in done.output
    assert set(written()) == {f"{arm} dies" for arm in arms}
