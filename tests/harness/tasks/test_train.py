"""Training writes an encoder or a router, and the embeddings of the dataset."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.config import load_settings
from harness.datasets import load_dataset
from harness.plan.job import Job
from harness.store.artifacts import Artifacts
from harness.tasks.train import JobInputs, TrainTask
from harness.tasks.training_files import ROUTER_FILE
from methods.atomic_files import first_damaged
from methods.base import no_progress
from methods.errors import InputError
from methods.registry import method
from methods.texts import Ids
from tests.methods.encoder.made_models import declaring, with_nan


@pytest.fixture(scope="module")
def job(beir_folder: Path, tiny_encoder: Path) -> Job:
    settings = load_settings(
        "quick",
        [
            f"encoder.name={tiny_encoder}",
            "encoder.max_tokens=16",
            "training.epochs=2",
            "ehi.branching=16",
            "ehi.joint_from=0",
            "ehi.rank=16",
        ],
    )
    fingerprint = load_dataset(f"beir:{beir_folder}").fingerprint
    return Job("beir:tiny", method("ivf"), settings, 0, fingerprint, "encoder", "cpu")


def inputs(job: Job, dataset: Path, folder: Path) -> JobInputs:
    artifacts = Artifacts.for_job(job, folder / "trained")
    loaded = load_dataset(f"beir:{dataset}")
    return JobInputs(job, loaded, artifacts, folder / "cache", threads=1)


def train(job: Job, dataset: Path, folder: Path) -> Artifacts:
    of_job = inputs(job, dataset, folder)
    TrainTask(of_job, no_progress).run()
    return of_job.artifacts


@pytest.fixture(scope="module")
def trained(
    job: Job, beir_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Artifacts]:
    """A folder and the artifacts of a dual encoder trained in it."""
    folder = tmp_path_factory.mktemp("train")
    return folder, train(job, beir_folder, folder)


def test_every_document_and_query_is_embedded(trained: tuple[Path, Artifacts], beir_folder: Path):
    _, artifacts = trained
    dataset = load_dataset(f"beir:{beir_folder}")
    assert len(artifacts.documents()) == len(artifacts.document_ids()) == 300
    assert artifacts.document_ids() == list(dataset.corpus.ids)
    assert len(artifacts.test_queries()) == len(dataset.test())
    tuning = artifacts.tuning_queries()
    assert tuning is not None and len(tuning) == len(dataset.tuning())


def test_the_exact_results_are_the_ten_largest_inner_products(trained: tuple[Path, Artifacts]):
    _, artifacts = trained
    scores = artifacts.test_queries() @ artifacts.documents().T
    best = -np.sort(-scores, axis=1)[:, :10]
    assert np.allclose(np.take_along_axis(scores, artifacts.exact_ids(), axis=1), best, atol=1e-6)


def test_exact_search_finds_one_more_document_if_a_query_is_a_document(
    trained: tuple[Path, Artifacts], job: Job, beir_folder: Path, tmp_path: Path
):
    folder = Path(shutil.copytree(trained[0], tmp_path / "copy"))
    of_job = inputs(job, beir_folder, folder)
    shutil.rmtree(of_job.artifacts.embeddings)
    dataset = of_job.dataset
    test, other = dataset.test(), dataset.corpus.ids[int(dataset.test().documents[-1])]
    own = replace(test, ids=Ids([other, *list(test.ids)[1:]]))
    splits = {**dataset.splits, "test": own}
    TrainTask(replace(of_job, dataset=replace(dataset, splits=splits)), no_progress).run()
    assert of_job.artifacts.exact_ids().shape == (len(test), 11)


def test_the_summary_counts_updates_and_seconds(trained: tuple[Path, Artifacts]):
    _, artifacts = trained
    summary = artifacts.summary()
    history = json.loads((artifacts.encoder / "training.json").read_text())["history"]
    assert summary["encoder_updates"] > 0 and summary["seconds"] > 0
    assert len(history) == 2 and summary["last_epoch"] == history[-1]
    assert first_damaged(artifacts.encoder) is None and not artifacts.checkpoint.exists()


def test_missing_embeddings_are_made_without_training_again(
    trained: tuple[Path, Artifacts], job: Job, beir_folder: Path
):
    folder, artifacts = trained
    documents, encoder = np.array(artifacts.documents()), artifacts.base_sha256()
    artifacts.embeddings.rename(folder / "moved")
    train(job, beir_folder, folder)
    assert artifacts.base_sha256() == encoder
    assert np.array_equal(artifacts.documents(), documents)


def test_a_router_is_trained_on_the_encoder_of_its_base(
    trained: tuple[Path, Artifacts], job: Job, beir_folder: Path
):
    folder, base = trained
    router = train(replace(job, method=method("ehi-frozen")), beir_folder, folder)
    assert (router.learned / ROUTER_FILE).is_file()
    assert router.summary()["base_sha256"] == base.base_sha256()
    assert router.summary()["encoder_updates"] == base.summary()["encoder_updates"]


def test_the_seconds_of_a_router_include_those_of_its_encoder(
    trained: tuple[Path, Artifacts], job: Job, beir_folder: Path, tmp_path: Path
):
    folder = Path(shutil.copytree(trained[0], tmp_path / "copy"))
    frozen = replace(job, method=method("ehi-frozen"))
    shutil.rmtree(Artifacts.for_job(frozen, folder / "trained").home, ignore_errors=True)
    path = Artifacts.for_job(job, folder / "trained").encoder / "training.json"
    training = json.loads(path.read_text())
    training["summary"]["seconds"] = 1000.0
    path.write_text(json.dumps(training))
    assert 1000 < train(frozen, beir_folder, folder).summary()["seconds"] < 1500


def with_encoder(job: Job, **values: object) -> Job:
    """The job with other settings of its encoder."""
    encoder = replace(job.settings["encoder"], **values)
    return replace(job, settings={**job.settings, "encoder": encoder})


def test_the_summary_has_the_prompts_in_use(
    job: Job, tiny_encoder: Path, beir_folder: Path, tmp_path: Path
):
    prompts = {"query": "short ", "passage": "abnormal "}
    folder = declaring(tiny_encoder, tmp_path / "model", prompts=prompts)
    frozen = with_encoder(job, name=str(folder), train="frozen", query_prompt="tall ")
    summary = train(frozen, beir_folder, tmp_path).summary()
    assert (summary["query_prompt"], summary["document_prompt"]) == ("tall ", "abnormal ")


@pytest.mark.parametrize("part", ["frozen", "head", "full"])
def test_vectors_that_are_not_finite_are_counted_before_anything_is_trained(
    job: Job, tiny_encoder: Path, beir_folder: Path, tmp_path: Path, part: str
):
    broken = with_nan(tiny_encoder, tmp_path / "model", "height")
    of_broken = with_encoder(job, name=str(broken), train=part)
    with pytest.raises(
        InputError, match=r"documents \(the first is HP:\d+\) and \d+ quer"
    ) as caught:
        train(of_broken, beir_folder, tmp_path)
    assert "have vectors that are not finite" in str(caught.value)
    assert not Artifacts.for_job(of_broken, tmp_path / "trained").home.exists()


def test_a_weight_that_no_text_needs_may_be_nan(
    job: Job, tiny_encoder: Path, beir_folder: Path, tmp_path: Path
):
    broken = with_nan(tiny_encoder, tmp_path / "model", "[MASK]")
    artifacts = train(with_encoder(job, name=str(broken), train="full"), beir_folder, tmp_path)
    assert np.isfinite(artifacts.documents()).all()
