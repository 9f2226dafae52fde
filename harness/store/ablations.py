"""Record which cells of a run folder are the arms of an ablation, so that a report finds them.

The cells are ordinary cells; `ablations/<hash>/ablation.json` lists them by arm.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.config import digest
from harness.store.run_folder import RunFolder
from methods.atomic_files import first_damaged, new_folder, write_json

FILE = "ablation.json"


@dataclass(frozen=True)
class Ablation:
    """The arms of an ablation."""

    arms: Mapping[str, Sequence[str]]  # names of cells by arm, the full method first


def write_ablation(folder: RunFolder, ablation: Ablation) -> None:
    """Save an ablation; if one with the same full method is there, add the arms to it."""
    full = next(iter(ablation.arms.values()))
    path = folder.path / "ablations" / digest(full)
    before = _read(path)
    arms = {**(before.arms if before else {}), **ablation.arms}
    with new_folder(path) as draft:
        write_json(draft / FILE, {"arms": arms})


def read_ablations(folder: RunFolder) -> list[Ablation]:
    """Return the ablations of a run folder, without damaged ones."""
    paths = sorted((folder.path / "ablations").glob("[0-9a-f]*"))
    return [ablation for path in paths if (ablation := _read(path)) is not None]


def _read(path: Path) -> Ablation | None:
    if first_damaged(path) is not None:
        return None
    return Ablation(json.loads((path / FILE).read_text(encoding="utf-8"))["arms"])
