"""The identity of a component: its name and version, as they are hashed into cells.

The hashes name every cell and every trained encoder of a run folder. They must not change when a
file is moved, a setting is deleted or training moves to another device, or finished work would be
done again.
"""

from dataclasses import fields
from typing import Any

from harness.config import Settings, result_settings
from harness.retired_settings import retired_defaults
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

    An encoder is known by its fingerprint, so that its folder may move. Retired settings are
    hashed at their last default, as long as they were, and settings that were added since are
    hashed only if they are not at their default.
    """
    values = result_settings(method, settings)
    if "encoder" in values:
        del values["encoder"]["name"]
    for section, keys in values.items():
        for added in fields(settings[section]):
            is_new = added.metadata.get("since", FIRST) != FIRST
            if is_new and keys[added.name] == added.default:
                del keys[added.name]
        keys.update(retired_defaults(section))
    return values


def depth_identity(depth: int) -> dict[str, int]:
    """Return what is hashed for the number of documents that a query asks for."""
    return {} if depth == FIRST_DEPTH else {"depth": depth}


def component_identity(component: Component) -> str:
    """Return the text that is hashed for a component: its name and the version of its results."""
    if component.version == 1 and component.name in FIRST_VERSIONS:
        return FIRST_VERSIONS[component.name]
    return f"{component.name}, version {component.version}"
