"""Read settings from TOML presets and --set overrides into frozen dataclasses, and hash them."""

import hashlib
import json
import tomllib
import typing
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from harness.retired_settings import retirement_notice
from methods.automatic import AUTO, CorpusSize, resolved, rules
from methods.errors import InputError, unknown
from methods.method import Method
from methods.paths import user_path
from methods.registry import components
from methods.settings import (
    NOT_IN_RESULT,
    EncoderSettings,
    NoSettings,
    Switch,
    TrainingSettings,
    check_range,
)

PRESETS = Path(__file__).parent / "presets"
EXTENDS, RUN = "extends", "run"
"""What a preset may have besides sections: the preset that it changes, and options of a run."""
RUN_OPTIONS = ("dataset", "methods", "budget", "depth", "seed")
"""The options of a run that a preset may name."""
Settings = Mapping[str, Any]
"""One frozen dataclass per section: encoder, training, timing and a section for each component."""


@dataclass(frozen=True)
class TimingSettings:
    """How long a cell is timed."""

    rounds: int = 5  # the methods take turns in every round
    seconds: float = 1.0  # at least, over all rounds, for each of single, from text and in batches

    def __post_init__(self) -> None:
        """Reject settings that would time nothing."""
        check_range("timing.rounds", self.rounds, 1)
        check_range("timing.seconds", self.seconds, 0)


def sections() -> dict[str, type[Any]]:
    """Return the dataclass of every section that a preset may have, by section."""
    parts = components().values()
    own = {part.section: part.settings for part in parts if part.settings is not NoSettings}
    shared = {
        "encoder": EncoderSettings,
        "training": TrainingSettings,
        "timing": TimingSettings,
    }
    return {**shared, **own}


def preset_names() -> list[str]:
    """Return the names of the presets that come with ehibench."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def load_settings(preset: str, overrides: Sequence[str] = ()) -> Settings:
    """Return the settings of a preset with `section.key=value` overrides.

    `preset` is the name of a preset that comes with ehibench, or the path of a TOML file. Raise
    InputError for an unknown preset, section or key, naming the nearest one, and for a value of
    the wrong type, naming the expected one.
    """
    values, _ = _read_preset(preset)
    for override in overrides:
        section, key, text = split_override("--set", override)
        values.setdefault(section, {})[key] = parse_setting(section, key, text)
    return {name: kind(**values.get(name, {})) for name, kind in sections().items()}


def preset_options(preset: str) -> dict[str, Any]:
    """Return the options of a run that a preset names, such as its dataset, by their long name.

    They are defaults: options on the command line take precedence. Raise InputError as
    `load_settings` does.
    """
    return _read_preset(preset)[1]


def split_override(option: str, assignment: str) -> tuple[str, str, str]:
    """Return section, key and value of the text `section.key=value` that `option` was given."""
    name, equals, text = assignment.partition("=")
    section, dot, key = name.strip().partition(".")
    if not equals or not dot:
        raise InputError(
            f"{option} takes section.key=value, not {assignment!r}; e.g. {option} ivf.lists=256"
        )
    return section, key, text


def parse_setting(section: str, key: str, text: str) -> Any:
    """Return the value of a setting that `text` spells out; spaces around it count in texts alone.

    Raise InputError for an unknown setting, naming the nearest one, and for a value of the wrong
    type, naming the expected one.
    """
    known = sections()
    field_type = _field_types(known[section]).get(key) if section in known else None
    if (notice := retirement_notice(f"{section}.{key}")) is not None:
        raise InputError(notice)
    if field_type is None:
        raise unknown("setting", f"{section}.{key}", _all_keys(known))
    spelled = text if field_type is str else text.strip()
    if spelled == "auto" and key in rules(known[section]):
        return AUTO
    return _parse(f"{section}.{key}", spelled, field_type)


def resolved_settings(settings: Settings, size: CorpusSize) -> Settings:
    """Return the settings with every `auto` replaced by its value for a corpus of this size."""
    return {name: resolved(values, size) for name, values in settings.items()}


def with_values(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """Return the settings with some values, by "section.key", replaced.

    Raise InputError if the values contradict each other.
    """
    changed: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        section, _, key = name.partition(".")
        changed.setdefault(section, {})[key] = value
    return {**settings, **{name: replace(settings[name], **new) for name, new in changed.items()}}


def result_settings(method: Method, settings: Settings) -> dict[str, Any]:
    """Return, as plain values, the settings that decide a method's result."""
    learned = ["encoder", "training"] if method.trainer else []
    names = [*learned, *(part.section for part in method.parts)]
    values = {name: asdict(settings[name]) for name in names if name in settings}
    for name in method.index.unused:
        section, _, key = name.partition(".")
        values.get(section, {}).pop(key, None)
    for name in NOT_IN_RESULT & values.get("training", {}).keys():
        del values["training"][name]
    return values


