"""The table of methods: each row combines a trainer with an index.

Other installed packages add rows through the entry-point group `ehibench.methods`; each entry
point names a `Method`.
"""

from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Any

from methods.ehi.settings import EhiSettings, TreeSettings
from methods.errors import InputError, UnavailableError, missing_library, unknown
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
    """An optional dependency: the module to look for and the command that installs it."""

    module: str
    install: str

    def install_hint(self, needed_by: str) -> str | None:
        """Return how to install the module for a method or component, or None if it is there."""
        if find_spec(self.module) is not None:
            return None
        return missing_library(needed_by, self.module, self.install)


@dataclass(frozen=True)
class Component:
    """A trainer or an index, known by name and imported only when it is used.

    `target` is "module:Class". `settings` is a frozen dataclass, read from the `section` of a
    preset; by default that section has the component's name. A trainer with a `base` starts from
    the encoder that this other trainer has trained, and does not change it. Raise `version` by
    hand when results change: finished cells of another version are measured again.
    """

    name: str
    target: str
    settings: type[Any] = NoSettings
    requires: tuple[Requirement, ...] = ()
    base: "Component | None" = None
    section: str = ""
    version: int = 1

    def __post_init__(self) -> None:
        """Default to the section with the component's name."""
        object.__setattr__(self, "section", self.section or self.name)

    def load(self) -> Any:
        """Import the class. Raise UnavailableError if a library is missing."""
        for requirement in self.requires:
            if (hint := requirement.install_hint(self.name)) is not None:
                raise UnavailableError(hint)
        module, _, attribute = self.target.partition(":")
        return getattr(import_module(module), attribute)


@dataclass(frozen=True)
class Method:
    """A row of the table.

    Without a trainer, the index reads texts instead of vectors. With `budgeted=False`, the method
    is a reference line that is measured once and not at each budget.
    """

    name: str
    summary: str
    trainer: Component | None
    index: Component
    budgeted: bool = True

    @property
    def parts(self) -> tuple[Component, ...]:
        """The trainer's base, the trainer and the index, as far as the method has them."""
        trainers = (self.trainer.base, self.trainer) if self.trainer else ()
        return (*(trainer for trainer in trainers if trainer), self.index)

    def install_hint(self) -> str | None:
        """Return how to install the first missing library, or None if nothing is missing."""
        hints = (r.install_hint(self.name) for part in self.parts for r in part.requires)
        return next((hint for hint in hints if hint is not None), None)


class UnavailableMethod(Method):
    """A method of another package that failed to load; `install_hint` returns the reason.

    It is a row like any other, so that only the cells of this method fail.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, "from an installed package", None, Component(name, target=""))
        self._reason: str
        object.__setattr__(self, "_reason", reason)

    def install_hint(self) -> str:
        """Return why the method could not be loaded."""
        return self._reason


FAISS = Requirement("faiss", 'pip install "ehibench[cpu]" (with an NVIDIA GPU: "ehibench[gpu]")')
HNSWLIB = Requirement("hnswlib", 'pip install "ehibench[hnsw]" (builds from source, needs g++)')
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
    Method("bm25", "lexical search, nothing is learned (bm25s)", None, BM25, budgeted=False),
    Method("exact", "scores every document: the ceiling", DUAL_ENCODER, EXACT, budgeted=False),
    Method("ivf", "k-means lists on the dual encoder (Faiss IVF)", DUAL_ENCODER, IVF),
    Method(
        "ivfpq", "k-means lists of product-quantised codes, rescored (Faiss)", DUAL_ENCODER, IVFPQ
    ),
    Method("hnsw", "a graph on the dual encoder (hnswlib)", DUAL_ENCODER, HNSW),
    Method("faiss-hnsw", "a graph on the dual encoder (Faiss)", DUAL_ENCODER, FAISS_HNSW),
    Method(
        "scann", "k-means leaves of anisotropic codes, rescored (ScaNN)", DUAL_ENCODER, SCANN_TREE
    ),
    Method("ehi", "encoder and tree, learned together", EHI, TREE),
    Method("ehi-encoder+ivf", "k-means lists on EHI's encoder", EHI, IVF),
    Method("ehi-encoder+hnsw", "a graph on EHI's encoder (hnswlib)", EHI, HNSW),
    Method("ehi-frozen", "only the tree is learned, on the frozen dual encoder", EHI_FROZEN, TREE),
    Method(
        "ivf+router", "k-means lists on the frozen dual encoder, learned routing", LIST_ROUTER, TREE
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
    """Return the method called `name`. Raise InputError, with the nearest name, if unknown."""
    table = methods()
    if name not in table:
        raise unknown("method", name, table)
    return table[name]


def components() -> dict[str, Component]:
    """Return the trainers and indexes of all methods by name.

    Raise InputError if two different components share a name, or read the same section as
    different settings.
    """
    table: dict[str, Component] = {}
    sections: dict[str, type[Any]] = {}
    for row in methods().values():
        for part in row.parts:
            same_name = table.setdefault(part.name, part) == part
            same_settings = sections.setdefault(part.section, part.settings) is part.settings
            if not same_name or not same_settings or part.section in SHARED_SECTIONS:
                raise InputError(
                    f"component {part.name!r} of method {row.name!r} needs another name or "
                    f"section: {part.name!r} or [{part.section}] is already taken"
                )
    return table
