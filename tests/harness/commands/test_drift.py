"""`ehibench drift` from end to end."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.harness.bench import EIGHT_LEAVES, Bench


def drift(bench: Bench, *words: object) -> Result:
    return bench("drift", *EIGHT_LEAVES, *words)


def arms(done: Result) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the printed records by method and arm."""
    records = json.loads(done.output[done.output.index("[\n") : done.output.rindex("]") + 1])
    return {(record["method"], record["arm"]): record for record in records}


def test_every_method_is_measured_after_adding_rebuilding_and_retraining(bench: Bench):
    words = ["--methods", "ivf,ehi,ivf+pq,exact", "--budget", "0.5", "--set", "pq.rescore=30"]
    done = drift(bench, *words)
    assert done.exit_code == 2  # exact cannot add
    assert "Error: exact, added: adding documents to ExactIndex is not implemented" in done.output
    lines = done.output.splitlines()
    header = next(line for line in lines if line.startswith("method") and "seconds" in line)
    assert len(header) <= 100
    table = lines[lines.index(header) + 1 :][:9]
    assert [line.split()[0] for line in table[::3]] == ["ivf", "ehi", "ivf+pq"]
    assert all(" rebuilt " in line for line in table[1::3])
    assert "Holm-corrected for 6 comparisons" in " ".join(done.output.split())
    written = sorted(Path("run/drift").iterdir())
    assert len(written) == 9
    times = [path.stat().st_mtime_ns for path in written]
    again = drift(bench, *words, "--json")
    assert [path.stat().st_mtime_ns for path in written] == times, "nothing is measured twice"
    found = arms(again)
    for method in ("ivf", "ehi", "ivf+pq"):
        results = {arm: found[method, arm]["result"] for _, arm in found if (method, arm) in found}
        for result in results.values():
            assert result["cost"]["visited"] <= 0.7
            counts = {part: quality["queries"] for part, quality in result["quality"].items()}
            assert counts["first"] + counts["later"] == counts["all"]
            assert counts["seen"] + counts["unseen"] == counts["all"]
            assert result["quality"]["later"]["metrics"]["nDCG@10"] > 0, "new documents are found"
        assert results["added"]["seconds"]["add"] > 0 == results["added"]["seconds"]["train"]
        assert results["rebuilt"]["seconds"]["train"] == 0
        assert results["retrained"]["seconds"]["train"] > 0


def test_a_dry_run_lists_the_arms_and_writes_nothing(bench: Bench):
    done = drift(bench, "--methods", "ivf", "--seed", "0,1", "--dry-run")
    assert done.exit_code == 0 and not Path("run").exists()
    lines = [line for line in done.output.splitlines() if line]
    assert len(lines) == 6 and all(line.endswith("  to run") for line in lines)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--quality", "0.9"], "drift compares at equal counted budgets"),
        (["--budget-by", "latency"], "drift compares at equal counted budgets"),
        (["--share", "0.0001"], "none of the 300 documents would arrive later"),
        (["--methods", "ivff"], "did you mean 'ivf'?"),
    ],
)
def test_bad_input_is_one_line(bench: Bench, words: list[str], message: str):
    done = drift(bench, *words)
    assert done.exit_code == 2 and "Traceback" not in done.output
    (error,) = (line for line in done.output.splitlines() if line.startswith("Error: "))
    assert message in error
