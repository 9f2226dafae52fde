"""What a setting may declare besides its default: a rule for `auto`, and a menu to choose from."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from methods.settings import check_range

AUTO = -1
"""The value of a setting that follows the size of the corpus; users write `auto`."""


@dataclass(frozen=True)
class CorpusSize:
    """What `auto` depends on."""

    documents: int
    train_queries: int


Rule = Callable[[CorpusSize, Any], int]
"""The value of `auto` for a corpus, given the other settings of the same section."""

Menu = tuple[Any, ...] | Callable[[CorpusSize, Any], tuple[Any, ...]]
"""The values that `--choose auto` tries, or a rule for them like that of `auto`."""


def setting(
    default: Any,
    *,
    auto: Rule | None = None,
    menu: Menu = (),
    since: str = "0.1",
    before: Any = None,
    searched: bool = False,
) -> Any:
    """Return the field of a settings dataclass.

    Args:
        default: The value if none is given.
        auto: What `auto` stands for; without a rule, the setting has no `auto`.
        menu: The values that `--choose auto` tries, starting with that of `auto` or the default.
        since: The first version with this setting.
        before: The value with which results are those of versions without it, if that is not the
            default.
        searched: Whether it decides searches alone, so that one index is built for all its values.
    """
    before = default if before is None else before
    metadata = {"auto": auto, "menu": menu, "since": since, "before": before, "searched": searched}
    return field(default=default, metadata=metadata)


def rules(settings: Any) -> dict[str, Rule]:
    """Return the rules for `auto` of a settings dataclass or its type, by key."""
    declared = {each.name: each.metadata.get("auto") for each in fields(settings)}
    return {key: rule for key, rule in declared.items() if rule is not None}


def resolved(settings: Any, size: CorpusSize) -> Any:
    """Return the settings with every `auto` replaced by the value of its rule."""
    values = {
        key: rule(size, settings)
        for key, rule in rules(settings).items()
        if getattr(settings, key) == AUTO
    }
    return replace(settings, **values) if values else settings


def declared_menu(settings: Any, size: CorpusSize) -> dict[str, tuple[Any, ...]]:
    """Return the values that each setting with a menu may choose from, by key."""
    menus = {each.name: each.metadata.get("menu", ()) for each in fields(settings)}
    values = {key: menu(size, settings) if callable(menu) else menu for key, menu in menus.items()}
    return {key: listed for key, listed in values.items() if listed}


def multiples(
    rule: Rule, factors: tuple[float, ...], most: Rule | None = None, least: int = 1
) -> Menu:
    """Return a menu of distinct multiples of a rule's value, from `least` up to that of `most`."""

    def menu(size: CorpusSize, settings: Any) -> tuple[int, ...]:
        value = rule(size, settings)
        values = dict.fromkeys(max(least, round(factor * value)) for factor in factors)
        return tuple(v for v in values if most is None or v <= max(value, most(size, settings)))

    return menu


def check_rule_range(name: str, value: int, low: int, high: float = float("inf")) -> None:
    """Raise InputError unless the value is `auto` or low <= value <= high."""
    if value != AUTO:
        check_range(name, value, low, high)


def lists_for(size: CorpusSize, settings: object) -> int:
    """Return the number of lists of k-means: the power of two nearest to 8 sqrt(documents).

    Faiss advises 4 to 16 times the root. More lists spend less on scanning and more on routing.
    """
    return power_of_two(8 * math.sqrt(size.documents), most_lists(size, settings))


def most_lists(size: CorpusSize, settings: object) -> int:
    """Return the largest number of lists in a menu: one for every four documents.

    With a list for every document, routing would be an exact search that visits nothing.
    """
    return size.documents // 4


def neighbours_for(size: CorpusSize, settings: object) -> int:
    """Return M, the links of a document in a graph: 16, or 32 from a million documents on."""
    return 16 if size.documents < 1_000_000 else 32


def rank_for(size: CorpusSize, settings: object) -> int:
    """Return the dimensions of short vectors: 64, or 128 from a million documents on."""
    return 64 if size.documents < 1_000_000 else 128


def power_of_two(value: float, most: int) -> int:
    """Return the power of two nearest to a value by ratio, or the largest up to `most`."""
    exponent = min(math.log2(max(value, 1)), math.floor(math.log2(max(most, 1))))
    return 1 << round(exponent)
