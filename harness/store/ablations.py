"""Which cells of a run folder are the arms of an ablation, so that a report finds them.

The cells are ordinary ones; `ablations/<hash>/ablation.json` says which is which.
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
    """The cells of every arm by its name, those of the full method first."""

    arms: Mapping[str, Sequence[str]]


def write_ablation(folder: RunFolder, ablation: Ablation) -> None:
    """Keep an ablation; one with the same full method gets the arms in addition."""
    full = next(iter(ablation.arms.values()))
    place = folder.path / "ablations" / digest(full)
    before = _read(place)
    arms = {**(before.arms if before else {}), **ablation.arms}
    with new_folder(place) as draft:
        write_json(draft / FILE, {"arms": arms})


def read_ablations(folder: RunFolder) -> list[Ablation]:
    """Return the ablations of a run folder that are whole."""
    places = sorted((folder.path / "ablations").glob("[0-9a-f]*"))
    return [ablation for place in places if (ablation := _read(place)) is not None]


def _read(place: Path) -> Ablation | None:
    if first_damaged(place) is not None:
        return None
    return Ablation(json.loads((place / FILE).read_text(encoding="utf-8"))["arms"])
