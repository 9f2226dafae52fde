"""`ehibench export model`: the libraries of models and of cards read it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from click.testing import Result
from huggingface_hub import ModelCard
from sentence_transformers import SentenceTransformer

from harness.datasets import load_dataset
from tests.harness.exported_cells import embeddings, run_of

Export = Callable[..., Result]


def test_sentence_transformers_encodes_as_the_run_did(
    cells: dict[str, Path], export: Export, beir_folder: Path
):
    done = export(cells["linear"], "model", kind="model")
    assert done.exit_code == 0, done.output
    texts = list(load_dataset(f"beir:{beir_folder}").test().texts)
    encoded = SentenceTransformer("model", device="cpu").encode_query(texts)
    np.testing.assert_allclose(
        encoded, np.load(embeddings(cells["linear"]) / "test.npy"), atol=1e-5
    )


def test_the_card_has_the_measured_quality(cells: dict[str, Path], export: Export):
    assert export(cells["linear"], "model", kind="model").exit_code == 0
    card = ModelCard.load(Path("model", "README.md"))
    assert card.data.to_dict()["library_name"] == "sentence-transformers"
    record = run_of(cells["linear"]).latest(cells["linear"].name)
    assert record is not None
    results = {each.metric_type: each.metric_value for each in card.data.eval_results or []}
    ndcg = record.measured.quality.metrics["nDCG@10"]
    assert results["nDCG@10"] == round(ndcg, 4)
    assert f"nDCG@10 {ndcg:.3f} by `ehi`" in card.content


def test_only_a_model_is_replaced_and_only_by_force(cells: dict[str, Path], export: Export):
    assert export(cells["linear"], "model", kind="model").exit_code == 0
    again = export(cells["linear"], "model", kind="model")
    assert again.exit_code == 2 and "--force replaces it" in again.output
    assert export(cells["linear"], "model", "--force", kind="model").exit_code == 0
    Path("mine").mkdir()
    refused = export(cells["linear"], "mine", "--force", kind="model")
    assert refused.exit_code == 2 and "is not a model" in refused.output
