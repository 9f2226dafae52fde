"""Growth with the corpus: `make bench-scale`, or `python -m tests.benches.bench_scale 10000`.

Runs `ehibench run` on synthetic corpora (tests/synthetic.py) with a frozen encoder, and writes
results/reference/scale.md: build time, memory, and the visited documents and latency at which a
method finds 90 % of the ten nearest documents, interpolated logarithmically between budgets.
Measurements stay in results/runs/scale, so that an interrupted run continues where it stopped.
Fails if building an `ehi` or `ivf` index takes more than 2.5 times the memory of its vectors, or
if loading a corpus takes more than 1.5 times the size of its text.
"""

import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.commands.session import cache_folder
from harness.datasets import load_dataset
from harness.measure.threads import available_threads
from harness.store.provenance import provenance
from harness.store.record import Result
from harness.store.run_folder import RunFolder
from methods.base import Resources
from methods.devices import Devices
from methods.encoder.encoder import Encoder
from methods.settings import EncoderSettings
from tests.synthetic import split_into_parts, write_corpus, write_encoder, write_paragraphs

ROOT = Path(__file__).parents[2]
SCRATCH = ROOT / "results" / "runs" / "scale"
REPORT = ROOT / "results" / "reference" / "scale.md"
WANTED = 0.9
LEAVES = {10_000: 128, 100_000: 512, 1_000_000: 1024}
LISTED = "exact,ivf,ivf+pq,scann,ehi,bm25"
LISTED_BUDGETS = "0.001,0.002,0.005,0.01,0.02,0.05,0.1,0.2"
GRAPH_BUDGETS = "0.0002,0.0005,0.001,0.002,0.005,0.01,0.02,0.05"
LOADING = """
import sys
from pathlib import Path
import psutil
from harness.datasets.beir import read_corpus
from harness.measure.memory import peak_bytes

before = psutil.Process().memory_info().rss
read_corpus(Path(sys.argv[1]))
print(peak_bytes() - before)
"""
MEMORY_BOUND, LOADING_BOUND = 2.5, 1.5
DIMENSIONS = 384


@dataclass(frozen=True)
class Point:
    """A method at a corpus size, where it finds `WANTED` of the nearest documents."""

    documents: int
    method: str
    build_seconds: float
    build_peak: float
    index_memory: float
    index_disk: float
    recall: float | None
    visited: float | None
    milliseconds: float | None


def main(sizes: Sequence[int]) -> None:
    """Measure every size, check the bounds and write the report."""
    hpo = load_dataset("hpo")
    minilm = Encoder(EncoderSettings(head="none", train="frozen"), _resources())
    parts = split_into_parts(np.array(minilm.pooled(hpo.corpus.texts, "document")))
    if not (SCRATCH / "encoder").is_dir():
        write_encoder(parts, SCRATCH / "encoder")
    points: list[Point] = []
    loading: list[str] = []
    for documents in sizes:
        folder = SCRATCH / f"synthetic-{documents}"
        if not folder.is_dir():
            write_corpus(documents, parts, folder)
        loading.append(_loading(documents))
        _measure(folder, documents)
        points += _points(folder, documents)
    REPORT.write_text(_report(points, loading))
    print(REPORT.read_text())
    _check(points)


def _resources() -> Resources:
    return Resources("cpu", cache_folder())


