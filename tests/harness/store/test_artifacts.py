"""Artifacts are found by what made them, and deleted with everything that depends on them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.config import load_settings
from harness.plan.job import Job
from harness.store.artifacts import Artifacts
from methods.atomic_files import new_folder, write_json
from methods.registry import method

IVF = Job("hpo", method("ivf"), load_settings("quick"), 0, "dataset", "encoder", "cpu")
EXACT = replace(IVF, method=method("exact"))
FROZEN = replace(IVF, method=method("ehi-frozen"))


def write_encoder(artifacts: Artifacts, **summary: Any) -> None:
    with new_folder(artifacts.learned) as draft:
        write_json(draft / "training.json", {"summary": summary, "history": []})


def write_embeddings(artifacts: Artifacts) -> None:
    with new_folder(artifacts.embeddings) as draft:
        np.save(draft / "documents.npy", np.eye(3, dtype=np.float32))
        write_json(draft / "document_ids.json", ["d1", "d2", "d3"])


def write_index(artifacts: Artifacts) -> None:
    with new_folder(artifacts.index) as draft:
        write_json(draft / "build.json", {"seconds": 0.5})


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.fixture
def ivf(run: Path) -> Artifacts:
    """The complete artifacts of a two-stage method."""
    artifacts = Artifacts.for_job(IVF, run / "trained")
    write_encoder(artifacts, seconds=7.0)
    write_embeddings(artifacts)
    write_index(artifacts)
    return artifacts


@pytest.fixture
def frozen(run: Path, ivf: Artifacts) -> Artifacts:
    """A router trained on the encoder of the two-stage method, with its index."""
    artifacts = Artifacts.for_job(FROZEN, run / "trained")
    write_encoder(artifacts, base_sha256=ivf.base_sha256())
    write_index(artifacts)
    return artifacts


def test_artifacts_are_read_as_they_were_written(ivf: Artifacts):
    assert ivf.summary() == {"seconds": 7.0}
    assert ivf.build() == {"seconds": 0.5}
    assert ivf.documents().tolist() == np.eye(3).tolist()
    assert ivf.has_document_ids() and ivf.document_ids() == ["d1", "d2", "d3"]
    assert ivf.tuning_queries() is None  # this dataset has none


def test_methods_with_the_same_training_share_all_but_the_index(run: Path, ivf: Artifacts):
    exact = Artifacts.for_job(EXACT, run / "trained")
    assert (exact.encoder, exact.embeddings) == (ivf.encoder, ivf.embeddings)
    assert exact.index != ivf.index


def test_a_router_uses_the_encoder_of_its_base(ivf: Artifacts, frozen: Artifacts):
    assert (frozen.encoder, frozen.embeddings) == (ivf.encoder, ivf.embeddings)
    assert frozen.learned.name == "router" and frozen.home != ivf.home


def test_a_record_names_the_folders_that_exist(run: Path, ivf: Artifacts, frozen: Artifacts):
    for artifacts in (ivf, frozen):
        assert Artifacts.from_record(artifacts.relative_to(run), run) == replace(
            artifacts, base=None
        )
    untrained = Artifacts.for_job(replace(IVF, seed=1), run / "trained")
    assert untrained.relative_to(run) == {}


def test_nothing_is_discarded_if_all_is_undamaged_or_missing(run: Path, frozen: Artifacts):
    assert frozen.discard_damaged() is None and frozen.index.is_dir()
    assert Artifacts.for_job(replace(IVF, seed=1), run / "trained").discard_damaged() is None


def test_a_damaged_index_is_discarded_alone(ivf: Artifacts):
    (ivf.index / "build.json").write_text('{"seconds": 0.0}')
    assert ivf.discard_damaged() == ivf.index / "build.json"
    assert not ivf.index.exists() and ivf.embeddings.is_dir()
    assert ivf.discard_damaged() is None


def test_damaged_embeddings_are_discarded_with_the_indexes_but_not_the_training(ivf: Artifacts):
    (ivf.embeddings / "documents.npy").write_bytes(b"")
    assert ivf.discard_damaged() == ivf.embeddings / "documents.npy"
    assert not ivf.embeddings.exists() and not ivf.index.exists() and ivf.encoder.is_dir()


def test_a_damaged_encoder_is_discarded_with_everything_made_from_it(ivf: Artifacts):
    (ivf.encoder / "training.json").unlink()
    assert ivf.discard_damaged() == ivf.encoder / "training.json"
    assert not ivf.home.exists()


def test_a_router_is_discarded_if_its_encoder_was_trained_again(ivf: Artifacts, frozen: Artifacts):
    write_encoder(ivf, seconds=8.0)
    assert frozen.discard_damaged() == ivf.encoder / "checksums.json"
    assert not frozen.home.exists() and ivf.home.is_dir()


def test_forgetting_deletes_the_base_and_indexes_of_other_methods(
    run: Path, ivf: Artifacts, frozen: Artifacts
):
    exact = Artifacts.for_job(EXACT, run / "trained")
    write_index(exact)
    frozen.forget()
    assert not any(path.exists() for path in (frozen.home, ivf.home, exact.index))
