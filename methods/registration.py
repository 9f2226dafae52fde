"""Add a method to the table of methods from Python, without an installed package."""

from methods.errors import InputError
from methods.method import Component, Method
from methods.registry import components, methods

_REGISTERED: set[str] = set()
"""The names of the methods that `register` added."""


def register(row: Method) -> Method:
    """Add a method to the table of this process, and return it.

    A method that was registered before is replaced. Worker processes import the trainer and the
    index by their targets, so these have to be in a module that can be imported.

    Raises:
        InputError: If the name belongs to a method that was not registered this way, if a component
            or section of settings clashes with another, or if a class cannot be imported.
    """
    table = methods()
    if row.name in table and row.name not in _REGISTERED:
        raise InputError(f"method {row.name!r} exists already; choose another name")
    for part in row.parts:
        _check_target(part)
    before = table.get(row.name)
    table[row.name] = row
    try:
        components()
    except InputError:
        del table[row.name]
        if before is not None:
            table[row.name] = before
        raise
    _REGISTERED.add(row.name)
    return row


def _check_target(part: Component) -> None:
    module = part.target.partition(":")[0]
    try:
        if "__main__" in (module, part.settings.__module__):
            raise ImportError("worker processes have another __main__")
        if all(requirement.install_hint(part.name) is None for requirement in part.requires):
            part.load()
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"component {part.name!r}: {part.target} cannot be imported ({error}); write its "
            "classes into a file of its own, in a folder on sys.path"
        ) from None
