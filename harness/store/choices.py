"""Record what was chosen from a menu, and why, in the run folder.

Each choice is in `choices/<cell's choice>/choice.json`, which is written atomically.
"""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from harness.plan.cells import Cell
from harness.store.record import Choice
from harness.store.record_json import from_plain
from harness.store.run_folder import RunFolder
from methods.atomic_files import first_damaged, new_folder, write_json

FILE = "choice.json"


def read_choice(folder: RunFolder, cell: Cell) -> Choice | None:
    """Return what was chosen for a cell and its other seeds; None if it is missing or damaged."""
    path = _path(folder, cell)
    if not path.is_dir() or first_damaged(path) is not None:
        return None
    fields = json.loads((path / FILE).read_text(encoding="utf-8"))
    fields["trials"] = fields.pop("tried")  # as ehibench 0.1 called them
    return from_plain(fields, Choice)


def write_choice(folder: RunFolder, cell: Cell, choice: Choice) -> None:
    """Save what was chosen for a cell and its other seeds."""
    with new_folder(_path(folder, cell)) as draft:
        fields = asdict(choice)
        fields["tried"] = fields.pop("trials")
        write_json(draft / FILE, fields)


def forget_choice(folder: RunFolder, cell: Cell) -> None:
    """Delete what was chosen for a cell and its other seeds."""
    shutil.rmtree(_path(folder, cell), ignore_errors=True)


def _path(folder: RunFolder, cell: Cell) -> Path:
    return folder.path / "choices" / cell.choice_name
