"""The methods that are compared as arms share encoders, and each learns what it should."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.harness.bench import Bench

LEAVES = ("--set", "ehi.branching=8", "--set", "ivf.lists=8")
ARMS = "ivf,ehi,ehi-encoder+ivf,ehi-encoder+hnsw,ehi-frozen,ivf+router"


def trainings() -> dict[str, dict[str, Any]]:
    """Return the training.json of every training, by its folder."""
    return {
        str(path.relative_to("run").parent): json.loads(path.read_text())
        for path in Path("run").glob("trained/*/*/training.json")
    }


@pytest.mark.parametrize("train", ["head", "full"])
def test_every_arm_runs_and_the_frozen_ones_share_the_dual_encoder(bench: Bench, train: str):
    done = bench(
        "run", *LEAVES, "--methods", ARMS, "--budget", "0.5", "--set", f"encoder.train={train}"
    )
    assert done.exit_code == 0, done.output
    arms = {record.method: record for record in bench.records()}
    assert set(arms) == set(ARMS.split(","))
    trained = {name: record.measured.training for name, record in arms.items()}
    assert len({training.encoder_updates for training in trained.values()}) == 1
    assert trained["ivf"].encoder_updates > 0
    folders = sorted(Path(folder).name for folder in trainings())
    assert folders == ["encoder", "encoder", "router", "router"]  # two encoders, two routers on one
    assert len(list(Path("run").glob("trained/*/embeddings"))) == 2
    for frozen in ("ehi-frozen", "ivf+router"):
        assert trained[frozen].trained_parts == trained["ivf"].trained_parts
        assert trained[frozen].seconds > trained["ivf"].seconds
    learned = {name for name, training in trained.items() if "indexing" in training.last_epoch}
    assert learned == set(arms) - {"ivf"}


def test_the_frozen_arms_search_the_vectors_of_the_dual_encoder_bit_for_bit(bench: Bench):
    import faiss

    assert (
        bench("run", *LEAVES, "--methods", "ivf,ehi-frozen,ivf+router", "--budget", "0.5").exit_code
        == 0
    )
    (documents,) = (
        np.load(path) for path in Path("run").glob("trained/*/embeddings/documents.npy")
    )
    indexes = list(Path("run").glob("trained/*/indexes/tree-*/files/postings.faiss"))
    assert len(indexes) == 2
    for path in indexes:
        index = faiss.read_index(str(path))
        index.make_direct_map()
        assert np.array_equal(index.reconstruct_n(0, len(documents)), documents)


def test_an_existing_encoder_is_not_trained_again(bench: Bench):
    assert bench("run", *LEAVES, "--methods", "ivf", "--budget", "0.5").exit_code == 0
    (folder,) = trainings()
    weights = Path("run") / folder / "head.safetensors"
    written = weights.stat().st_mtime_ns
    assert (
        bench("run", *LEAVES, "--methods", "ehi-frozen,ivf+router", "--budget", "0.5").exit_code
        == 0
    )
    assert weights.stat().st_mtime_ns == written and len(trainings()) == 3


def test_the_tree_on_a_frozen_encoder_trains_for_as_many_epochs_as_in_ehi(bench: Bench):
    assert bench("run", *LEAVES, "--methods", "ehi,ehi-frozen", "--budget", "0.5").exit_code == 0
    of_tree = [
        [row["epoch"] for row in training["history"] if "indexing" in row]
        for training in trainings().values()
    ]
    assert sorted(of_tree) == [[], [1, 2], [1, 2]]  # the dual encoder, then ehi and the tree alone


def test_the_tree_on_a_frozen_encoder_learns_from_its_query_vectors(bench: Bench):
    # Only the encoder reads this rate, and only through its vectors can it reach the tree's losses.
    for rate in ("0.01", "1e-9"):
        rates = f"--set=training.head_learning_rate={rate}"
        words = ["--methods", "ehi-frozen", "--budget", "0.5"]
        assert bench("run", *LEAVES, rates, *words).exit_code == 0
    first_losses = {
        training["history"][0]["indexing"]
        for folder, training in trainings().items()
        if Path(folder).name == "router"
    }
    assert len(first_losses) == 2


def test_a_router_is_trained_again_if_its_encoder_is(bench: Bench):
    words = ["--methods", "ehi-frozen", "--budget", "0.5"]
    assert bench("run", *LEAVES, *words).exit_code == 0
    encoder = next(Path("run").glob("trained/*/encoder"))
    router = next(Path("run").glob("trained/*/router/router.safetensors"))
    before = router.stat().st_mtime_ns
    shutil.rmtree("run/cells")
    assert bench("run", *LEAVES, *words).exit_code == 0 and router.stat().st_mtime_ns == before
    shutil.rmtree("run/cells")
    (encoder / "head.safetensors").write_bytes(b"damaged")
    done = bench("run", *LEAVES, *words)
    assert done.exit_code == 0 and "is damaged or missing" in done.output
    assert router.stat().st_mtime_ns > before


def test_force_trains_the_base_encoder_too(bench: Bench):
    words = ["--methods", "ehi-frozen", "--budget", "0.5"]
    assert bench("run", *LEAVES, *words).exit_code == 0
    before = {p: p.stat().st_mtime_ns for p in Path("run").glob("trained/*/*/training.json")}
    assert len(before) == 2 and bench("run", *LEAVES, *words, "--force").exit_code == 0
    assert all(path.stat().st_mtime_ns > then for path, then in before.items())


def test_lists_must_have_one_height(bench: Bench):
    done = bench(
        "run", *LEAVES, "--methods", "ivf+router", "--budget", "0.5", "--set", "ehi.height=2"
    )
    assert done.exit_code == 2 and "--set ehi.height=1 for ivf+router" in done.output
