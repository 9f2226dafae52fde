"""List the values of settings that a method may choose from, on tuning queries."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from harness.config import Settings, parse_setting, result_settings, split_override, with_values
from methods.automatic import CorpusSize, declared_menu
from methods.errors import InputError
from methods.method import Method
from methods.registry import SHARED_SECTIONS

DECLARED = "auto"
"""The value of --choose that selects the menus declared by the methods."""

Values = Mapping[str, Any]
"""One value per setting, by "section.key"."""


@dataclass(frozen=True)
class MenuRequest:
    """The menus that --choose requests: listed values, by "section.key", or the declared ones."""

    values: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    declared: bool = False  # whether each method's own menus are added: --choose auto
    fixed: frozenset[str] = frozenset()  # settings that are not chosen, because --set gives them
    trials: int | None = None  # the most combinations that a method may try; None: all


NO_MENUS = MenuRequest()


@dataclass(frozen=True)
class Menu:
    """The values that a method chooses from."""

    values: Mapping[str, tuple[Any, ...]]  # by "section.key"
    seeds: tuple[int, ...]  # every combination is judged by its mean over these
    trials: int | None = None  # the most combinations to try; None: all

    def combinations(self) -> list[dict[str, Any]]:
        """Return the combinations to try, of one value per setting; the last varies fastest.

        If there are more than `trials`, the first, which has every setting at the head of its
        list, and a random sample of the others, always the same.
        """
        every = [
            dict(zip(self.values, values, strict=True)) for values in product(*self.values.values())
        ]
        if self.trials is None or len(every) <= self.trials:
            return every
        drawn = random.Random(0).sample(range(1, len(every)), self.trials - 1)
        return [every[number] for number in (0, *sorted(drawn))]

    @property
    def identity(self) -> dict[str, Any]:
        """The plain values that decide the choice."""
        limit = {} if self.trials is None else {"trials": self.trials}
        return {"values": self.values, "seeds": self.seeds, **limit}

    def without_chosen(
        self, settings: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, dict[str, Any]]:
        """Return plain settings, by section, without the settings that are chosen."""
        return {
            section: {k: v for k, v in keys.items() if f"{section}.{k}" not in self.values}
            for section, keys in settings.items()
        }


def parse_menu_options(
    options: Sequence[str], overrides: Sequence[str], trials: int
) -> MenuRequest:
    """Return what every `--choose section.key=value,value` and `--choose auto` asks for.

    `trials` limits the combinations of each method if `auto` is among them. Raise InputError for a
    setting that is unknown, shared by all methods, given twice or also in `overrides`, for an
    empty list of values and for a value of the wrong type.
    """
    choices: dict[str, tuple[Any, ...]] = {}
    fixed = {override.partition("=")[0].strip() for override in overrides}
    for option in options:
        if option == DECLARED:
            continue
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
    if DECLARED not in options:
        return MenuRequest(choices)
    return MenuRequest(choices, True, frozenset(fixed), trials)


def _declared_values(
    settings: Settings, size: CorpusSize, own: Collection[str], request: MenuRequest
) -> dict[str, tuple[Any, ...]]:
    """Return the declared menus of a method's `own` settings, by "section.key"."""
    sections = dict.fromkeys(name.partition(".")[0] for name in own)
    menus = {
        f"{section}.{key}": menu
        for section in sections
        if section not in SHARED_SECTIONS
        for key, menu in declared_menu(settings[section], size).items()
    }
    return {name: menu for name, menu in menus.items() if name in own and name not in request.fixed}


def format_values(values: Values) -> str:
    """Return values as a user writes them: "ivf.lists=64, ivf.iterations=5"."""
    return ", ".join(f"{name}={value}" for name, value in values.items())


def menu_for(
    method: Method,
    settings: Settings,
    size: CorpusSize,
    request: MenuRequest,
    seeds: Sequence[int],
) -> Menu | None:
    """Return what a method chooses from, or None if the request has none of its settings.

    Raise InputError for a value that is invalid in every combination.
    """
    sections = result_settings(method, settings)
    own = [f"{section}.{key}" for section, keys in sections.items() for key in keys]
    values = _declared_values(settings, size, own, request) if request.declared else {}
    values |= {name: listed for name, listed in request.values.items() if name in own}
    if not values:
        return None
    judges = seeds[:1] if request.declared else seeds  # wide menus are tried with one seed
    menu = Menu(values, tuple(dict.fromkeys(judges)), request.trials)
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
