"""List the settings that were removed: their last default, since which version and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RetiredSetting:
    """A setting that was removed."""

    default: Any  # what every preset set it to
    since: str  # the first version of ehibench without it
    reason: str


_SHORT_VECTORS = (
    "every index can scan short vectors and rescore; name the method with +short, such as ehi+short"
)
_EARLY_STOPPING = "early stopping gave methods different numbers of encoder updates"

RETIRED_SETTINGS: Mapping[str, RetiredSetting] = {
    "training.patience": RetiredSetting(0, "0.2", _EARLY_STOPPING),
    "training.evaluate_every": RetiredSetting(1, "0.2", _EARLY_STOPPING),
    "training.stopping_budget": RetiredSetting(0.05, "0.2", _EARLY_STOPPING),
    "tree.reorder": RetiredSetting(0, "0.3", _SHORT_VECTORS),
    "tree.leaves_per_document": RetiredSetting(
        1, "0.3", "tree.spilled is the number of further leaves, which SOAR chooses"
    ),
    "ehi.placement": RetiredSetting(
        "beam", "0.3", "leaves chosen by the nearest training queries found no more"
    ),
    "tree.most_per_leaf": RetiredSetting(0, "0.3", "leaves with a cap found less"),
}
"""By "section.key"."""


def retirement_notice(name: str) -> str | None:
    """Return since when and why "section.key" was removed, in one line; None if it was not."""
    retired = RETIRED_SETTINGS.get(name)
    if retired is None:
        return None
    return f"{name} was removed in ehibench {retired.since}: {retired.reason}; leave {name} out"


def retired_defaults(section: str) -> dict[str, Any]:
    """Return the last default of each retired setting of a section, by key."""
    names = (name.partition(".") for name in RETIRED_SETTINGS)
    return {
        key: RETIRED_SETTINGS[f"{section}.{key}"].default for own, _, key in names if own == section
    }


def without_retired_defaults(
    settings: Mapping[str, Mapping[str, Any]],
) -> dict[str, dict[str, Any]]:
    """Return recorded settings, by section, without retired settings at their default.

    A retired setting with any other value changed the result, so it is kept.
    """
    return {
        section: {
            key: value
            for key, value in values.items()
            if f"{section}.{key}" not in RETIRED_SETTINGS
            or value != RETIRED_SETTINGS[f"{section}.{key}"].default
        }
        for section, values in settings.items()
    }
