"""Name the training of a job for a tracker, and list the settings that decide it."""

from dataclasses import asdict
from pathlib import Path

from harness.plan.job import Job
from methods.training.tracking import TrackedTraining


def tracked_training(job: Job, tracker: str, folder: Path) -> TrackedTraining:
    """Return the training of a job, to be logged in `folder`, with the settings that decide it."""
    trainer = job.method.trainer
    assert trainer is not None, "only methods that learn are trained"
    settings = {"dataset": job.dataset, "trainer": trainer.name, "seed": job.seed}
    settings["device"] = job.device
    for section in ("encoder", "training", trainer.section):
        if section in job.settings:
            values = asdict(job.settings[section])
            settings |= {f"{section}.{name}": value for name, value in values.items()}
    name = f"{trainer.name}-seed-{job.seed}-{job.trained_key}"
    return TrackedTraining(tracker, folder, name, settings)
