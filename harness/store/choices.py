"""Record what was chosen from a menu, and why, in the run folder.

Each choice is in `choices/<cell's choice>/choice.json`, which is written atomically.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.plan.cells import Cell
from harness.plan.menu import Values, format_values
from harness.store.record import Failure
from harness.store.run_folder import RunFolder
from methods.durable import first_damaged, new_folder, write_json
from methods.errors import InputError

FILE = "choice.json"


@dataclass(frozen=True)
class Trial:
    """A combination of the menu that was tried."""

    values: Values
    quality: float | None = None  # the mean over tuning queries and seeds; None if it failed
    efforts: Sequence[int] = ()  # one per seed
    error: str = ""  # the name of the exception if it failed
    reason: str = ""


@dataclass(frozen=True)
class Choice:
    """Every combination of a menu, judged on the tuning queries."""

    measure: str
    seeds: Sequence[int]
    tried: Sequence[Trial]  # in the order of the menu

    @property
    def best(self) -> Trial | None:
        """The combination of the highest quality, the first of equal ones; None if all failed."""
        judged = [trial for trial in self.tried if trial.quality is not None]
        return max(judged, key=lambda trial: trial.quality or 0.0, default=None)

    def failure(self) -> Failure:
        """Return why no combination could be chosen, with the reason of the first one."""
        first = self.tried[0]
        errors = {trial.error for trial in self.tried}
        error = next((name for name in errors if name != InputError.__name__), first.error)
        summary = f"none of {len(self.tried)} combinations works"
        return Failure(error, f"{summary}; {format_values(first.values)}: {first.reason}")

    def record_field(self) -> dict[str, Any]:
        """Return the field `chosen` of a record, as plain values."""
        best = self.best
        return {
            "values": None if best is None else dict(best.values),
            "measure": self.measure,
            "seeds": list(self.seeds),
            "tried": [asdict(trial) for trial in self.tried],
        }


def read_choice(folder: RunFolder, cell: Cell) -> Choice | None:
    """Return what was chosen for a cell and its other seeds; None if it is missing or damaged."""
    path = _path(folder, cell)
    if not path.is_dir() or first_damaged(path) is not None:
        return None
    fields = json.loads((path / FILE).read_text(encoding="utf-8"))
    trials = [Trial(**trial) for trial in fields["tried"]]
    return Choice(fields["measure"], fields["seeds"], trials)


def write_choice(folder: RunFolder, cell: Cell, choice: Choice) -> None:
    """Save what was chosen for a cell and its other seeds."""
    with new_folder(_path(folder, cell)) as draft:
        write_json(draft / FILE, asdict(choice))


def forget_choice(folder: RunFolder, cell: Cell) -> None:
    """Delete what was chosen for a cell and its other seeds."""
    shutil.rmtree(_path(folder, cell), ignore_errors=True)


def _path(folder: RunFolder, cell: Cell) -> Path:
    return folder.path / "choices" / cell.choice
