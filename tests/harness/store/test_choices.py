import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.config import load_settings
from harness.measure.budget import Budget
from harness.plan.cells import Cell
from harness.plan.job import Job
from harness.plan.menu import Menu
from harness.store.choices import forget_choice, read_choice, write_choice
from harness.store.record import Choice, Trial
from harness.store.run_folder import RunFolder
from methods.registry import method

JOB = Job("hpo", method("ivf"), load_settings("quick"), 0, "dataset", "encoder", "cpu")
CELL = Cell(JOB, Budget("visited", 0.1), Menu({"ivf.lists": (64, 128, 256)}, (0, 1)))
FAILED = Trial({"ivf.lists": 64}, efforts=(), error="InputError", reason="raise --budget")
GOOD = Trial({"ivf.lists": 128}, quality=0.5, efforts=(12, 13))
EQUAL = Trial({"ivf.lists": 256}, quality=0.5, efforts=(25, 26))
CHOICE = Choice("nDCG@10", (0, 1), (FAILED, GOOD, EQUAL))


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def test_a_choice_is_read_as_it_was_written_for_every_seed(folder: RunFolder):
    assert read_choice(folder, CELL) is None
    write_choice(folder, CELL, CHOICE)
    other_seed = replace(CELL, job=replace(JOB, seed=1))
    assert read_choice(folder, CELL) == read_choice(folder, other_seed) == CHOICE
    assert read_choice(folder, replace(CELL, budget=Budget("visited", 0.2))) is None


def test_the_file_has_the_names_of_version_0_1(folder: RunFolder):
    write_choice(folder, CELL, CHOICE)
    (path,) = folder.path.glob("choices/*/choice.json")
    saved = json.loads(path.read_text())
    assert saved.keys() == {"measure", "seeds", "tried"}
    assert saved["tried"][0] == {
        "values": {"ivf.lists": 64},
        "quality": None,
        "efforts": [],
        "error": "InputError",
        "reason": "raise --budget",
        "macs": None,
        "visited": None,
    }


def test_a_damaged_choice_is_not_read(folder: RunFolder):
    write_choice(folder, CELL, CHOICE)
    (path,) = folder.path.glob("choices/*/choice.json")
    path.write_text(path.read_text().replace("128", "999"))
    assert read_choice(folder, CELL) is None


def test_a_forgotten_choice_is_gone(folder: RunFolder):
    write_choice(folder, CELL, CHOICE)
    forget_choice(folder, CELL)
    assert read_choice(folder, CELL) is None
