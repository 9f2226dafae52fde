"""The identity of a component: its name and version, as they are hashed into cells.

The hashes name every cell and every trained encoder of a run folder. They must not change when a
file is moved, a setting is deleted or training moves to another device, or finished work would be
done again.
"""

from methods.registry import Component

FIRST_VERSIONS = {
    "dual_encoder": "methods.dual_encoder:DualEncoderTrainer",
    "ehi": "methods.ehi.trainer:EhiTrainer",
    "ehi_frozen": "methods.ehi.trainer:EhiTrainer",
    "list_router": "methods.ehi.list_trainer:ListRouterTrainer",
    "exact": "methods.exact:ExactIndex",
    "ivf": "methods.ivf:IvfIndex",
    "ivfpq": "methods.ivfpq:IvfPqIndex",
    "hnsw": "methods.hnsw:HnswIndex",
    "faiss_hnsw": "methods.faiss_hnsw:FaissHnswIndex",
    "scann": "methods.scann_tree:ScannIndex",
    "bm25": "methods.bm25:Bm25Index",
    "tree": "methods.ehi.tree_index:TreeIndex",
}
"""What ehibench 0.1 hashed for each component: the module and class that it had then."""

DEVICE = "cpu"
"""Hashed for every device: the device does not decide the result."""


def component_identity(component: Component) -> str:
    """Return the text that is hashed for a component: its name and the version of its results."""
    if component.version == 1 and component.name in FIRST_VERSIONS:
        return FIRST_VERSIONS[component.name]
    return f"{component.name}, version {component.version}"
