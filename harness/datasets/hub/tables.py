"""Open the tables of a dataset on the Hugging Face hub, in a clone of one or in parquet files."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.datasets.dataset import SplitName
from methods.errors import InputError

SPLIT_NAMES: Mapping[str, SplitName] = {
    "train": "train",
    "dev": "dev",
    "val": "dev",
    "valid": "dev",
    "validation": "dev",
    "test": "test",
}
QRELS = ("qrels", "default")
ONE_SPLIT = "train"
"""The split of a table that has no splits of its own; its name says nothing."""
Rows = Iterable[Mapping[str, Any]]
Table = Mapping[str, Rows]
"""The rows of each split, such as "train"."""


def hub_tables(name: str, config: str | None, spec: str) -> dict[str, Table]:
    """Return the tables of a dataset on the hub or in a folder that was cloned from it.

    These are corpus, queries and qrels, as BEIR and MTEB publish them, or else pairs.
    """
    datasets = _quiet_library()

    def load(repository: str, table: str) -> Table:
        local = Path(repository).is_dir()
        loaded: Any = _read(
            lambda: datasets.load_dataset(repository, table, streaming=local), repository, table
        )
        return dict(loaded)

    configs = _read(lambda: datasets.get_dataset_config_names(name), name, "")
    if {"corpus", "queries"} <= set(configs):
        tables = {"corpus": load(name, "corpus"), "queries": load(name, "queries")}
        qrels = next((table for table in QRELS if table in configs), None)
        if qrels is not None:
            return {**tables, "qrels": load(name, qrels)}
        return {**tables, "qrels": load(f"{name}-qrels", "default")}  # as BEIR publishes them
    if config is None and len(configs) > 1:
        raise InputError(
            f"{spec} has the configurations {', '.join(configs)}; name one: "
            f"--dataset '{spec}{'&' if '?' in spec else '?'}config={configs[0]}'"
        )
    if config is not None and config not in configs:
        raise InputError(f"{spec}: there is no configuration {config!r}; {', '.join(configs)}")
    return {"pairs": load(name, config or configs[0])}


def parquet_tables(folder: Path) -> dict[str, Table]:
    """Return the tables in the parquet files below a folder.

    These are corpus, queries and qrels if files or folders have these names, or else pairs.
    """
    files = sorted(folder.rglob("*.parquet"))
    if not files:
        raise InputError(f"{folder} has no parquet files")
    groups: dict[str, list[Path]] = {}
    for file in files:
        groups.setdefault(_table_of(file.relative_to(folder)), []).append(file)
    if {"corpus", "queries"} <= groups.keys():
        if "qrels" not in groups:
            raise InputError(f"{folder} has a corpus and queries, but no qrels to judge by")
        names = ["corpus", "queries", "qrels"]
    else:
        groups, names = {"pairs": files}, ["pairs"]
    return {name: _parquet_table(groups[name], folder) for name in names}


def rows_of(rows: Rows, place: str) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a split. Raise InputError if they cannot be read."""
    iterator = _read(lambda: iter(rows), place, "")
    while (row := _read(lambda: next(iterator, None), place, "")) is not None:
        yield row


def _table_of(path: Path) -> str:
    """Return which table a file belongs to: by its folder, or by the start of its own name."""
    for part in (*path.parts[:-1], path.stem):
        for table, starts in {
            "corpus": ("corpus",),
            "queries": ("queries",),
            "qrels": QRELS,
        }.items():
            if part.lower().startswith(starts):
                return table
    return "pairs"


def _parquet_table(files: list[Path], folder: Path) -> Table:
    datasets = _quiet_library()
    by_split: dict[str, list[str]] = {}
    for file in files:
        by_split.setdefault(_split_of(file.relative_to(folder)), []).append(str(file))
    loaded: Any = _read(
        lambda: datasets.load_dataset("parquet", data_files=by_split, streaming=True),
        str(folder),
        "",
    )
    return dict(loaded)


def _split_of(path: Path) -> str:
    """Return the split that a file's name or its folder's name starts with."""
    for part in (path.stem, *reversed(path.parts[:-1])):
        words = part.lower().replace("_", "-").replace(".", "-").split("-")
        if found := next((word for word in words if word in SPLIT_NAMES), None):
            return found
    return ONE_SPLIT


def _quiet_library() -> Any:
    """Return datasets without its log lines and progress bars; its errors say what is wrong."""
    import datasets

    datasets.utils.logging.set_verbosity(logging.CRITICAL)
    datasets.disable_progress_bars()
    return datasets


def _read(call: Callable[[], Any], name: str, table: str) -> Any:
    """Return the result of a call of datasets. Raise InputError for whatever goes wrong in it."""
    try:
        return call()
    except InputError:
        raise
    except Exception as error:  # of datasets, pyarrow, fsspec, the hub or the network
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        where = f"{name}, {table}," if table else name
        raise InputError(f"{where} cannot be read or downloaded: {reason}") from None
