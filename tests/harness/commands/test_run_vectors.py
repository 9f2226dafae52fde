"""`ehibench run` on vectors without texts, with an index that somebody else built."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.store.record import Record
from harness.store.run_folder import RunFolder
from tests.harness.datasets.vectors.made_folder import write_npy

SETTINGS = (
    "training.epochs=3",
    "ehi.joint_from=1",
    "ehi.branching=8",
    "ivf.lists=8",
    "timing.rounds=1",
    "timing.seconds=0.01",
)


def run(*words: object) -> Result:
    shared = ["run", "--preset", "quick", "--threads", "1", "--device", "cpu", "--out", "run"]
    shared += [f"--set={each}" for each in SETTINGS]
    return CliRunner().invoke(main, [*shared, *map(str, words)])


def records() -> dict[str, Record]:
    return {record.method: record for record in RunFolder(Path("run")).records()}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EHIBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def test_vectors_are_searched_where_they_are_beside_an_index_of_ones_own(tmp_path: Path):
    faiss = pytest.importorskip("faiss")
    documents = write_npy(tmp_path / "mine")["documents"]
    own = faiss.index_factory(documents.shape[1], "IVF8,Flat", faiss.METRIC_INNER_PRODUCT)
    own.train(documents)
    own.add(documents)
    faiss.write_index(own, "own.faiss")
    words = ["--dataset", "vectors:mine", "--budget", "0.4"]
    done = run(*words, "--methods", "exact,ivf,ehi,bm25", "--index", "prod=own.faiss")
    assert done.exit_code == 2 and "bm25 reads texts, and vectors:mine has none" in done.output
    found = records()
    assert found["exact"].measured.quality.metrics["R@10"] == 1.0
    for name in ("ivf", "ehi", "prod"):
        assert found[name].measured.cost.visited <= 0.5
        assert found[name].measured.quality.metrics["R@10"] > 0.5
    training = found["ehi"].measured.training
    assert training is not None and not training.trained_parts and training.last_epoch
    assert list(Path("run").glob("trained/*/embeddings/documents.pointer.json"))
    assert not list(Path("run").glob("trained/*/embeddings/documents.npy"))
    assert found["prod"].settings["index prod"]["file"] == str(tmp_path / "own.faiss")


def test_a_moved_index_is_the_same_and_moved_vectors_are_found_again(tmp_path: Path):
    faiss = pytest.importorskip("faiss")
    documents = write_npy(tmp_path / "mine")["documents"]
    own = faiss.IndexFlatIP(documents.shape[1])
    own.add(documents)
    faiss.write_index(own, "own.faiss")
    words = ["--methods", "exact", "--budget", "1"]
    assert run("--dataset", "vectors:mine", *words, "--index", "prod=own.faiss").exit_code == 0
    Path("own.faiss").rename("moved.faiss")
    Path("mine").rename("elsewhere")
    done = run("--dataset", "vectors:elsewhere", *words, "--index", "prod=moved.faiss")
    assert done.exit_code == 0
    assert len(RunFolder(Path("run")).records()) == 2  # nothing was measured again


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("own.faiss", "--index takes NAME=FILE, not 'own.faiss'"),
        ("prod=gone.faiss", "--index prod: gone.faiss is not a file"),
        ("ivf=own.faiss", "--index ivf: a method has this name"),
        ("prod=own.faiss", "own.faiss is not an index that Faiss or hnswlib has written"),
    ],
)
def test_what_is_not_an_index_is_one_line(tmp_path: Path, option: str, reason: str):
    write_npy(tmp_path / "mine")
    np.save("own.faiss.npy", np.zeros(3))
    Path("own.faiss.npy").rename("own.faiss")
    done = run("--dataset", "vectors:mine", "--methods", "exact", "--index", option, "--dry-run")
    assert done.exit_code == 2 and reason in done.output.replace("\n", " ")


def test_an_index_needs_an_encoder_that_stays_as_it_is(beir_folder: Path):
    Path("own.faiss").touch()
    done = run("--dataset", f"beir:{beir_folder}", "--index", "prod=own.faiss", "--dry-run")
    assert done.exit_code == 2 and "--set encoder.train=frozen" in done.output
