"""The identity of a component: its name and version, as they are hashed into cells.

The hashes name every cell and every trained encoder of a run folder. They must not change when a
file is moved, a setting is deleted or training moves to another device, or finished work would be
done again.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from typing import Any

from harness.config import Settings, result_settings, sections
from harness.retired_settings import retired_defaults
from methods import registry
from methods.devices import SearchPlace
from methods.errors import InputError
from methods.method import Component, Method

FIRST_VERSIONS = {
    "dual_encoder": "methods.dual_encoder:DualEncoderTrainer",
    "ehi": "methods.ehi.trainer:EhiTrainer",
    "ehi_frozen": "methods.ehi.trainer:EhiTrainer",
    "list_router": "methods.ehi.list_trainer:ListRouterTrainer",
    "exact": "methods.exact:ExactIndex",
    "ivf": "methods.ivf:IvfIndex",
    "hnsw": "methods.hnsw:HnswIndex",
    "faiss_hnsw": "methods.faiss_hnsw:FaissHnswIndex",
    "scann": "methods.scann_tree:ScannIndex",
    "bm25": "methods.bm25:Bm25Index",
    "tree": "methods.ehi.tree_index:TreeIndex",
}
"""What ehibench 0.1 hashed for each component: the module and class that it had then."""

FIRST = "0.1"
"""The version whose names are kept."""
FIRST_DEPTH = 100
"""The depth of every search of ehibench 0.1, which did not hash it."""
DEVICE = "cpu"
"""Hashed for every device: the device does not decide the result."""


def settings_identity(method: Method, settings: Settings) -> dict[str, Any]:
    """Return what is hashed for the settings of a method, by section.

    An encoder is known by its fingerprint, so that its folder may move, as may the file of a given
    index. Retired settings are hashed at their last default, as long as they were, and settings
    that were added since are hashed only if they change what was done before.
    """
    values = result_settings(method, settings)
    if "encoder" in values:
        del values["encoder"]["name"]
    for section, keys in list(values.items()):
        for each in fields(settings[section]):
            if not each.metadata.get("hashed", True):
                del keys[each.name]
        added = _added_defaults(type(settings[section]))
        for name, default in added.items():
            if keys.get(name, default) == default:  # absent if the index has no use for it
                keys.pop(name, None)
        keys.update(retired_defaults(section))
        if added and not keys:  # the whole section was added since
            del values[section]
    return values


def with_added_defaults(
    name: str, settings: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return a method's settings, by section, with what was done where later versions have one.

    Thus records of different versions are told apart only by what decided their results.
    """
    known = sections()
    unused: tuple[str, ...] = ()
    with suppress(InputError):  # a method of a package that is not installed
        unused = registry.method(name).index.unused
        parts = registry.method(name).parts if "training" in settings else ()
        used = {part.section for part in parts}
        new = {key for key in used & known.keys() - settings.keys() if _is_added(known[key])}
        settings = {**settings, **{section: {} for section in sorted(new)}}
    added = {
        section: _added_defaults(known[section]) if section in known else {} for section in settings
    }
    return {
        section: {
            **{key: value for key, value in defaults.items() if f"{section}.{key}" not in unused},
            **settings[section],
        }
        for section, defaults in added.items()
    }


def _added_defaults(kind: type[Any]) -> dict[str, Any]:
    """Return, by key, each setting that ehibench 0.1 did not have, and what it did instead.

    That is the default of the setting, or `before` if a better default was found.
    """
    return {
        added.name: added.metadata.get("before", added.default)
        for added in fields(kind)
        if added.metadata.get("since", FIRST) != FIRST
    }


def _is_added(kind: type[Any]) -> bool:
    """Decide whether ehibench 0.1 had no setting of a dataclass."""
    return len(_added_defaults(kind)) == len(fields(kind))


def depth_identity(depth: int) -> dict[str, int]:
    """Return what is hashed for the number of documents that a query asks for."""
    return {} if depth == FIRST_DEPTH else {"depth": depth}


def search_identity(place: SearchPlace) -> dict[str, str]:
    """Return what is hashed into a cell for where it is searched: nothing for Faiss on the CPU.

    What was trained and built does not depend on it, but a cell is also a measurement, and one on
    a GPU must not pass for one on a CPU.
    """
    return {} if place.is_default else {"search": str(place)}


def component_identity(component: Component) -> str:
    """Return the text that is hashed for a component: its name and the version of its results."""
    if component.version == 1 and component.name in FIRST_VERSIONS:
        return FIRST_VERSIONS[component.name]
    return f"{component.name}, version {component.version}"
