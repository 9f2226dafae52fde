"""What a method consists of: a trainer, what is scanned and an index, each known by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from methods.base import Index, Resources
from methods.devices import SearchPlace
from methods.errors import InputError, UnavailableError, missing_library
from methods.settings import NoSettings

CPU = SearchPlace()


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
    the encoder that this other trainer has trained, and does not change it. An index can scan the
    `forms` besides whole vectors; one with an `inner` index is built around it. It may have no use
    for some of their settings, which are `unused`, by "section.key": these are not chosen.
    `torch_target` and `faiss_gpu_target` are its classes for other engines. Raise `version` by hand
    when results change: finished cells of another version are measured again.
    """

    name: str
    target: str
    settings: type[Any] = NoSettings
    requires: tuple[Requirement, ...] = ()
    base: "Component | None" = None
    section: str = ""
    version: int = 1
    forms: tuple[str, ...] = ()
    inner: "Component | None" = None
    unused: tuple[str, ...] = ()
    torch_target: str = ""
    faiss_gpu_target: str = ""

    def __post_init__(self) -> None:
        """Default to the section with the component's name."""
        object.__setattr__(self, "section", self.section or self.name)

    def load(self, place: SearchPlace = CPU) -> Any:
        """Import the class; an index has one for each engine that can search it.

        Raise UnavailableError if a library is missing, InputError if it cannot be searched there.
        """
        if (hint := self.install_hint(self.name, place)) is not None:
            raise UnavailableError(hint)
        module, _, attribute = self._target(place).partition(":")
        return getattr(import_module(module), attribute)

    def install_hint(self, needed_by: str, place: SearchPlace = CPU) -> str | None:
        """Return how to install the first missing library, or None if nothing is missing."""
        needs_libraries = place.engine == "faiss" or not self.torch_target
        requires = self.requires if needs_libraries else ()
        hints = (requirement.install_hint(needed_by) for requirement in requires)
        return next((hint for hint in hints if hint is not None), None)

    def _target(self, place: SearchPlace) -> str:
        """Return the class for a place; on the CPU, what torch cannot search is as without it."""
        if place.engine == "torch" and self.torch_target:
            return self.torch_target
        if place.device == "cpu":
            return self.target
        if place.engine == "faiss" and self.faiss_gpu_target:
            return self.faiss_gpu_target
        raise InputError(f"{self.name} has no search on a GPU; use --search-device cpu")


@dataclass(frozen=True)
class Method:
    """A row of the table.

    Without a trainer, the index reads texts instead of vectors. Without a `form`, it scans whole
    vectors. With `budgeted=False`, the method is a reference line that is measured once and not at
    each budget; a method of texts has to be one.
    """

    name: str
    summary: str
    trainer: Component | None
    index: Component
    budgeted: bool = True
    form: Component | None = None

    def __post_init__(self) -> None:
        """Reject budgets for texts: the effort of a budget is found with vectors of queries."""
        if self.trainer is None and self.budgeted:
            raise InputError(
                f"method {self.name!r} has no trainer, so its index reads texts, which are not "
                "searched at budgets; give it budgeted=False or a trainer"
            )

    @property
    def parts(self) -> tuple[Component, ...]:
        """The trainer's base, the trainer, the form and the indexes, as far as there are any."""
        trainers = (self.trainer.base, self.trainer) if self.trainer else ()
        parts = (*trainers, self.form, self.index.inner, self.index)
        return tuple(part for part in parts if part is not None)

    def new_index(self, settings: Mapping[str, Any], resources: Resources) -> Index[Any]:
        """Return the index, to be built or loaded, with the settings of its parts by section."""
        place = resources.search
        if place.device == "cpu" and not self.index.torch_target:
            place = CPU  # nor is what is inside searched by torch

        def empty(component: Component, *arguments: Any) -> Index[Any]:
            own = settings.get(component.section, NoSettings())
            index: Index[Any] = component.load(place)(own, resources, *arguments)
            return index

        if (inner := self.index.inner) is not None:
            return empty(self.index, lambda *form: empty(inner, *form))
        if self.form is not None:
            return empty(self.index, self.form.load()(settings[self.form.section]))
        return empty(self.index)

    def install_hint(self, place: SearchPlace = CPU) -> str | None:
        """Return how to install the first missing library for a search at a place, or None."""
        hints = (part.install_hint(self.name, place) for part in self.parts)
        return next((hint for hint in hints if hint is not None), None)


class UnavailableMethod(Method):
    """A method of another package that failed to load; `install_hint` returns the reason.

    It is a row like any other, so that only the cells of this method fail.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, "from an installed package", None, Component(name, target=""))
        self._reason: str
        object.__setattr__(self, "_reason", reason)

    def __post_init__(self) -> None:
        """Accept budgets: at each of them, the method fails for its reason."""

    def install_hint(self, place: SearchPlace = CPU) -> str:
        """Return why the method could not be loaded."""
        return self._reason
