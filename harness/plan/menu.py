"""List the values of settings that a method may choose from, on tuning queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from harness.config import Settings, parse_setting, result_settings, split_override, with_values
from methods.errors import InputError
from methods.registry import SHARED_SECTIONS, Method

Values = Mapping[str, Any]
"""One value per setting, by "section.key"."""


@dataclass(frozen=True)
class Menu:
    """The values that a method chooses from."""

    values: Mapping[str, tuple[Any, ...]]  # by "section.key"
    seeds: tuple[int, ...]  # every combination is judged by its mean over these

    def combinations(self) -> list[dict[str, Any]]:
        """Return every combination of one value per setting; the last setting varies fastest."""
        return [
            dict(zip(self.values, values, strict=True)) for values in product(*self.values.values())
        ]

    def without_chosen(
        self, settings: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, dict[str, Any]]:
        """Return plain settings, by section, without the settings that are chosen."""
        return {
            section: {k: v for k, v in keys.items() if f"{section}.{k}" not in self.values}
            for section, keys in settings.items()
        }


def parse_menu_options(
    options: Sequence[str], overrides: Sequence[str]
) -> dict[str, tuple[Any, ...]]:
    """Return the values of every `--choose section.key=value,value`, by "section.key".

    Raise InputError for a setting that is unknown, shared by all methods, given twice or also in
    `overrides`, for an empty list of values and for a value of the wrong type.
    """
    choices: dict[str, tuple[Any, ...]] = {}
    fixed = {override.partition("=")[0].strip() for override in overrides}
    for option in options:
        section, key, text = split_override("--choose", option)
        name = f"{section}.{key}"
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if not parts:
            raise InputError(f"--choose {name} has no values; e.g. --choose ivf.lists=64,128,256")
        values = tuple(dict.fromkeys(parse_setting(section, key, part) for part in parts))
        if section in SHARED_SECTIONS:
            raise InputError(f"--choose {name}: all methods share {section}; use --set instead")
        if name in choices or name in fixed:
            other = "--set" if name in fixed else "--choose"
            raise InputError(f"--choose {name}: another {other} gives {name}, too; leave one out")
        choices[name] = values
    return choices


def format_values(values: Values) -> str:
    """Return values as a user writes them: "ivf.lists=64, ivf.iterations=5"."""
    return ", ".join(f"{name}={value}" for name, value in values.items())


def menu_for(
    method: Method, settings: Settings, choices: Mapping[str, tuple[Any, ...]], seeds: Sequence[int]
) -> Menu | None:
    """Return what a method chooses from, or None if `choices` has none of its settings.

    Raise InputError for a value that is invalid in every combination.
    """
    sections = result_settings(method, settings)
    own = {f"{section}.{key}" for section, keys in sections.items() for key in keys}
    values = {name: listed for name, listed in choices.items() if name in own}
    if not values:
        return None
    menu = Menu(values, tuple(dict.fromkeys(seeds)))
    rejected: dict[tuple[str, Any], InputError] = {}
    accepted: set[tuple[str, Any]] = set()
    for combination in menu.combinations():
        try:
            with_values(settings, combination)
            accepted |= set(combination.items())
        except InputError as error:
            rejected |= dict.fromkeys(combination.items(), error)
    for (name, value), reason in rejected.items():
        if (name, value) not in accepted:
            raise InputError(f"--choose {name}={value}: {reason}")
    return menu
