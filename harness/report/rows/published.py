"""Read what papers report, with its sources, from results/published/*.toml.

docs/reproduce-the-paper.md shows the two kinds of blocks, to copy and fill in.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

from cattrs import Converter, transform_error
from cattrs.errors import ClassValidationError

from methods.errors import InputError

INSTALLED = Path(__file__).with_name("published")
CHECKOUT = Path(__file__).parents[3] / "results" / "published"
PUBLISHED = INSTALLED if INSTALLED.is_dir() else CHECKOUT
SourceKind = Literal["paper", "abstract", "documentation", "quoted"]
"""The source of a value: the paper, its abstract, the system's documentation, or a quotation."""
Confidence = Literal["sourced", "weak"]
"""A weak source mentions a value in passing, without its setting; nothing is concluded from it."""
CONVERTER = Converter(forbid_extra_keys=True)
T = TypeVar("T")


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
    read: SourceKind
    source: str
    command: str
    confidence: Confidence = "sourced"
    method: str = ""  # ehibench's method for the system, if it has one
    budget: float | None = None  # share of the documents
    queries: int | None = None  # number of test queries that our record must have
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings by "section.key" that our record must have, such as "encoder.name"."""


@dataclass(frozen=True)
class Claim:
    """A paper's claim that its own method is ahead of others at equal compute."""

    system: str
    dataset: str
    measure: str
    gain: float  # over the best of the others, as a share of its value
    method: str  # ehibench's method for the system
    rivals: tuple[str, ...]  # ehibench's methods for the others
    read: SourceKind
    source: str
    command: str
    confidence: Confidence = "sourced"
    queries: int | None = None  # number of test queries of the paper


@dataclass(frozen=True)
class PublishedFile:
    """The content of a file: its numbers and claims, each with its place, such as `a.toml, 2`."""

    numbers: Mapping[str, PublishedNumber]
    claims: Mapping[str, Claim]


def read_published(folder: Path = PUBLISHED) -> list[PublishedFile]:
    """Return what all files of a folder report, in order. Raise InputError if one is invalid."""
    return [_read(path) for path in sorted(folder.glob("*.toml"))]


def _read(path: Path) -> PublishedFile:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}") from None
    for name in content:
        if name not in ("number", "claim"):
            raise InputError(f"{path}: unknown block [[{name}]]; write [[number]] or [[claim]]")
    return PublishedFile(
        _blocks(path, "number", content, PublishedNumber), _blocks(path, "claim", content, Claim)
    )


def _blocks(path: Path, name: str, content: Mapping[str, Any], kind: type[T]) -> dict[str, T]:
    blocks = {}
    for position, block in enumerate(content.get(name, []), start=1):
        place = f"{path.name}, {name} {position}"
        try:
            blocks[place] = CONVERTER.structure(block, kind)
        except ClassValidationError as error:
            known = ", ".join(each.name for each in fields(kind))  # type: ignore[arg-type]
            raise InputError(
                f"{place}: {'; '.join(transform_error(error))}; the fields are {known}"
            ) from None
    return blocks
