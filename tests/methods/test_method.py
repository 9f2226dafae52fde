"""A row of the table, its parts and what it needs."""

import pytest

from methods.errors import InputError
from methods.forms.short import ShortForm, ShortSettings
from methods.method import Component, Method, Requirement, UnavailableMethod
from methods.registry import DUAL_ENCODER, EHI_FROZEN, IVF, SHORT, TREE


def test_the_parts_are_the_base_the_trainer_the_form_and_the_index():
    assert Method("m", "", DUAL_ENCODER, IVF).parts == (DUAL_ENCODER, IVF)
    with_form = Method("m", "", EHI_FROZEN, TREE, form=SHORT)
    assert with_form.parts == (DUAL_ENCODER, EHI_FROZEN, SHORT, TREE)


def test_a_component_reads_the_section_of_its_name_unless_it_has_another():
    assert Component("mine", "x:X").section == "mine"
    assert Component("mine", "x:X", section="theirs").section == "theirs"


def test_a_component_is_imported_when_it_is_loaded():
    assert SHORT.load() is ShortForm and SHORT.settings is ShortSettings
    Component("absent", "no_such_module:X")  # not imported yet


def test_the_first_missing_library_of_any_part_is_named():
    first, second = Requirement("no_such_form", "one"), Requirement("no_such_index", "two")
    form = Component("form", "x:X", requires=(first,))
    index = Component("index", "x:X", requires=(second,))
    assert Method("m", "", None, index, budgeted=False, form=form).install_hint() == (
        "m needs no_such_form, which is not installed. Run: one"
    )
    assert Method("m", "", None, index, budgeted=False).install_hint() == (
        "m needs no_such_index, which is not installed. Run: two"
    )
    assert Requirement("json", "").install_hint("m") is None


def test_an_index_of_texts_has_no_budgets():
    words = Component("words", "x:X")
    with pytest.raises(InputError, match="method 'mine' has no trainer, so its index reads texts"):
        Method("mine", "lexical search", None, words)
    assert Method("mine", "lexical search", None, words, budgeted=False).parts == (words,)


def test_an_unavailable_method_says_why():
    row = UnavailableMethod("broken", "its package failed to load")
    assert row.name == "broken" and row.install_hint() == "its package failed to load"
    assert row.budgeted  # as most methods are: it fails at each budget
