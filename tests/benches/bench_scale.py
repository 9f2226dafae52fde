"""Growth with the corpus: `make bench-scale`, or `python -m tests.benches.bench_scale 10000`.

Runs `ehibench run` on synthetic corpora (tests/synthetic.py) with a frozen encoder, and saves the
records of each size to results/reference/scale-DOCUMENTS.jsonl.xz, from which `make report` draws
what it costs to find nearly all that exact search finds. Runs are in results/runs/scale, so that an
interrupted one continues where it stopped.

Fails if building an `ehi` or `ivf` index of a million documents takes more than 2.5 times the
memory of its vectors, or if loading a corpus takes more than 1.5 times the size of its text.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from harness.commands.session import cache_folder
from harness.datasets import load_dataset
from harness.store.record_file import read_record_file
from methods.base import Resources
from methods.encoder.encoder import Encoder
from methods.settings import EncoderSettings
from tests.benches.sizes import asked_sizes
from tests.synthetic import Parts, split_into_parts, write_corpus, write_encoder, write_paragraphs

ROOT = Path(__file__).parents[2]
SCRATCH = Path("results/runs/scale")
SAVED = Path("results/reference")
"""Relative to ROOT, because records keep the command that made them."""
SIZES = (10_000, 100_000, 1_000_000)
METHODS = "exact,ivf,scann,hnsw,faiss-hnsw+sq8,ehi,ivf+hnsw,ehi+hnsw"
QUALITIES = "0.85,0.9,0.95,0.97"
"""Neighbours of .9 and .95 on both sides, between which a report interpolates."""
GRAPHS = ("hnsw", "faiss_hnsw", "graph")
SETTINGS = {
    "encoder.train": "frozen",
    "encoder.head": "none",
    "training.epochs": 15,
    "ehi.joint_from": 0,
    # A million documents are clustered and linked in minutes, and no rule changes M on the way.
    "ivf.iterations": 5,
    "scann.training_iterations": 5,
    **{f"{graph}.neighbours": 16 for graph in GRAPHS},
    **{f"{graph}.ef_construction": 100 for graph in GRAPHS},
    # All graphs of Faiss are over 8-bit scalars, and share the links that whole vectors got.
    "graph.vectors": "sq8",
    "sq8.rescore": 10,
    "timing.rounds": 3,
    "timing.seconds": 0.3,
}
UNMET = 2
"""`ehibench run` exits with it if some method cannot reach some quality, which records say."""
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
BUILDING_BOUND, LOADING_BOUND = 2.5, 1.5
DIMENSIONS = 384


def main(sizes: Sequence[int]) -> None:
    """Measure every size, save its records and check the bounds."""
    os.chdir(ROOT)
    parts = _parts()
    if not (SCRATCH / "encoder").is_dir():
        write_encoder(parts, SCRATCH / "encoder")
    for documents in sizes:
        _check_loading(documents)
        folder = SCRATCH / f"synthetic-{documents}"
        if not folder.is_dir():
            write_corpus(documents, parts, folder)
        _measure(folder, documents)
        saved = SAVED / f"scale-{documents}.jsonl.xz"
        _ehibench("baseline", str(folder / "run"), str(saved))
        _check_building(saved, documents)


def _parts() -> Parts:
    hpo = load_dataset("hpo")
    settings = EncoderSettings(head="none", train="frozen")
    minilm = Encoder(settings, Resources("cpu", cache_folder()))
    return split_into_parts(np.array(minilm.pooled(hpo.corpus.texts, "document")))


def _measure(folder: Path, documents: int) -> None:
    settings = {"encoder.name": SCRATCH / "encoder", **SETTINGS}
    _ehibench(
        "run",
        *("--dataset", f"beir:{folder}", "--preset", "quick", "--device", "cpu", "--seed", "0"),
        *("--methods", METHODS, "--quality", QUALITIES, "--out", str(folder / "run")),
        *(f"--set={key}={value}" for key, value in settings.items()),
    )


def _ehibench(*words: str) -> None:
    """Call `ehibench`. Raise CalledProcessError if it did not do what it was told."""
    command = [str(Path(sys.executable).with_name("ehibench")), *words]
    environment = {**os.environ, "EHIBENCH_CACHE": str(SCRATCH / "cache")}
    done = subprocess.run(command, env=environment)
    if done.returncode not in (0, UNMET):
        done.check_returncode()


def _check_loading(documents: int) -> None:
    """Load that many paragraphs, print what it takes, and check it against its bound."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.jsonl"
        text = write_paragraphs(documents, corpus)
        command = [sys.executable, "-c", LOADING, str(corpus)]
        grown = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(f"loading {documents:,}: {grown / 2**20:.0f} MiB for {text / 2**20:.0f} MiB of text")
    assert grown < LOADING_BOUND * text or documents < 100_000, f"{grown:,} for {text:,} bytes"


def _check_building(saved: Path, documents: int) -> None:
    allowed = BUILDING_BOUND * documents * DIMENSIONS * 4
    for record in read_record_file(saved).records():
        if record.method in ("ehi", "ivf") and record.result and documents >= max(SIZES):
            peak = record.result.memory.build_peak
            assert peak < allowed, f"{record.cell}: {peak:,} bytes, more than {allowed:,.0f}"


if __name__ == "__main__":
    main(asked_sizes(__doc__, SIZES))
