"""Numbers of papers, each with where it was read: results/published/*.toml."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

from methods.errors import InputError

FOLDER = Path(__file__).parents[3] / "results" / "published"
Read = Literal["paper", "abstract", "documentation", "quoted"]
Kind = Literal["value", "gain", "saving"]


@dataclass(frozen=True)
class PublishedNumber:
    """A number of a paper, where it was read, and the command that makes ours.

    `kind` says what the value is: of the measure; a gain over the best other method at the
    budget, relative; or the share of the documents that is saved at exact search's value.
    `method` is ours that stands for the system, empty where there is none. A `budget` is a share
    of the documents; a method with a budget is judged only where the source names it. `queries`,
    `encoder` and `trained` (the setting encoder.train) must be those of our record. `tolerance`
    is in the unit of the value; with `at_least`, more than the value is within it.
    """

    system: str
    dataset: str
    measure: str
    value: float
    tolerance: float
    read: Read
    source: str
    command: str
    kind: Kind = "value"
    method: str = ""
    budget: float | None = None
    queries: int | None = None
    encoder: str = ""
    trained: str = ""
    at_least: bool = False


def read_published(folder: Path = FOLDER) -> list[PublishedNumber]:
    """Return the numbers of every file, in order. Raise InputError with the file at fault."""
    return [number for path in sorted(folder.glob("*.toml")) for number in _read(path)]


def _read(path: Path) -> list[PublishedNumber]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
    known = {field.name for field in fields(PublishedNumber)}
    numbers = []
    for place, row in enumerate(content.get("number", []), start=1):
        try:
            number = PublishedNumber(**row)
        except TypeError as error:
            raise InputError(
                f"{path}, number {place}: {error}; the fields are {', '.join(sorted(known))}"
            ) from None
        if number.read not in get_args(Read) or number.kind not in get_args(Kind):
            raise InputError(
                f"{path}, number {place}: read is one of {', '.join(get_args(Read))} "
                f"and kind one of {', '.join(get_args(Kind))}"
            )
        numbers.append(number)
    return numbers
