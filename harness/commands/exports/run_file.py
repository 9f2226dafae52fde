"""Write a run in TREC format, with what ir_metadata says about how it came to be."""

import gzip
from pathlib import Path
from typing import Any

from harness.store.record import Record
from harness.store.run_folder import RunFolder
from methods.atomic_files import new_file
from methods.errors import InputError


def write_run_file(run: RunFolder, record: Record, cell: Path, file: Path, header: bool) -> int:
    """Write the run of a cell, or of an attempt at it, and return the number of its queries.

    Raise InputError if the run is not there.
    """
    folder = cell.resolve()
    attempt = folder if (folder / "record.json").is_file() else max(folder.glob("[0-9]*"))
    source = attempt / "run.trec.gz"
    try:
        lines = gzip.decompress(source.read_bytes()).decode("utf-8")
    except (OSError, EOFError) as error:
        raise InputError(f"cannot read {source}: {error}") from None
    text = (metadata_header(record) if header else "") + lines
    content = text.encode("utf-8")
    with new_file(file) as draft:
        draft.write_bytes(gzip.compress(content) if file.suffix == ".gz" else content)
    return len({line.partition(" ")[0] for line in lines.splitlines()})


def metadata_header(record: Record) -> str:
    """Return the header of ir_metadata 0.1 (Breuer et al., SIGIR 2022): YAML, in comment lines.

    Its parts are those of the PRIMAD model; what ehibench does not know is left out.
    """
    import yaml

    text = yaml.safe_dump(_metadata(record), sort_keys=False, allow_unicode=True)
    lines = ["ir_metadata.start", *text.splitlines(), "ir_metadata.end"]
    return "".join(f"# {line}\n" for line in lines)


def _metadata(record: Record) -> dict[str, Any]:
    origin, measured = record.provenance, record.measured
    parameters = {
        f"{section}.{key}": value
        for section, keys in record.settings.items()
        for key, value in keys.items()
    }
    return {
        "schema_version": 0.1,
        "tag": record.method,
        "platform": {
            "hardware": {
                "cpu": {"model": origin.processor, "number of cores": origin.cores},
                "ram": None if origin.memory_gib is None else f"{origin.memory_gib:.0f} GiB",
            },
            "operating system": {"kernel": origin.system},
            "software": {
                "libraries": {"python": [f"{name} {v}" for name, v in origin.versions.items()]},
            },
        },
        "implementation": {
            "executable": {"cmd": origin.command},
            "source": {"lang": "python", "commit": origin.commit},
        },
        "resources": {"run time": {"seconds": sum(vars(measured.durations).values())}},
        "research goal": {"evaluation": {"reported measures": list(measured.quality.metrics)}},
        "method": {
            "automatic": True,
            "retrieval": [
                {
                    "name": record.method,
                    "method": f"ehibench {record.method} at {record.budget.label}",
                    "seed": record.seed,
                    "effort": measured.effort,
                    "parameters": parameters,
                }
            ],
        },
        "data": {
            "test collection": {
                "name": record.dataset,
                "source": origin.dataset_source,
                "sha256": origin.dataset_sha256,
            }
        },
    }
