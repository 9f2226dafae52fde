"""Open a run folder or a file of records by its path, and save the one as the other."""

from pathlib import Path

from harness.store.ablations import Ablation, read_ablations
from harness.store.record import Record
from harness.store.record_file import RecordFile, read_record_file, write_record_file
from harness.store.run_folder import RunFolder, ensure_writable
from methods.errors import InputError

StoredRun = RunFolder | RecordFile


def open_run(path: Path) -> StoredRun:
    """Return the run folder or the file of records at a path.

    Raise InputError if there is neither, or if the file is damaged. The folder is read later.
    """
    if path.is_dir():
        return RunFolder(path)
    if path.exists():
        return read_record_file(path)
    raise InputError(
        f"{path} is neither a run folder nor a file of records; make a run folder with "
        f"ehibench run --out {path}, or a file with ehibench baseline RUN {path}"
    )


def ablations_of(run: StoredRun) -> list[Ablation]:
    """Return the ablations of a run."""
    return list(run.ablations) if isinstance(run, RecordFile) else read_ablations(run)


def save_run(run: StoredRun, file: Path) -> list[Record]:
    """Write the records of a run, with the values of their queries, to a file.

    Return the records that are not ok. They are in the file too, without values.

    Raises:
        InputError: If no record is ok, if cells have different queries, or if the file cannot be
            written.
    """
    records = run.records()
    columns = {r.cell: run.per_query(r.cell) for r in records if r.status == "ok"}
    if not columns:
        raise InputError(
            f"no cell of {run.path} is finished; measure them with ehibench run --out {run.path}"
        )
    first = next(iter(columns))
    for cell in columns:
        if columns[cell]["query"] != columns[first]["query"]:
            raise InputError(
                f"{first} and {cell} were measured on different queries; "
                "a file holds one dataset: run each dataset in a folder of its own"
            )
    ensure_writable(file.parent, "choose another FILE")
    write_record_file(RecordFile(file, records, columns, ablations_of(run)))
    return [record for record in records if record.status != "ok"]
