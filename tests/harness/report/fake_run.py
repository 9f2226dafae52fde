"""A run folder of made-up records on a small dataset of real texts; some contain markup."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from harness.measure.budget import Budget, BudgetKind
from harness.report.numbers import Spread
from harness.report.rows.summary import Row
from harness.store.provenance import Provenance
from harness.store.record import Details, Durations, Record, Throughput
from harness.store.run_folder import RunFolder
from tests.harness.store.fake_records import TRAINING, make_record, milliseconds

HOSTILE = "</script><script>document.title='broken'</script> & \"<b>\""
DOCUMENTS, QUERIES, LEAVES = 120, 96, 8
BUDGETS = (0.01, 0.05, 0.1)
HEIGHTS = {"ehi": (0.50, 0.56, 0.60), "ivf": (0.30, 0.44, 0.52), "hnsw": (0.34, 0.60, 0.64)}


@dataclass(frozen=True)
class MadeUpRun:
    """A run folder and the dataset of its records."""

    path: Path
    dataset: Dataset
    data: Path  # the BEIR folder of the dataset


def row(
    method: str, budget: float | None, mean: float, kind: BudgetKind = "visited", **fields: Any
) -> Row:
    """Return a row in which every seed, by default one, and every query have the mean as value."""
    seeds = fields.get("seeds", (0,))
    defaults: dict[str, Any] = {
        "dataset": "d",
        "method": method,
        "label": method,
        "budget": Budget(kind, budget),
        "seeds": seeds,
        "metrics": {"nDCG@10": Spread(mean, None)},
        "spent": None,
        "macs": Spread((budget or 1.0) + 0.02, None),
        "latency_p50_ms": None,
        "interval": (0.4, 0.7),
        "per_seed": {seed: {f"q{i}": mean for i in range(60)} for seed in seeds},
        "visited": Spread(budget or 1.0, None),
    }
    return Row(**(defaults | fields))


def make_run(path: Path, data: Path, seeds: tuple[int, ...] = (0, 1)) -> MadeUpRun:
    """Make a run folder of three methods at three budgets, exact search and bm25."""
    folder, dataset = RunFolder(path), load_dataset(f"beir:{data}")
    _write_artifacts(folder.trained)
    for seed in seeds:
        for method, heights in HEIGHTS.items():
            for budget, height in zip(BUDGETS, heights, strict=True):
                _add(folder, dataset, data, method, seed, budget, height)
        _add(folder, dataset, data, "exact", seed, None, 0.65)
        _add(folder, dataset, data, "bm25", seed, None, 0.40)
    return MadeUpRun(path, dataset, data)


def copy_as(dataset: str, run: MadeUpRun, path: Path) -> RunFolder:
    """Copy EHI's and IVF's records of one seed to another folder, for a dataset that is lost."""
    source, copy = RunFolder(run.path), RunFolder(path)
    for record in source.records():
        if record.seed == 0 and record.method in ("ehi", "ivf"):
            cell = f"{dataset}-{record.cell}"
            own = replace(record, cell=cell, dataset=dataset, provenance=Provenance())
            copy.add(own, details_of(source, record))
    return copy


def details_of(folder: RunFolder, record: Record) -> Details:
    """Return what is stored next to a record of a run folder."""
    columns = folder.per_query(record.cell)
    values = {name: np.array(columns[name]) for name in record.measured.quality.metrics}
    ranking = folder.ranking(record.cell).items()
    scores = {q: {d: 1 / (1 + i) for i, d in enumerate(documents)} for q, documents in ranking}
    return Details(values, columns["query"], columns["unseen"], scores)


def write_data(folder: Path, hpo: Dataset) -> None:
    """Write the first concepts of hpo in BEIR layout; one id and some texts contain markup."""
    (folder / "qrels").mkdir(parents=True)
    ids = ["<i>0</i>", *(hpo.corpus.ids[i] for i in range(1, DOCUMENTS))]
    with (folder / "corpus.jsonl").open("w") as corpus:
        for position, name in enumerate(ids):
            text = HOSTILE if position == 0 else hpo.corpus.texts[position]
            corpus.write(json.dumps({"_id": name, "text": text}) + "\n")
    with (
        (folder / "queries.jsonl").open("w") as queries,
        (folder / "qrels" / "test.tsv").open("w") as qrels,
    ):
        for number in range(QUERIES):
            text = f"query {number} {HOSTILE}" if number == 0 else f"query {number}"
            queries.write(json.dumps({"_id": f"q{number}", "text": text}) + "\n")
            qrels.write(f"q{number}\t{ids[number]}\t1\n")


def _add(
    folder: RunFolder,
    dataset: Dataset,
    data: Path,
    method: str,
    seed: int,
    budget: float | None,
    height: float,
) -> None:
    names = [f"q{number}" for number in range(QUERIES)]
    noise = np.random.default_rng(seed).normal(0, 0.01, QUERIES)
    values = np.clip(height + np.linspace(-0.3, 0.3, QUERIES) + noise, 0, 1)
    columns = {"nDCG@10": values, "RR@10": values, "R@10": values, "R@100": 0.5 + values / 2}
    visited = budget or (1.0 if method == "exact" else 0.04)
    first = 0 if method in ("ehi", "exact") else 3
    ids = list(dataset.corpus.ids)
    run = {
        query: {ids[(first + position + rank) % DOCUMENTS]: 1 / (1 + rank) for rank in range(12)}
        for position, query in enumerate(names)
    }
    artifacts = {"encoder": "trained/t/encoder", "index": "trained/t/indexes/tree-1"}
    record = make_record(
        method,
        budget,
        seed=seed,
        dataset=dataset.name,
        settings={"encoder": {"name": "minilm", "train": "head"}},
        provenance={
            "command": shlex.join(["ehibench", "run", "--dataset", f"beir:{data}"]),
            "time": "2026-01-01T00:00:00+00:00",
            "commit": "abc",
            "dataset_spec": f"beir:{data}",
            "dataset_source": "made up <b>",
            "dataset_sha256": dataset.fingerprint,
            "versions": {"ehibench": "0.1.0"},
        },
        spent=visited,
        visited=0.9 * visited,
        scan_macs=None if method == "bm25" else visited,
        route_macs=0.01,
        metrics={name: float(column.mean()) for name, column in columns.items()},
        overlap_exact_10=None if method == "bm25" else min(1.0, height + 0.3),
        queries=QUERIES,
        queries_unseen=QUERIES,
        search_ms=milliseconds(2 * visited),
        throughput=Throughput(1000 / visited, 100, 3),
        training=replace(TRAINING, encoder_updates=60, seconds=2.0),
        durations=Durations(train=2.0, build=1.0, measure=1.0),
        artifacts=artifacts if method == "ehi" else {},
    )
    folder.add(record, Details(columns, names, [True] * QUERIES, run))


def _write_artifacts(trained: Path) -> None:
    files = trained / "t" / "indexes" / "tree-1" / "files"
    files.mkdir(parents=True)
    leaves = np.arange(DOCUMENTS) ** 2 // 300 % (LEAVES - 1)  # the last leaf stays empty
    write_postings(files / "postings.faiss", [np.flatnonzero(leaves == i) for i in range(LEAVES)])
    encoder = trained / "t" / "encoder"
    encoder.mkdir()
    history = [
        {"epoch": epoch, "semantic": 1 / (1 + epoch)}
        | ({"indexing": 2 - epoch / 10} if epoch > 3 else {})
        for epoch in range(8)
    ]
    training = {"summary": {}, "history": history}
    (encoder / "training.json").write_text(json.dumps(training))


def write_postings(path: Path, leaves: Sequence[np.ndarray]) -> None:
    """Write an inverted file whose lists are these leaves; every vector is 0."""
    import faiss

    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(2), 2, len(leaves), faiss.METRIC_INNER_PRODUCT)
    index.is_trained = True
    for number, documents in enumerate(leaves):
        ids, codes = documents.astype(np.int64), np.zeros((len(documents), 8), dtype=np.uint8)
        pointers = faiss.swig_ptr(ids), faiss.swig_ptr(codes)
        index.invlists.add_entries(number, len(ids), *pointers)
    faiss.write_index(index, str(path))
