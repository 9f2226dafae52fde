"""A profile is measured once and remembered for the same kind of machine only."""

import json
from pathlib import Path

import pytest
from sentence_transformers import SentenceTransformer

from methods.encoder.profile import (
    EncoderProfile,
    machine_name,
    measure_profile,
    remembered_profile,
)
from methods.errors import InputError
from tests.methods.encoder.made_models import with_towers


def test_a_measured_profile_is_remembered(tiny_encoder: Path, tmp_path: Path):
    note = tmp_path / "encoders" / "tiny.json"
    assert remembered_profile(note, "cpu") is None
    transformer = SentenceTransformer(str(tiny_encoder), device="cpu", local_files_only=True)
    measured = measure_profile(transformer, note, "cpu")
    assert (measured.machine, measured.dimensions) == (machine_name("cpu"), 32)
    assert measured.bf16_speedup >= 0
    assert remembered_profile(note, "cpu") == measured


def test_a_profile_of_another_machine_is_not_used(tmp_path: Path):
    note = tmp_path / "note.json"
    values = {"machine": "another", "dimensions": 32, "bf16_speedup": 2.0}
    note.write_text(json.dumps(values))
    assert remembered_profile(note, "cpu") is None
    note.write_text(json.dumps({**values, "machine": machine_name("cpu")}))
    assert remembered_profile(note, "cpu") == EncoderProfile(machine_name("cpu"), 32, 2.0)


@pytest.mark.parametrize("content", ["", "[]", '{"machine": "x"}', "{"])
def test_a_damaged_note_is_ignored(tmp_path: Path, content: str):
    (tmp_path / "note.json").write_text(content)
    assert remembered_profile(tmp_path / "note.json", "cpu") is None


@pytest.mark.parametrize(("speedup", "pays"), [(1.06, True), (1.05, False), (0.0, False)])
def test_bf16_pays_only_above_the_smallest_speed_up(speedup: float, pays: bool):
    assert EncoderProfile("any", 32, speedup).bf16_pays is pays


def test_towers_with_different_dimensions_are_rejected(tiny_encoder: Path, tmp_path: Path):
    folder = with_towers(tiny_encoder, tmp_path / "towers", dimensions=16)
    transformer = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    with pytest.raises(InputError, match="queries have 16 dimensions and its documents 32"):
        measure_profile(transformer, tmp_path / "note.json", "cpu")
