"""The table of methods: each row combines a trainer with an index.

The name of a row can be followed by what is scanned: `ivf+short`, `faiss-hnsw+sq8`.

Other installed packages add rows through the entry-point group `ehibench.methods`; each entry
point names a `Method`.
"""

from dataclasses import replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from methods.ehi.settings import EhiSettings, TreeSettings
from methods.errors import InputError, unknown
from methods.forms.codes import PqSettings, RabitqSettings, Sq8Settings
from methods.forms.short import ShortSettings
from methods.indexes.bm25 import Bm25Settings
from methods.indexes.faiss_hnsw import FaissHnswSettings
from methods.indexes.fused_vectors import FusedSettings
from methods.indexes.hnsw import HnswSettings
from methods.indexes.ivf import IvfSettings
from methods.indexes.ngt import NgtSettings
from methods.indexes.scann import ScannSettings
from methods.indexes.started_graph import StartedGraphSettings
from methods.method import Component, Method, Requirement, UnavailableMethod
from methods.training.settings import DualEncoderSettings

ENTRY_POINT_GROUP = "ehibench.methods"
SHARED_SECTIONS = ("encoder", "training", "timing")

FAISS = Requirement("faiss", 'pip install "ehibench[cpu]" (with an NVIDIA GPU: "ehibench[gpu]")')
HNSWLIB = Requirement("hnswlib", 'pip install "ehibench[hnsw]" (builds from source, needs g++)')
SCANN = Requirement("scann", 'pip install "ehibench[scann]"')
NGT = Requirement("ngtpy", 'pip install "ehibench[ngt]"')
BM25S = Requirement("bm25s", 'pip install "ehibench[bm25]"')

DUAL_ENCODER = Component(
    "dual_encoder", "methods.training.dual_encoder:DualEncoderTrainer", DualEncoderSettings
)
EHI = Component("ehi", "methods.ehi.trainer:EhiTrainer", EhiSettings, version=2)
EHI_FROZEN = replace(EHI, name="ehi_frozen", base=DUAL_ENCODER)
LIST_ROUTER = replace(
    EHI_FROZEN, name="list_router", target="methods.ehi.list_trainer:ListRouterTrainer"
)

SHORT = Component("short", "methods.forms.short:ShortForm", ShortSettings)
SQ8 = Component("sq8", "methods.forms.codes:Sq8Form", Sq8Settings)
PQ = Component("pq", "methods.forms.codes:PqForm", PqSettings)
RABITQ = Component("rabitq", "methods.forms.codes:RabitqForm", RabitqSettings)
FORMS = {
    "short": (SHORT, "short vectors"),
    "sq8": (SQ8, "8-bit scalars"),
    "pq": (PQ, "product codes"),
    "rabitq": (RABITQ, "bits (RaBitQ)"),
}
"""What an index can scan instead of whole vectors, as `METHOD+FORM`, and in words."""

EXACT = Component(
    "exact",
    "methods.indexes.exact:ExactIndex",
    requires=(FAISS,),
    torch_target="methods.engines.torch_indexes:TorchExact",
    faiss_gpu_target="methods.engines.faiss_gpu:FaissGpuExact",
)
IVF = Component(
    "ivf",
    "methods.indexes.ivf:IvfIndex",
    IvfSettings,
    (FAISS,),
    forms=tuple(FORMS),
    torch_target="methods.engines.torch_indexes:TorchIvf",
    faiss_gpu_target="methods.engines.faiss_gpu:FaissGpuIvf",
)
HNSW = Component(
    "hnsw",
    "methods.indexes.hnsw:HnswIndex",
    HnswSettings,
    (HNSWLIB, FAISS),
    version=2,
    forms=("short",),
    unused=("short.lists_by",),
)
FAISS_HNSW = Component(
    "faiss_hnsw",
    "methods.indexes.faiss_hnsw:FaissHnswIndex",
    FaissHnswSettings,
    (FAISS,),
    version=2,
    forms=("short", "sq8", "pq"),
    unused=("short.lists_by",),
)
SCANN_TREE = Component(
    "scann", "methods.indexes.scann:ScannIndex", ScannSettings, (SCANN,), version=2
)
NGT_GRAPH = Component("ngt", "methods.indexes.ngt:NgtIndex", NgtSettings, (NGT,))
BM25 = Component("bm25", "methods.indexes.bm25:Bm25Index", Bm25Settings, (BM25S,), version=3)
TREE = Component(
    "tree",
    "methods.ehi.tree_index:TreeIndex",
    TreeSettings,
    (FAISS,),
    forms=tuple(FORMS),
    torch_target="methods.engines.torch_indexes:TorchTree",
    faiss_gpu_target="methods.engines.faiss_gpu:FaissGpuTree",
)
IVF_GRAPH, TREE_GRAPH = (
    Component(
        name,
        "methods.indexes.started_graph:StartedGraph",
        StartedGraphSettings,
        (FAISS,),
        section="graph",
        version=2,
        inner=inner,
        unused=(f"{inner.section}.beam",),
    )
    for name, inner in (("ivf_graph", IVF), ("tree_graph", TREE))
)
FUSED_EXACT, FUSED_IVF, FUSED_HNSW, FUSED_SCANN = (
    Component(
        f"fused_{inner.name}",
        "methods.indexes.fused_vectors:FusedVectors",
        FusedSettings,
        inner.requires,
        section="fused",
        version=2,
        inner=inner,
        torch_target=inner.torch_target and "methods.indexes.fused_vectors:FusedVectors",
        faiss_gpu_target=inner.faiss_gpu_target and "methods.indexes.fused_vectors:FusedVectors",
    )
    for inner in (EXACT, IVF, HNSW, SCANN_TREE)
)

