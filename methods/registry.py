"""The table of methods: each row combines a trainer with an index.

Another installed package adds rows through the entry-point group `ehibench.methods`;
the entry point names a `Method`.
"""

from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

from methods.ehi.settings import EhiSettings, TreeSettings
from methods.errors import InputError, UnavailableError, unknown
from methods.indexes.bm25 import Bm25Settings
from methods.indexes.faiss_hnsw import FaissHnswSettings
from methods.indexes.hnsw import HnswSettings
from methods.indexes.ivf import IvfSettings
from methods.indexes.ivfpq import IvfPqSettings
from methods.indexes.scann import ScannSettings
from methods.settings import NoSettings

ENTRY_POINT_GROUP = "ehibench.methods"
SHARED_SECTIONS = ("encoder", "training", "timing")


@dataclass(frozen=True)
class Requirement:
    """An optional library: the module that is imported and the pip line that brings it."""

    module: str
    install: str

    def is_met(self) -> bool:
        """Say whether the module can be imported."""
        return bool(self.module) and find_spec(self.module) is not None


@dataclass(frozen=True)
class Component:
    """A trainer or an index, known by name and imported only when it is used.

    `target` is "module:Class". `settings` is a frozen dataclass, read from the `section` of a
    preset, which has the component's name where none is given. A trainer with a `base` learns
    upon the encoder that this other trainer has trained, and leaves it as it is. `version` is
    raised by hand when the results change: finished cells of another version are measured again.
    """

    name: str
    target: str
    settings: type[Any] = NoSettings
    requires: tuple[Requirement, ...] = ()
    base: "Component | None" = None
    section: str = ""
    version: int = 1

    def __post_init__(self) -> None:
        """Read the settings of its own name where no other section is given."""
        object.__setattr__(self, "section", self.section or self.name)

    def load(self) -> Any:
        """Import the class. Raise UnavailableError, with the pip line, if a library is missing."""
        for requirement in self.requires:
            if not requirement.is_met():
                raise UnavailableError(requirement.install)
        module, _, attribute = self.target.partition(":")
        return getattr(import_module(module), attribute)


@dataclass(frozen=True)
class Method:
    """A row of the table.

    Without a trainer its index reads texts as they are. Without a budget (`budgeted=False`)
    it is a reference line.
    """

    name: str
    summary: str
    trainer: Component | None
    index: Component
    budgeted: bool = True

    @property
    def parts(self) -> tuple[Component, ...]:
        """The trainer's base and the trainer, if there are any, and the index."""
        trainers = (self.trainer.base, self.trainer) if self.trainer else ()
        return (*(trainer for trainer in trainers if trainer), self.index)

    def mend(self) -> str | None:
        """Return the pip line of the first missing library, or None when all are there."""
        missing = (r for part in self.parts for r in part.requires if not r.is_met())
        return next((requirement.install for requirement in missing), None)


FAISS = Requirement("faiss", 'pip install "ehibench[cpu]" (with an NVIDIA GPU: "ehibench[gpu]")')
HNSWLIB = Requirement("hnswlib", 'pip install "ehibench[hnsw]" (it is compiled: g++ is needed)')
SCANN = Requirement("scann", 'pip install "ehibench[scann]"')
BM25S = Requirement("bm25s", 'pip install "ehibench[bm25]"')

DUAL_ENCODER = Component(
    "dual_encoder", "methods.training.dual_encoder:DualEncoderTrainer", requires=(FAISS,)
)
EHI = Component("ehi", "methods.ehi.trainer:EhiTrainer", EhiSettings, (FAISS,))
EHI_FROZEN = replace(EHI, name="ehi_frozen", base=DUAL_ENCODER)
LIST_ROUTER = replace(
    EHI_FROZEN, name="list_router", target="methods.ehi.list_trainer:ListRouterTrainer"
)

