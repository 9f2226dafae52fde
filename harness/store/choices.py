"""What was chosen from a menu, and why: an artifact of the run folder.

`choices/<cell's choice>/choice.json` holds one, whole or not at all.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.plan.cells import Cell
from harness.plan.menu import Values, written
from harness.store.record import Failure
from harness.store.run_folder import RunFolder
from methods.atomic_files import first_damaged, new_folder, write_json
from methods.errors import InputError

FILE = "choice.json"


@dataclass(frozen=True)
class Tried:
    """A combination of the menu: its mean quality and the effort a seed, or why it has none."""

    values: Values
    quality: float | None = None
    efforts: Sequence[int] = ()
    error: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Choice:
    """Every combination in the menu's order, judged by `measure` on the tuning queries."""

    measure: str
    seeds: Sequence[int]
    tried: Sequence[Tried]

    @property
    def best(self) -> Tried | None:
        """The combination of the highest quality, the first of equals; None if all failed."""
        judged = [tried for tried in self.tried if tried.quality is not None]
        return max(judged, key=lambda tried: tried.quality or 0.0, default=None)

    def failure(self) -> Failure:
        """Return why nothing could be chosen: the reason of the first combination, and how many."""
        first = self.tried[0]
        kinds = {tried.error for tried in self.tried}
        error = next((kind for kind in kinds if kind != InputError.__name__), first.error)
        told = f"none of {len(self.tried)} combinations works; {written(first.values)}"
        return Failure(error, f"{told}: {first.reason}")

    def record_field(self) -> dict[str, Any]:
        """Return what a record says of the choice, as plain values."""
        best = self.best
        return {
            "values": None if best is None else dict(best.values),
            "measure": self.measure,
            "seeds": list(self.seeds),
            "tried": [asdict(tried) for tried in self.tried],
        }


def read_choice(folder: RunFolder, cell: Cell) -> Choice | None:
    """Return what was chosen for a cell and its other seeds; None where it is not there, whole."""
    place = _place(folder, cell)
    if not place.is_dir() or first_damaged(place) is not None:
        return None
    kept = json.loads((place / FILE).read_text(encoding="utf-8"))
    tried = [Tried(**combination) for combination in kept["tried"]]
    return Choice(kept["measure"], kept["seeds"], tried)


def write_choice(folder: RunFolder, cell: Cell, choice: Choice) -> None:
    """Keep what was chosen for a cell and its other seeds."""
    with new_folder(_place(folder, cell)) as draft:
        write_json(draft / FILE, asdict(choice))


def forget_choice(folder: RunFolder, cell: Cell) -> None:
    """Remove what was chosen for a cell and its other seeds."""
    shutil.rmtree(_place(folder, cell), ignore_errors=True)


def _place(folder: RunFolder, cell: Cell) -> Path:
    return folder.path / "choices" / cell.choice
