"""Read and write run folders, to which records are added and in which none is changed.

A run folder holds `cells/<cell>/<attempt>/` with record.json, per_query.json and run.trec.gz, and
`trained/`, which harness/store/artifacts.py describes. `dataset/` holds the strings of the dataset
(harness/datasets/mapped.py), `tracking/` what trackers write of trainings, and `locks/` keeps
processes apart that write to one folder. An attempt is written completely, with checksums, or not
at all. The latest attempt of a cell counts.
"""

import json
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from harness.measure.quality import read_ranking, write_run
from harness.store.record import Details, Record
from harness.store.record_json import read_record, record_to_json
from methods.atomic_files import new_folder, remove_drafts, write_json
from methods.errors import InputError

PART = "part-"
"""How the names of the locks begin that processes hold while they write a part of a run."""


class RunFolder:
    """The records of a run, by cell and attempt."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def trained(self) -> Path:
        """The folder of trained encoders and routers, embeddings and indexes."""
        return self.path / "trained"

    @property
    def dataset(self) -> Path:
        """The folder of the strings that workers map, by the fingerprint of their dataset."""
        return self.path / "dataset"

    @property
    def tracking(self) -> Path:
        """The folder of the files that trackers write."""
        return self.path / "tracking"

    @contextmanager
    def open_for_writing(self) -> Iterator[None]:
        """Make the folder and lock it against other processes until the block ends.

        Raise InputError if it cannot be written or another process is writing to it.
        """
        ensure_writable(self.path / "cells", "choose another --out")
        lock = FileLock(self.path / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise InputError(
                f"another ehibench run is writing to {self.path}; "
                "wait until it ends, or choose another --out"
            ) from None
        with lock:
            self._check_no_part_runs()
            remove_drafts(self.path)
            yield

    @contextmanager
    def open_for_part(self) -> Iterator[None]:
        """Let this process write a part of a run, next to others that do, until the block ends.

        As long as one of them does, `open_for_writing` refuses to open the folder.
        """
        self._locks.mkdir(parents=True, exist_ok=True)
        with FileLock(self._locks / f"{PART}{secrets.token_hex(8)}.lock"):
            yield

    @contextmanager
    def locked(self, what: str, say: Callable[[str], None]) -> Iterator[None]:
        """Keep other processes from making the same until the block ends.

        Wait, and say so, while another one makes it. `what` is the path of an artifact relative
        to this folder, or another name.
        """
        self._locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._locks / f"{what.replace('/', '-')}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            say(f"waiting for another process that makes {what}")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def latest(self, cell: str) -> Record | None:
        """Return the record of the latest attempt at a cell, or None.

        Raise InputError, naming the file, if the attempt is damaged.
        """
        attempts = self._attempts(cell)
        return read_record(attempts[-1]) if attempts else None

    def attempts(self, cell: str) -> int:
        """Return how often a cell was measured, or was tried to."""
        return len(self._attempts(cell))

    def per_query(self, cell: str) -> dict[str, list[Any]]:
        """Return the columns of per_query.json of a cell's latest attempt, by name."""
        path = self._attempts(cell)[-1] / "per_query.json"
        columns: dict[str, list[Any]] = json.loads(path.read_text(encoding="utf-8"))
        return columns

    def values(self, cell: str, measure: str) -> dict[str, float]:
        """Return the value of a measure by query id, from a cell's latest attempt."""
        columns = self.per_query(cell)
        return dict(zip(columns["query"], columns[measure], strict=True))

    def ranking(self, cell: str) -> dict[str, list[str]]:
        """Return the ids of the documents found by the latest attempt, best first, by query."""
        return read_ranking(self._attempts(cell)[-1] / "run.trec.gz")

    def add(self, record: Record, details: Details | None = None) -> None:
        """Write the record, with its details, as the cell's next attempt."""
        attempts = self._attempts(record.cell)
        number = int(attempts[-1].name) + 1 if attempts else 1
        with new_folder(self.path / "cells" / record.cell / f"{number:04d}") as draft:
            write_json(draft / "record.json", record_to_json(record))
            if details is not None:
                columns = {
                    name: np.round(column, 9).tolist() for name, column in details.per_query.items()
                }
                per_query = {"query": details.query_ids, "unseen": details.unseen, **columns}
                write_json(draft / "per_query.json", per_query)
                write_run(details.run, draft / "run.trec.gz", record.method)

    def records(self) -> list[Record]:
        """Return the latest record of every cell, sorted by dataset, method, settings and seed.

        Raise InputError if this is not a run folder, or a latest attempt is damaged.
        """
        if not (self.path / "cells").is_dir():
            raise InputError(
                f"{self.path} is not a run folder; ehibench run --out {self.path} makes one"
            )
        latest = (self.latest(path.name) for path in (self.path / "cells").iterdir())
        return sorted((record for record in latest if record is not None), key=_sort_key)

    def readable_records(self) -> list[Record]:
        """Return the latest record of every cell, without those that are damaged, in no order."""
        latest = []
        for cell in (self.path / "cells").glob("*"):
            with suppress(InputError):
                latest.append(self.latest(cell.name))
        return [record for record in latest if record is not None]

    @property
    def _locks(self) -> Path:
        return self.path / "locks"

    def _check_no_part_runs(self) -> None:
        """Raise InputError if a process that writes a part of a run is alive."""
        for path in self._locks.glob(f"{PART}*"):
            lock = FileLock(path)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise InputError(
                    f"jobs of an earlier command are still writing to {self.path}; wait until "
                    "they end, or choose another --out"
                ) from None
            lock.release()
            path.unlink(missing_ok=True)

    def _attempts(self, cell: str) -> list[Path]:
        return sorted((self.path / "cells" / cell).glob("[0-9]*"))


def _sort_key(record: Record) -> tuple[str, str, str, int, str, float]:
    settings = json.dumps(record.settings, sort_keys=True)
    return record.dataset, record.method, settings, record.seed, *record.budget.sort_key


def ensure_writable(folder: Path, advice: str) -> None:
    """Make the folder. Raise InputError, with the advice, if it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(f"cannot write to {folder}: {error.strerror}; {advice}") from None
