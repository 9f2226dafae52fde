"""What every executor does, and the private folder of its jobs."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from harness.run.executors.stages import Part, Stage
from methods.base import ProgressBar
from methods.errors import InputError, UnavailableError

INSTALL = 'pip install "ehibench[cluster]"'


class Executor(Protocol):
    """Runs parts of a run in other processes. Their results are only in the run folder."""

    @property
    def scratch(self) -> Path:
        """The private folder of the jobs, which keeps their logs."""
        ...

    def wait_for_earlier(self) -> None:
        """Wait until no job of an earlier command for the same run folder is left."""
        ...

    def run(
        self, stages: Sequence[Stage], do: Callable[[Part], None], progress: ProgressBar
    ) -> None:
        """Let jobs do the parts of all stages in order, and wait until they have ended.

        Raise InputError if the jobs cannot be started. A job that fails does not raise an error.
        """
        ...


def private_folder(path: Path) -> Path:
    """Make the folder in which submitit pickles jobs, and which only its owner may enter.

    Unpickling runs code, so nobody else may write there. Raise InputError if others can enter it.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = path.stat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise InputError(
            f"{path} can be entered by others, but jobs are pickled there; remove it, or set "
            "EHIBENCH_CACHE to another folder"
        )
    return path


def remove_pickles(folder: Path) -> None:
    """Remove the pickles of jobs that have ended and of what they returned; their logs stay."""
    for path in folder.rglob("*.pkl"):
        path.unlink(missing_ok=True)


def check_submitit() -> None:
    """Raise UnavailableError if submitit is not installed."""
    try:
        import submitit  # noqa: F401
    except ModuleNotFoundError:
        raise UnavailableError(f"--executor needs submitit. Run: {INSTALL}") from None