BUILT_IN = (
    Method("bm25", "lexical search, nothing is learned (bm25s)", None, BM25, budgeted=False),
    Method("exact", "scores every document: the ceiling", DUAL_ENCODER, EXACT, budgeted=False),
    Method("ivf", "k-means lists on the dual encoder (Faiss IVF)", DUAL_ENCODER, IVF),
    Method(
        "ivf+hnsw",
        "a graph that is entered where k-means lists lead (Faiss)",
        DUAL_ENCODER,
        IVF_GRAPH,
    ),
    Method("hnsw", "a graph on the dual encoder (hnswlib)", DUAL_ENCODER, HNSW),
    Method("faiss-hnsw", "a graph on the dual encoder (Faiss)", DUAL_ENCODER, FAISS_HNSW),
    Method("ngt", "a graph on the dual encoder (NGT)", DUAL_ENCODER, NGT_GRAPH),
    Method(
        "scann", "k-means leaves of anisotropic codes, rescored (ScaNN)", DUAL_ENCODER, SCANN_TREE
    ),
    Method("ehi", "encoder and tree, learned together", EHI, TREE),
    Method("ehi+hnsw", "a graph that is entered where the tree leads (Faiss)", EHI, TREE_GRAPH),
    Method("ehi-encoder+ivf", "k-means lists on EHI's encoder", EHI, IVF),
    Method("ehi-encoder+hnsw", "a graph on EHI's encoder (hnswlib)", EHI, HNSW),
    Method("ehi-encoder+scann", "leaves of anisotropic codes on EHI's encoder", EHI, SCANN_TREE),
    Method(
        "ehi-encoder+exact",
        "scores every document with EHI's encoder",
        EHI,
        EXACT,
        budgeted=False,
    ),
    Method("ehi-vectors+ivf", "k-means lists of EHI's fused vectors", EHI, FUSED_IVF),
    Method("ehi-vectors+hnsw", "a graph of EHI's fused vectors (hnswlib)", EHI, FUSED_HNSW),
    Method("ehi-vectors+scann", "leaves of codes of EHI's fused vectors", EHI, FUSED_SCANN),
    Method(
        "ehi-vectors+exact",
        "scores every document by EHI's fused vectors",
        EHI,
        FUSED_EXACT,
        budgeted=False,
    ),
    Method("ehi-frozen", "only the tree is learned, on the frozen dual encoder", EHI_FROZEN, TREE),
    Method(
        "ehi-frozen+hnsw",
        "a graph entered where a tree leads, on the frozen dual encoder",
        EHI_FROZEN,
        TREE_GRAPH,
    ),
    Method(
        "ivf+router", "k-means lists on the frozen dual encoder, learned routing", LIST_ROUTER, TREE
    ),
    Method(
        "ivf+router+hnsw",
        "a graph entered where learned routing to k-means lists leads",
        LIST_ROUTER,
        TREE_GRAPH,
    ),
)


@cache
def methods() -> dict[str, Method]:
    """Return every method by name: the built-in rows, then those of installed packages.

    A row that fails to load becomes an UnavailableMethod. Raise InputError if two rows share a
    name.
    """
    table = {method.name: method for method in BUILT_IN}
    for point in entry_points(group=ENTRY_POINT_GROUP):
        row = _load_row(point)
        if row.name in table:
            raise InputError(
                f"method {row.name!r} of {point.value} is already registered; "
                "rename it or uninstall its package"
            )
        table[row.name] = row
    return table


def _load_row(point: EntryPoint) -> Method:
    described = f"entry point {point.name} = {point.value}"
    try:
        row = point.load()
    except Exception as error:
        return UnavailableMethod(point.name, f"{described} failed to load: {error}")
    if isinstance(row, Method):
        return row
    return UnavailableMethod(
        point.name, f"{described} is not a methods.registry.Method but a {type(row).__name__}"
    )


def method(name: str) -> Method:
    """Return the method called `name`, a row or `ROW+FORM`.

    Raise InputError, with the nearest name, if it is unknown.
    """
    table = methods()
    row, _, form = name.rpartition("+")
    if name in table:
        return table[name]
    if row in table and form in table[row].index.forms:
        component, words = FORMS[form]
        summary = f"{table[row].summary}, by {words}"
        return replace(table[row], name=name, summary=summary, form=component)
    with_forms = {f"{row}+{each}" for row in table for each in table[row].index.forms}
    raise unknown("method", name, {*table, *with_forms})


def components() -> dict[str, Component]:
    """Return the trainers, forms and indexes of all methods by name.

    Raise InputError if two different components share a name, or read the same section as
    different settings.
    """
    table: dict[str, Component] = {}
    sections: dict[str, type[Any]] = {}
    forms = [(name, component) for name, (component, _) in FORMS.items()]
    parts = [(row.name, part) for row in methods().values() for part in row.parts]
    for name, part in forms + parts:
        same_name = table.setdefault(part.name, part) == part
        same_settings = sections.setdefault(part.section, part.settings) is part.settings
        if not same_name or not same_settings or part.section in SHARED_SECTIONS:
            raise InputError(
                f"component {part.name!r} of method {name!r} needs another name or "
                f"section: {part.name!r} or [{part.section}] is already taken"
            )
    return table
