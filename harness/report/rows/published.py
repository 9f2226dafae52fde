"""Read the numbers that papers report, each with its source, from results/published/*.toml."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

from methods.errors import InputError

INSTALLED = Path(__file__).with_name("published")
CHECKOUT = Path(__file__).parents[3] / "results" / "published"
PUBLISHED = INSTALLED if INSTALLED.is_dir() else CHECKOUT
SourceKind = Literal["paper", "abstract", "documentation", "quoted"]
NumberKind = Literal["value", "gain", "saving"]
"""A value of the measure; a relative gain over the best other method at the budget; or the share of
the documents that is saved when the value of exact search is reached."""


@dataclass(frozen=True)
class PublishedNumber:
    """A number that a paper reports, its source, and the command that reproduces it.

    A method with a budget is compared only if the source names the budget.
    """

    system: str
    dataset: str
    measure: str
    value: float
    tolerance: float  # in the unit of the value
    read: SourceKind  # where the number was read
    source: str
    command: str
    kind: NumberKind = "value"
    method: str = ""  # ehibench's method for the system, if it has one
    budget: float | None = None  # share of the documents
    queries: int | None = None  # number of test queries that our record must have
    encoder: str = ""  # the encoder that our record must have
    trained: str = ""  # the setting encoder.train that our record must have
    at_least: bool = False  # whether a larger value is within the tolerance


def read_published(folder: Path = PUBLISHED) -> list[PublishedNumber]:
    """Return the numbers of all files, in order. Raise InputError if a file is invalid."""
    return [number for path in sorted(folder.glob("*.toml")) for number in _read(path)]


def _read(path: Path) -> list[PublishedNumber]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}") from None
    known = {field.name for field in fields(PublishedNumber)}
    numbers = []
    for position, entry in enumerate(content.get("number", []), start=1):
        try:
            number = PublishedNumber(**entry)
        except TypeError as error:
            raise InputError(
                f"{path}, number {position}: {error}; the fields are {', '.join(sorted(known))}"
            ) from None
        for field, allowed in (("read", get_args(SourceKind)), ("kind", get_args(NumberKind))):
            value = getattr(number, field)
            if value not in allowed:
                raise InputError(
                    f"{path}, number {position}: {field} must be one of {', '.join(allowed)}, "
                    f"not {value!r}"
                )
        numbers.append(number)
    return numbers