EXACT = Component("exact", "methods.indexes.exact:ExactIndex", requires=(FAISS,))
IVF = Component("ivf", "methods.indexes.ivf:IvfIndex", IvfSettings, (FAISS,))
IVFPQ = Component("ivfpq", "methods.indexes.ivfpq:IvfPqIndex", IvfPqSettings, (FAISS,))
HNSW = Component("hnsw", "methods.indexes.hnsw:HnswIndex", HnswSettings, (HNSWLIB,))
FAISS_HNSW = Component(
    "faiss_hnsw", "methods.indexes.faiss_hnsw:FaissHnswIndex", FaissHnswSettings, (FAISS,)
)
SCANN_TREE = Component("scann", "methods.indexes.scann:ScannIndex", ScannSettings, (SCANN,))
BM25 = Component("bm25", "methods.indexes.bm25:Bm25Index", Bm25Settings, (BM25S,))
TREE = Component("tree", "methods.ehi.tree_index:TreeIndex", TreeSettings, (FAISS,))

BUILT_IN = (
    Method("bm25", "words, nothing learned (bm25s)", None, BM25, budgeted=False),
    Method("exact", "every document scored; the ceiling", DUAL_ENCODER, EXACT, budgeted=False),
    Method("ivf", "k-means lists on the dual encoder (Faiss IVF)", DUAL_ENCODER, IVF),
    Method(
        "ivfpq", "k-means lists of product-quantised codes, refined (Faiss)", DUAL_ENCODER, IVFPQ
    ),
    Method("hnsw", "a graph on the dual encoder (hnswlib)", DUAL_ENCODER, HNSW),
    Method("faiss-hnsw", "a graph on the dual encoder (Faiss)", DUAL_ENCODER, FAISS_HNSW),
    Method(
        "scann", "k-means leaves of anisotropic codes, reordered (ScaNN)", DUAL_ENCODER, SCANN_TREE
    ),
    Method("ehi", "encoder and tree learned together", EHI, TREE),
    Method("ehi-encoder+ivf", "k-means lists on EHI's encoder", EHI, IVF),
    Method("ehi-encoder+hnsw", "a graph on EHI's encoder (hnswlib)", EHI, HNSW),
    Method("ehi-frozen", "the tree learned alone, on the frozen dual encoder", EHI_FROZEN, TREE),
    Method(
        "ivf+router", "k-means lists on the frozen dual encoder, routing learned", LIST_ROUTER, TREE
    ),
)


@cache
def methods() -> dict[str, Method]:
    """Return every method by name: the built-in rows, then those of installed packages.

    One that does not load is listed as unavailable. Raise InputError where two have a name.
    """
    table = {method.name: method for method in BUILT_IN}
    for point in entry_points(group=ENTRY_POINT_GROUP):
        try:
            row = point.load()
        except Exception as error:
            row = _broken(point.name, f"{point.value} does not load: {error}")
        if not isinstance(row, Method):
            row = _broken(point.name, f"{point.value} is no methods.registry.Method")
        if row.name in table:
            raise InputError(f"method {row.name!r} of {point.value} is registered already")
        table[row.name] = row
    return table


def _broken(name: str, reason: str) -> Method:
    """Return a row that is listed with why it is unavailable, so that the others go on."""
    missing = Component(name, "", requires=(Requirement("", reason),))
    return Method(name, "of an installed package", None, missing)


def method(name: str) -> Method:
    """Return the method called `name`. Raise InputError, naming the nearest, if there is none."""
    table = methods()
    if name not in table:
        raise unknown("method", name, table)
    return table[name]


def components() -> dict[str, Component]:
    """Return the trainers and indexes of all methods by name.

    Raise InputError where two of them share one, or read one section as different settings.
    """
    found: dict[str, Component] = {}
    sections: dict[str, type[Any]] = {}
    for row in methods().values():
        for part in row.parts:
            alone = found.setdefault(part.name, part) == part
            agreed = sections.setdefault(part.section, part.settings) is part.settings
            if not alone or not agreed or part.section in SHARED_SECTIONS:
                raise InputError(
                    f"component {part.name!r} of method {row.name!r} needs another name or section"
                )
    return found
