"""A task that takes no time: it notes which parts it was asked to do."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.run.executors.stages import Part


@dataclass(frozen=True)
class NotingTask:
    """Notes when a part begins and ends; in between it waits as long as `folder/hold` exists."""

    folder: Path

    def __call__(self, part: Part) -> None:
        self._note("begin", part)
        while (self.folder / "hold").exists():
            time.sleep(0.1)
        self._note("end", part)

    def checkpoint(self, part: Part) -> Any:
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, part)

    def notes(self) -> list[dict[str, Any]]:
        path = self.folder / "notes"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def events(self) -> list[str]:
        return [f"{note['event']} {note['part']}" for note in self.notes()]

    def _note(self, event: str, part: Part) -> None:
        note = {
            "event": event,
            "part": "+".join(part.names),
            "job": os.environ.get("SLURM_JOB_ID"),
            "cores": int(os.environ.get("SLURM_CPUS_ON_NODE", 0)),
        }
        with (self.folder / "notes").open("a") as notes:
            notes.write(json.dumps(note) + "\n")
