"""Write what a training needs to a JSON file, from which other hosts read it."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from harness.config import sections
from harness.datasets import load_dataset
from harness.plan.job import Job
from harness.store.artifacts import Artifacts
from harness.tasks.train import JobInputs
from methods.devices import SearchPlace
from methods.errors import InputError
from methods.registry import method
from methods.training.tracking import TrackedTraining


def write_job(path: Path, inputs: JobInputs, dataset: str) -> None:
    """Write the inputs of a training on the dataset that `dataset` names, as `--dataset` does."""
    job = inputs.job
    values = {
        "dataset": dataset,
        "artifacts": asdict(inputs.artifacts),
        "cache": inputs.cache,
        "threads": inputs.threads,
        "tracked": None if inputs.tracked is None else asdict(inputs.tracked),
        "job": {
            "dataset": job.dataset,
            "method": job.method.name,
            "trainer": None if job.method.trainer is None else job.method.trainer.name,
            "settings": {name: asdict(each) for name, each in job.settings.items()},
            "seed": job.seed,
            "dataset_fingerprint": job.dataset_fingerprint,
            "encoder_fingerprint": job.encoder_fingerprint,
            "device": job.device,
            "encoder_reading": dict(job.encoder_reading),
            "encode_device": job.encode_device,
            "search": asdict(job.search),
        },
    }
    path.write_text(json.dumps(values, default=str), encoding="utf-8")


def read_job(path: Path) -> JobInputs:
    """Return what was written. Raise InputError if the dataset is not the same on this host."""
    values = json.loads(path.read_text(encoding="utf-8"))
    dataset = load_dataset(values["dataset"])
    job = _job(values["job"])
    if dataset.fingerprint != job.dataset_fingerprint:
        raise InputError(
            f"{values['dataset']} is not the dataset that --launcher is to train on; it must have "
            "the same files on all hosts"
        )
    return JobInputs(
        job,
        dataset,
        _artifacts(values["artifacts"]),
        Path(values["cache"]),
        values["threads"],
        tracked=_tracked(values["tracked"]),
    )


def _job(values: dict[str, Any]) -> Job:
    """Return the job, whose method may have the trainer of the one that it is the base of."""
    chosen = method(values["method"])
    trainer = chosen.trainer
    while trainer is not None and trainer.name != values["trainer"]:
        trainer = trainer.base
    known = sections()
    return Job(
        dataset=values["dataset"],
        method=replace(chosen, trainer=trainer),
        settings={name: known[name](**each) for name, each in values["settings"].items()},
        seed=values["seed"],
        dataset_fingerprint=values["dataset_fingerprint"],
        encoder_fingerprint=values["encoder_fingerprint"],
        device=values["device"],
        encoder_reading=values["encoder_reading"],
        encode_device=values["encode_device"],
        search=SearchPlace(**values["search"]),
    )


def _tracked(values: dict[str, Any] | None) -> TrackedTraining | None:
    if values is None:
        return None
    return TrackedTraining(**{**values, "folder": Path(values["folder"])})


def _artifacts(values: dict[str, Any]) -> Artifacts:
    base = values.pop("base")
    folders = {name: Path(folder) for name, folder in values.items()}
    return Artifacts(**folders, base=None if base is None else _artifacts(base))
