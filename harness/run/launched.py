"""Run one process of a training that a launcher starts: `-m harness.run.launched JOBFILE`.

Each process does its share of one training. The main one prints what training logs; the first that
fails leaves the reason next to the job file. The launcher's side is harness/run/launch.py.
"""

import json
import logging
import sys
import traceback
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from harness.run.worker_process import failure_of
from harness.store.record import Failure
from harness.tasks.job_file import read_job
from harness.tasks.train import TrainTask
from methods.base import no_progress
from methods.ranks import Rank

LOGGER = logging.getLogger("methods")


class _Printer(logging.Handler):
    """Prints log lines. An error is not caught: if the command has died, training has to stop."""

    def emit(self, record: logging.LogRecord) -> None:
        print(record.getMessage(), flush=True)


def failure_file(job: Path) -> Path:
    """Return where the first process that fails says why."""
    return job.with_name("failure.json")


def read_failure(job: Path) -> Failure | None:
    """Return why a process failed, if one has said so."""
    with suppress(FileNotFoundError):
        return Failure(**json.loads(failure_file(job).read_text()))
    return None


def main(job: Path) -> None:
    """Do a share of the job in a file. Exit with 1 on errors."""
    try:
        rank = Rank.from_environment()
        if rank.index == 0:
            LOGGER.setLevel(logging.INFO)
            LOGGER.addHandler(_Printer())
            LOGGER.info("training in %d processes", rank.count)
        TrainTask(read_job(job), no_progress, rank).run()
    except Exception as error:
        traceback.print_exc()
        # The other processes fail because this one does, so only the first reason counts.
        with suppress(FileExistsError), failure_file(job).open("x") as failure:
            json.dump(asdict(failure_of(error)), failure)
        sys.exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
