"""The devices of a run: where it trains, where it encodes and where it searches.

None of them decides what is learned or built, so what one device made is loaded on another.
"""

from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import Literal

from methods.errors import InputError

Engine = Literal["faiss", "torch"]
Dtype = Literal["fp32", "fp16", "bf16"]


@dataclass(frozen=True)
class SearchPlace:
    """Where an index is searched: the device, and the engine that searches there."""

    device: str = "cpu"
    engine: Engine = "faiss"
    dtype: Dtype = "fp32"  # of the vectors that are scanned

    @property
    def is_default(self) -> bool:
        """Whether this is Faiss on the CPU, where every index can be searched."""
        return self == SearchPlace()

    @property
    def for_building(self) -> "SearchPlace":
        """The place to build at: files hold fp32, since searches of every type read them."""
        return replace(self, dtype="fp32")

    def __str__(self) -> str:
        """Return the place as --search-device spells it."""
        return next(text for text, place in PLACES.items() if place == self)


PLACES = {
    "cpu": SearchPlace(),
    "cpu:torch": SearchPlace("cpu", "torch"),
    "cuda": SearchPlace("cuda", "torch"),
    "cuda:fp16": SearchPlace("cuda", "torch", "fp16"),
    "cuda:bf16": SearchPlace("cuda", "torch", "bf16"),
    "cuda:faiss": SearchPlace("cuda", "faiss"),
}
"""What --search-device accepts: a device, and the engine or the type of torch's vectors there."""


@dataclass(frozen=True)
class Devices:
    """The devices of a run: "cpu" or "cuda" to train and to encode on, and where it searches."""

    train: str = "cpu"
    encode: str = "cpu"
    search: SearchPlace = field(default_factory=SearchPlace)


def search_place(text: str) -> SearchPlace:
    """Return what a name in `PLACES` stands for.

    On the CPU the engine is Faiss if it is installed, else torch. Raise InputError for Faiss on a
    GPU if the installed Faiss has no part for GPUs.
    """
    if text == "cuda:faiss" and not has_faiss_gpu():
        raise InputError(
            "--search-device cuda:faiss needs faiss-gpu, which is not installed; --search-device "
            "cuda searches by torch"
        )
    if text == "cpu" and not has_faiss():
        return SearchPlace("cpu", "torch")
    return PLACES[text]


def has_faiss() -> bool:
    """Return whether Faiss is installed, with or without its part for GPUs."""
    return find_spec("faiss") is not None


def has_faiss_gpu() -> bool:
    """Return whether the installed Faiss can search on a GPU."""
    if not has_faiss():
        return False
    import faiss

    return hasattr(faiss, "StandardGpuResources")
