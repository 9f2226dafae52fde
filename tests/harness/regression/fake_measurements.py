"""Measurements as a run on one machine leaves them, with values that a test chooses."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.regression.measurements import Measurements
from harness.store.record import Record
from tests.harness.store.fake_records import make_record, milliseconds

PROVENANCE = {
    "processor": "AMD EPYC",
    "cores": 2,
    "device": "cpu",
    "device_name": None,
    "dataset_sha256": "d" * 64,
    "encoder_sha256": "e" * 64,
    "commit": "c" * 40,
    "time": "2026-11-24T20:00:00+00:00",
    "timing": {"rounds": 5, "seconds": 1.0},
}


def record(
    method: str,
    seed: int = 0,
    budget: float | None = 0.05,
    ms: float = 0.1,
    origin: dict[str, Any] | None = None,
    **fields: Any,
) -> Record:
    """Return a record with five rounds of equal times; `origin` changes its provenance."""
    defaults: dict[str, Any] = {
        "settings": {"encoder": {"name": "minilm"}, method: {"lists": 128}},
    }
    if "failure" not in fields:
        defaults |= {
            "effort": 5,
            "search_ms": milliseconds(ms),
            "reference_ms": {"product": 2.0, "scan": 4.0},
            "rounds_ms": {"search": (ms,) * 5, "product": (2.0,) * 5, "scan": (4.0,) * 5},
        }
    provenance = {**PROVENANCE, **(origin or {})}
    return make_record(
        method, budget, seed=seed, dataset="hpo", provenance=provenance, **{**defaults, **fields}
    )


def make_measurements(
    records: Sequence[Record], values: Sequence[Sequence[float]] | None = None, path: str = "run"
) -> Measurements:
    """Return the records with the nDCG@10 of each query; by default two queries at .5 each."""
    given = values or [[0.5, 0.5]] * len(records)
    columns = {
        row.cell: {"query": [f"q{i}" for i in range(len(column))], "nDCG@10": column}
        for row, column in zip(records, given, strict=True)
        if row.status == "ok"
    }
    return Measurements(Path(path), records, columns)
