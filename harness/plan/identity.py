"""What names a result: a component by its name and version, settings with those retired since.

A hash of these names every cell and every trained encoder of a run folder. It must not change
when a file is moved, a setting is deleted or training moves to another device, or finished work
would be done again.
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
"""What ehibench 0.1 hashed for each component, which was where its class was then."""

DEVICE = "cpu"
"""What is hashed for the device, whichever it was: a result belongs to what made it, not where."""


def component_identity(component: Component) -> str:
    """Return what is hashed for a component: its name and the version of its results."""
    if component.version == 1 and component.name in FIRST_VERSIONS:
        return FIRST_VERSIONS[component.name]
    return f"{component.name}, version {component.version}"
