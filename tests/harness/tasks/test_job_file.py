"""A job read from its file is the job that was written, with the same names of what it makes."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.config import load_settings
from harness.datasets import load_dataset
from harness.plan.job import Job
from harness.store.artifacts import Artifacts
from harness.tasks.job_file import read_job, write_job
from harness.tasks.tracked import tracked_training
from harness.tasks.train import JobInputs
from methods.errors import InputError
from methods.registry import method


def inputs(folder: Path, name: str, is_base: bool = False) -> JobInputs:
    dataset = load_dataset(f"beir:{folder}")
    settings = load_settings("paper", ["ehi.branching=8"])
    job = Job(dataset.name, method(name), settings, 3, dataset.fingerprint, "encoder", "cpu")
    job = job.base or job if is_base else job
    return JobInputs(job, dataset, Artifacts.for_job(job, Path("trained")), Path("cache"), 2)


@pytest.mark.parametrize(
    ("name", "is_base"),
    [("exact", False), ("ehi", False), ("ehi-frozen", False), ("ehi-frozen", True)],
)
def test_a_job_is_read_as_it_was_written(
    beir_folder: Path, tmp_path: Path, name: str, is_base: bool
):
    written = inputs(beir_folder, name, is_base)
    write_job(tmp_path / "job.json", written, f"beir:{beir_folder}")
    read = read_job(tmp_path / "job.json")
    assert read.job == written.job and read.job.trained_key == written.job.trained_key
    assert read.artifacts == written.artifacts
    assert (read.cache, read.threads) == (written.cache, written.threads)
    assert read.dataset.fingerprint == written.dataset.fingerprint
    assert read.tracked is None


def test_a_tracked_job_is_read_as_it_was_written(beir_folder: Path, tmp_path: Path):
    untracked = inputs(beir_folder, "ehi")
    tracked = tracked_training(untracked.job, "tensorboard", Path("run/tracking"))
    write_job(tmp_path / "job.json", replace(untracked, tracked=tracked), f"beir:{beir_folder}")
    assert read_job(tmp_path / "job.json").tracked == tracked


def test_another_dataset_is_refused(beir_folder: Path, tmp_path: Path):
    write_job(tmp_path / "job.json", inputs(beir_folder, "exact"), "hpo")
    with pytest.raises(InputError, match="hpo is not the dataset that --launcher is to train on"):
        read_job(tmp_path / "job.json")
