"""What was chosen from a menu, and why: an artifact of the run folder.

`choices/<cell's choice>/choice.json` holds one, whole or not at all.
"""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from harness.plan.cells import Cell
from harness.store.record import Choice
from harness.store.record_json import from_plain
from harness.store.run_folder import RunFolder
from methods.durable import first_damaged, new_folder, write_json

FILE = "choice.json"


def read_choice(folder: RunFolder, cell: Cell) -> Choice | None:
    """Return what was chosen for a cell and its other seeds; None where it is not there, whole."""
    place = _place(folder, cell)
    if not place.is_dir() or first_damaged(place) is not None:
        return None
    kept = json.loads((place / FILE).read_text(encoding="utf-8"))
    kept["trials"] = kept.pop("tried")  # as ehibench 0.1 called them
    return from_plain(kept, Choice)


def write_choice(folder: RunFolder, cell: Cell, choice: Choice) -> None:
    """Keep what was chosen for a cell and its other seeds."""
    with new_folder(_place(folder, cell)) as draft:
        kept = asdict(choice)
        kept["tried"] = kept.pop("trials")
        write_json(draft / FILE, kept)


def forget_choice(folder: RunFolder, cell: Cell) -> None:
    """Remove what was chosen for a cell and its other seeds."""
    shutil.rmtree(_place(folder, cell), ignore_errors=True)


def _place(folder: RunFolder, cell: Cell) -> Path:
    return folder.path / "choices" / cell.choice_name
