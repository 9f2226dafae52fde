"""A dataset is loaded by its spec, which names a source and where the source finds it."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness import datasets
from harness.datasets import SOURCES, load_dataset
from methods.errors import InputError, UnavailableError


def test_the_part_after_the_colon_goes_to_the_source(beir_folder: Path):
    assert load_dataset(f"beir:{beir_folder}").name == "beir:tiny"
    with pytest.raises(InputError, match="write --dataset hpo, not hpo:folder"):
        load_dataset("hpo:folder")


def test_an_unknown_source_is_rejected_with_the_nearest_one():
    with pytest.raises(InputError, match="unknown dataset 'hpp'; did you mean 'hpo'"):
        load_dataset("hpp")


def test_a_source_whose_library_is_installed_has_no_install_hint():
    assert [SOURCES[name].install_hint() for name in ("hpo", "beir", "irds")] == [None] * 3


def test_a_missing_library_is_reported_before_the_source_is_read(monkeypatch: pytest.MonkeyPatch):
    missing = replace(SOURCES["irds"], module="no_such_module")
    monkeypatch.setitem(datasets.SOURCES, "irds", missing)
    with pytest.raises(UnavailableError, match=r'pip install "ehibench\[data\]"'):
        load_dataset("irds:beir/scifact")
