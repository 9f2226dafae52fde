"""Log trainings to a tracker, such as TensorBoard, by the interface of Hugging Face Accelerate."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from methods.base import LogEpoch, no_tracker
from methods.errors import InputError, UnavailableError, missing_library, unknown
from methods.ranks import is_main

PROJECT = "ehibench"
RUN_NAME = {"mlflow": "run_name", "swanlab": "experiment_name", "trackio": "name", "wandb": "name"}
"""The argument that names a run, for trackers that keep runs in projects."""


@dataclass(frozen=True)
class TrackedTraining:
    """A training, and the tracker that logs it: one that Accelerate knows by the name `tracker`.

    Trackers that write files write them below `folder`: TensorBoard to a folder called `name`.
    """

    tracker: str
    folder: Path
    name: str  # of the training
    settings: Mapping[str, Any]  # plain values by name

    @contextmanager
    def open(self, updates: int) -> Iterator[LogEpoch]:
        """Yield what logs an epoch; in a group of processes, the main one alone logs it.

        `updates` is the number that earlier processes made. TensorBoard continues their curves, and
        hides what they logged after that many.

        Raise InputError if the tracker cannot start.
        """
        if not is_main():
            with no_tracker(updates) as log_epoch:
                yield log_epoch
            return
        from accelerate import PartialState

        PartialState(cpu=True)  # trackers read it; a group has made its own
        tracker = self._new_tracker(updates)
        try:
            tracker.start()
            tracker.store_init_configuration(dict(self.settings))
        except Exception as error:  # each library has its own, such as for a missing login
            raise InputError(f"--tracker {self.tracker} cannot start: {error}") from error
        try:
            yield tracker.log
        finally:
            tracker.finish()

    def _new_tracker(self, updates: int) -> Any:
        from accelerate.tracking import LOGGER_TYPE_TO_CLASS

        kind = LOGGER_TYPE_TO_CLASS[self.tracker]
        if self.tracker == "tensorboard":
            return kind(self.name, self.folder, purge_step=updates)
        if self.tracker in RUN_NAME:
            return kind(PROJECT, **{RUN_NAME[self.tracker]: self.name})
        return kind(self.name, self.folder) if kind.requires_logging_directory else kind(self.name)


def check_tracker(name: str) -> None:
    """Raise InputError for a tracker that Accelerate does not know, UnavailableError without it."""
    try:
        from accelerate.tracking import LOGGER_TYPE_TO_CLASS, get_available_trackers
        from accelerate.utils import LoggerType
    except ModuleNotFoundError:
        raise UnavailableError(_missing(name, "accelerate")) from None
    if name not in LOGGER_TYPE_TO_CLASS:
        raise unknown("tracker", name, LOGGER_TYPE_TO_CLASS)
    ships_with_accelerate = name in LoggerType.list()
    if ships_with_accelerate and name not in map(str, get_available_trackers()):
        raise UnavailableError(_missing(name, name))


def _missing(tracker: str, library: str) -> str:
    in_extra = tracker == "tensorboard" or library == "accelerate"
    install = '"ehibench[tracking]"' if in_extra else library
    return missing_library(f"--tracker {tracker}", library, f"pip install {install}")