def digest(value: object) -> str:
    """Return the hash of a value's canonical JSON, 16 hex digits."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _read_preset(preset: str) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Return the settings by section and the options of a run, with those of what it extends."""
    own = preset in preset_names()
    path = PRESETS / f"{preset}.toml" if own else user_path(preset)
    if not path.is_file():
        raise unknown("preset", preset, preset_names())
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}") from None
    base, options = table.pop(EXTENDS, None), table.pop(RUN, {})
    if base is not None and base not in preset_names():
        raise InputError(f"{path}: {unknown('preset to extend', str(base), preset_names())}")
    settings, inherited = ({}, {}) if base is None else _read_preset(base)
    for section, keys in _checked(path, table).items():
        settings.setdefault(section, {}).update(keys)
    if not isinstance(options, dict):
        raise InputError(f"{path}: write [{RUN}] and below it options such as budget = 0.1")
    for name in options:
        if name not in RUN_OPTIONS:
            raise InputError(f"{path}: {unknown(f'option in [{RUN}]', name, RUN_OPTIONS)}")
    return settings, {**inherited, **options}


def _checked(path: Path, table: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the settings of a preset. Raise InputError for one that is unknown or invalid."""
    known = sections()
    for section, keys in table.items():
        if section not in known or not isinstance(keys, dict):
            raise InputError(f"{path}: {unknown('section', section, known)}")
        field_types = _field_types(known[section])
        for key, value in keys.items():
            if (notice := retirement_notice(f"{section}.{key}")) is not None:
                raise InputError(f"{path}: {notice}")
            if key not in field_types:
                raise InputError(
                    f"{path}: {unknown('setting', f'{section}.{key}', _all_keys(known))}"
                )
            if value == "auto" and key in rules(known[section]):
                keys[key] = AUTO
            else:
                keys[key] = _check(f"{path}: {section}.{key}", value, field_types[key])
    return table


def _all_keys(known: Mapping[str, type[Any]]) -> list[str]:
    return [f"{section}.{field.name}" for section, kind in known.items() for field in fields(kind)]


def _field_types(kind: type[Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _parse(name: str, text: str, kind: Any) -> Any:
    """Return the value of type `kind` that `text` spells out."""
    if kind in (bool, Switch):
        switch = {"true": True, "false": False}.get(text.lower(), text)
        return _check(name, switch, kind)
    if kind in (int, float):
        try:
            return _check(name, kind(text), kind)
        except ValueError:
            raise InputError(f"{name} is {text!r}; it must be {_describe(kind)}") from None
    return _check(name, text, kind)


def _check(name: str, value: Any, kind: Any) -> Any:
    """Return `value` if it has the type `kind`; a whole number is accepted as a float."""
    if typing.get_origin(kind) is typing.Literal:
        valid = value in typing.get_args(kind) and isinstance(value, str)
    elif kind is float:
        valid = (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and abs(value) < float("inf")
        )
        value = float(value) if valid else value
    elif kind == Switch:
        valid = type(value) is bool or value == "auto"
    else:
        valid = type(value) is kind
    if not valid:
        raise InputError(f"{name} is {value!r}; it must be {_describe(kind)}")
    return value


def _describe(kind: Any) -> str:
    if typing.get_origin(kind) is typing.Literal:
        return f"one of {', '.join(typing.get_args(kind))}"
    names = {
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        Switch: "true or false, or auto",
        str: "text",
    }
    return names[kind] if kind in names else str(kind)
