"""Methods that are registered from Python."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from methods.errors import InputError
from methods.method import Component, Method
from methods.registration import register
from methods.registry import DUAL_ENCODER, IVF, method, methods

MINE = Method("mine", "lists under another name", DUAL_ENCODER, IVF)


@dataclass(frozen=True)
class MySettings:
    lists: int = 4


@pytest.fixture(autouse=True)
def same_table_afterwards() -> Iterator[None]:
    before = dict(methods())
    yield
    methods().clear()
    methods().update(before)


def test_a_registered_method_is_found_by_name_with_its_forms():
    assert register(MINE) is MINE
    assert method("mine") is MINE
    assert method("mine+pq").form is not None


def test_registering_again_replaces_the_method():
    register(MINE)
    again = register(replace(MINE, summary="another description"))
    assert method("mine") is again


def test_a_built_in_method_is_not_replaced():
    with pytest.raises(InputError, match="'ivf' exists already"):
        register(replace(MINE, name="ivf"))


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("no_such_module:Index", "No module named 'no_such_module'"),
        ("methods.indexes.ivf:NoSuchIndex", "NoSuchIndex"),
        ("__main__:Index", "write its classes into a file of its own"),
    ],
)
def test_a_class_that_workers_cannot_import_is_refused(target: str, message: str):
    with pytest.raises(InputError, match=message):
        register(replace(MINE, index=Component("mine", target)))
    assert "mine" not in methods()


def test_a_clash_of_sections_leaves_the_table_as_it_was():
    index = Component("mine", IVF.target, MySettings, section="ivf")
    before = dict(methods())
    with pytest.raises(InputError, match="is already taken"):
        register(Method("mine", "", DUAL_ENCODER, index))
    assert methods() == before
