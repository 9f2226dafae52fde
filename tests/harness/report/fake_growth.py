"""Records of one kind of data at several sizes, whose costs are known powers of the documents."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from harness.report.rows.dataset_records import DatasetRecords, gather
from harness.report.rows.growth import Growth, find_growths
from harness.store.record import Details
from harness.store.run_folder import RunFolder
from tests.harness.store.fake_records import make_record, milliseconds

SIZES = (10_000, 100_000, 1_000_000)
EXPONENTS = {"ehi": 0.75, "ivf": 0.5, "hnsw": 0.25}
"""By method: to find 90 %, documents^x are visited, and 2 documents^x to find 95 %."""
SHARES = {0.85: 0.5, 0.9: 1.0, 0.95: 2.0}
"""The costs of shares of exact search's documents, as multiples of that of 90 %."""
DETAILS = Details({"nDCG@10": np.array([0.4, 0.6])}, ["q1", "q2"], [True, True], {})


def write_size(
    path: Path,
    documents: int,
    exponents: Mapping[str, float] = EXPONENTS,
    shares: Mapping[float, float] = SHARES,
    kind: str = "beir:synthetic",
    counted: int | None = None,
    depth: int = 10,
) -> RunFolder:
    """Write one size. `counted` is the number of documents in its records if it is another."""
    folder = RunFolder(path)
    cells = [
        (method, share, times * documents**power)
        for method, power in exponents.items()
        for share, times in shares.items()
    ]
    for method, share, visited in [*cells, ("exact", None, float(documents))]:
        record = make_record(
            method,
            share,
            kind="overlap",
            dataset=f"{kind}-{documents}",
            cell=f"{method}-{share}-{documents}-{depth}",
            provenance={
                "dataset_documents": counted or documents,
                "dataset_sha256": str(documents),
                "command": f"ehibench run --dataset {kind}-{documents}",
                "processor": "a processor",
                "cores": 2,
                "memory_gib": 16.0,
                "time": "2026-01-01T00:00:00+00:00",
            },
            visited=visited / documents,
            scan_macs=visited / documents,
            route_macs=0.0,
            overlap_exact_10=share or 1.0,
            search_ms=milliseconds(visited / 1000),
            queries=2,
            depth=depth,
        )
        folder.add(record, DETAILS)
    return folder


def write_sizes(path: Path, sizes: Sequence[int] = SIZES) -> list[RunFolder]:
    """Write one run folder for each size."""
    return [write_size(path / str(documents), documents) for documents in sizes]


def gathered(folders: Sequence[RunFolder]) -> list[DatasetRecords]:
    """Return the records of run folders."""
    return gather(folders)[0]


def growth_of(folders: Sequence[RunFolder]) -> Growth:
    """Return the one kind of data in run folders."""
    (growth,) = find_growths(gathered(folders))
    return growth
