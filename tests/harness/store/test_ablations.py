from pathlib import Path

import pytest

from harness.store.ablations import Ablation, read_ablations, write_ablation
from harness.store.run_folder import RunFolder

FULL = ["ehi-seed-0", "ehi-seed-1"]


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def test_an_ablation_is_read_as_it_was_written(folder: RunFolder):
    ablation = Ablation({"full": FULL, "margin": ["margin-seed-0"]})
    write_ablation(folder, ablation)
    assert read_ablations(folder) == [ablation]


def test_arms_are_added_to_the_ablation_of_the_same_full_method(folder: RunFolder):
    write_ablation(folder, Ablation({"full": FULL, "margin": ["margin-seed-0"]}))
    write_ablation(folder, Ablation({"full": FULL, "mixer": ["mixer-seed-0"]}))
    (ablation,) = read_ablations(folder)
    assert list(ablation.arms) == ["full", "margin", "mixer"]


def test_another_full_method_is_another_ablation(folder: RunFolder):
    write_ablation(folder, Ablation({"full": FULL}))
    write_ablation(folder, Ablation({"full": ["ehi-seed-2"]}))
    assert len(read_ablations(folder)) == 2


def test_a_damaged_ablation_is_left_out(folder: RunFolder):
    write_ablation(folder, Ablation({"full": FULL}))
    (path,) = folder.path.glob("ablations/*/ablation.json")
    path.write_text("{}")
    assert read_ablations(folder) == []


def test_a_run_folder_without_ablations_has_none(folder: RunFolder):
    assert read_ablations(folder) == []