def _loading(documents: int) -> str:
    """Load that many paragraphs, check the memory against its bound, and return a line on it."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.jsonl"
        text = write_paragraphs(documents, corpus)
        command = [sys.executable, "-c", LOADING, str(corpus)]
        grown = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert grown < LOADING_BOUND * text or documents < 100_000, f"{grown:,} for {text:,} bytes"
    return f"{documents:,} documents: {grown / 2**20:.0f} MiB for {text / 2**20:.0f} MiB of text"


def _measure(folder: Path, documents: int) -> None:
    leaves = str(LEAVES[documents])
    settings = {
        "encoder.name": SCRATCH / "encoder",
        "encoder.train": "frozen",
        "encoder.head": "none",
        "training.epochs": 15,
        "ehi.joint_from": 0,
        "ehi.branching": leaves,
        "ivf.lists": leaves,
        "scann.leaves": leaves,
        "timing.rounds": 3,
    }
    words = [f"--set={key}={value}" for key, value in settings.items()]
    words += ["--dataset", f"beir:{folder}", "--preset", "quick", "--out", str(folder / "run")]
    budgets_of = {
        LISTED: LISTED_BUDGETS,
        "hnsw": GRAPH_BUDGETS,
        "faiss-hnsw": GRAPH_BUDGETS,
    }
    for methods, budgets in budgets_of.items():
        command = [sys.executable, "-m", "harness.cli", "run", *words, "--methods", methods]
        subprocess.run([*command, "--budget", budgets], env=_environment())


def _points(folder: Path, documents: int) -> list[Point]:
    records = [record for record in RunFolder(folder / "run").records() if record.result]
    names = dict.fromkeys(record.method for record in records)
    return [
        _point(documents, name, [record.measured for record in records if record.method == name])
        for name in names
    ]


def _environment() -> dict[str, str]:
    return {**os.environ, "EHIBENCH_CACHE": str(SCRATCH / "cache")}


def _point(documents: int, method: str, results: Sequence[Result]) -> Point:
    results = sorted(results, key=lambda result: result.cost.visited)
    first = results[0]
    overlaps = [result.quality.overlap_exact_10 for result in results]
    recalls = [overlap for overlap in overlaps if overlap is not None]
    return Point(
        documents,
        method,
        first.durations.build,
        first.memory.build_peak,
        first.memory.index_memory,
        first.memory.index_disk,
        max(recalls, default=None),
        _where(recalls, [result.cost.visited * documents for result in results]),
        _where(recalls, [result.latency.search_ms.p50 for result in results]),
    )


def _where(recalls: Sequence[float], values: Sequence[float]) -> float | None:
    """Return the value at which the recall first reaches `WANTED`, or None if it never does."""
    above = next((index for index, recall in enumerate(recalls) if recall >= WANTED), None)
    if not above:  # never reached, or already by the cheapest cell
        return None if above is None else values[0]
    low, high = recalls[above - 1], recalls[above]
    share = (WANTED - low) / (high - low)
    before, after = (math.log(values[index]) for index in (above - 1, above))
    return math.exp(before + share * (after - before))


def _check(points: Sequence[Point]) -> None:
    for point in points:
        if point.method in ("ehi", "ivf") and point.documents == max(LEAVES):
            allowed = MEMORY_BOUND * point.documents * DIMENSIONS * 4
            assert point.build_peak < allowed, f"{point} takes more than {allowed:,.0f} bytes"


def _report(points: Sequence[Point], loading: Sequence[str]) -> str:
    origin = provenance(Devices(), available_threads())
    lines = [
        "# Growth with the number of documents",
        "",
        f"`{origin['command']}`, {origin['processor']}, {origin['cores']} cores, "
        f"{origin['memory_gib']} GiB, {origin['time'][:10]}, commit {origin['commit']}.",
        "",
        "Synthetic vectors of 384 dimensions, made of hpo's cluster centres and residuals",
        "(tests/synthetic.py); the encoder is frozen, seed 0. Visited documents and milliseconds",
        f"(median of single searches, one thread) are those at which {WANTED:.0%} of the ten",
        "documents that exact search finds are found, interpolated between the budgets measured;",
        "`best` is the largest share found at any of them. Build: seconds on all cores; peak: of",
        "the process that builds, with the memory-mapped vectors; in memory and on disk: the",
        "index, with the vectors where a search reads them. GiB.",
        "",
        "| documents | method | build s | peak | in memory | on disk | visited | ms | best |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for point in points:
        sizes = (point.build_peak, point.index_memory, point.index_disk)
        cells = [
            f"{point.documents:,}",
            point.method,
            f"{point.build_seconds:.1f}",
            *(f"{size / 2**30:.2f}" for size in sizes),
            "-" if point.visited is None else f"{point.visited:,.0f}",
            "-" if point.milliseconds is None else f"{point.milliseconds:.3f}",
            "-" if point.recall is None else f"{point.recall:.3f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "Exponents: x in cost ~ documents^x, from the smallest size to the largest.", ""]
    lines += ["| method | build s | in memory | visited | ms |", "|---|---|---|---|---|"]
    for method in dict.fromkeys(point.method for point in points):
        of_method = [point for point in points if point.method == method]
        exponents = [
            _exponent(of_method, name)
            for name in ("build_seconds", "index_memory", "visited", "milliseconds")
        ]
        lines.append(f"| {method} | " + " | ".join(exponents) + " |")
    lines += ["", "Loading a BEIR folder, peak memory:", ""]
    return "\n".join([*lines, *(f"- {line}" for line in loading), ""])


def _exponent(points: Sequence[Point], name: str) -> str:
    first, last = getattr(points[0], name), getattr(points[-1], name)
    if not first or not last or points[0].documents == points[-1].documents:
        return "-"
    grown = math.log(last / first) / math.log(points[-1].documents / points[0].documents)
    return f"{grown:.2f}"


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or sorted(LEAVES))
