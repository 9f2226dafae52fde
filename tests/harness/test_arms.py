"""The arms of the comparison from end to end: what they share, and what each of them learns."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from harness.cli import main

ARMS = "ivf,ehi,ehi-encoder+ivf,ehi-encoder+hnsw,ehi-frozen,ivf+router"


class Bench:
    """`ehibench run` on the tiny folder."""

    def __init__(self, dataset: Path, encoder: Path) -> None:
        settings = {
            "encoder.name": encoder,
            "encoder.max_tokens": 16,
            "training.epochs": 3,
            "ehi.joint_from": 1,
            "ehi.branching": 8,
            "ivf.lists": 8,
            "timing.rounds": 1,
            "timing.seconds": 0.01,
        }
        pairs = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
        given = ["--dataset", f"beir:{dataset}", "--preset", "quick", "--threads", "1", "--out"]
        self.words = ["run", *given, "run", *pairs]

    def __call__(self, *words: object) -> Result:
        return CliRunner().invoke(main, [*self.words, *map(str, words)])


@pytest.fixture
def ehibench(
    beir_folder: Path, tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Bench:
    monkeypatch.setenv("EHIBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return Bench(beir_folder, tiny_encoder)


def records() -> dict[str, dict[str, Any]]:
    shown = CliRunner().invoke(main, ["show", "run", "--json"])
    return {record["method"]: record for record in json.loads(shown.output)}


def trainings() -> dict[str, dict[str, Any]]:
    """Return what every training wrote of itself, by the folder it wrote into."""
    return {
        str(path.relative_to("run").parent): json.loads(path.read_text())
        for path in Path("run").glob("trained/*/*/training.json")
    }


@pytest.mark.parametrize("train", ["head", "full"])
def test_every_arm_runs_and_the_frozen_ones_share_the_dual_encoder(ehibench: Bench, train: str):
    done = ehibench("--methods", ARMS, "--budget", "0.5", "--set", f"encoder.train={train}")
    assert done.exit_code == 0, done.output
    arms = records()
    assert set(arms) == set(ARMS.split(","))
    assert {record["status"] for record in arms.values()} == {"ok"}
    assert len({record["training"]["encoder_updates"] for record in arms.values()}) == 1
    assert arms["ivf"]["training"]["encoder_updates"] > 0
    folders = sorted(Path(folder).name for folder in trainings())
    assert folders == ["encoder", "encoder", "router", "router"]  # two encoders, two routers on one
    assert len(list(Path("run").glob("trained/*/embeddings"))) == 2
    told = [record["training"] for record in arms.values()]
    for frozen in ("ehi-frozen", "ivf+router"):
        assert arms[frozen]["training"]["trained_parts"] == arms["ivf"]["training"]["trained_parts"]
        assert arms[frozen]["training"]["seconds"] > arms["ivf"]["training"]["seconds"]
    assert all("indexing" in training["last_epoch"] for training in told[1:])


def test_the_frozen_arms_search_the_vectors_of_the_dual_encoder_bit_for_bit(ehibench: Bench):
    import faiss

    assert ehibench("--methods", "ivf,ehi-frozen,ivf+router", "--budget", "0.5").exit_code == 0
    (documents,) = (
        np.load(path) for path in Path("run").glob("trained/*/embeddings/documents.npy")
    )
    indexes = list(Path("run").glob("trained/*/indexes/tree-*/files/postings.faiss"))
    assert len(indexes) == 2
    for path in indexes:
        index = faiss.read_index(str(path))
        index.make_direct_map()
        assert np.array_equal(index.reconstruct_n(0, len(documents)), documents)


def test_an_encoder_that_is_there_is_not_trained_again(ehibench: Bench):
    assert ehibench("--methods", "ivf", "--budget", "0.5").exit_code == 0
    (folder,) = trainings()
    weights = Path("run") / folder / "head.safetensors"
    written = weights.stat().st_mtime_ns
    assert ehibench("--methods", "ehi-frozen,ivf+router", "--budget", "0.5").exit_code == 0
    assert weights.stat().st_mtime_ns == written and len(trainings()) == 3


def test_the_tree_alone_trains_for_the_epochs_that_it_has_in_ehi(ehibench: Bench):
    assert ehibench("--methods", "ehi,ehi-frozen", "--budget", "0.5").exit_code == 0
    of_tree = [
        [row["epoch"] for row in training["history"] if "indexing" in row]
        for training in trainings().values()
    ]
    assert sorted(of_tree) == [[], [1, 2], [1, 2]]  # the dual encoder, then ehi and the tree alone


def test_what_was_learned_upon_an_encoder_that_is_trained_anew_is_learned_anew(ehibench: Bench):
    words = ["--methods", "ehi-frozen", "--budget", "0.5"]
    assert ehibench(*words).exit_code == 0
    encoder = next(Path("run").glob("trained/*/encoder"))
    router = next(Path("run").glob("trained/*/router/router.safetensors"))
    before = router.stat().st_mtime_ns
    shutil.rmtree("run/cells")
    assert ehibench(*words).exit_code == 0 and router.stat().st_mtime_ns == before
    shutil.rmtree("run/cells")
    (encoder / "head.safetensors").write_bytes(b"damaged")
    done = ehibench(*words)
    assert done.exit_code == 0 and "is damaged or missing" in done.output
    assert router.stat().st_mtime_ns > before


def test_force_trains_the_encoder_below_too(ehibench: Bench):
    words = ["--methods", "ehi-frozen", "--budget", "0.5"]
    assert ehibench(*words).exit_code == 0
    before = {p: p.stat().st_mtime_ns for p in Path("run").glob("trained/*/*/training.json")}
    assert len(before) == 2 and ehibench(*words, "--force").exit_code == 0
    assert all(path.stat().st_mtime_ns > then for path, then in before.items())


def test_lists_have_no_heights(ehibench: Bench):
    done = ehibench("--methods", "ivf+router", "--budget", "0.5", "--set", "ehi.height=2")
    assert done.exit_code == 2 and "--set ehi.height=1 for ivf+router" in done.output
