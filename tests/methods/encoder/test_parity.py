"""An encoder returns what sentence-transformers does, whatever the model declares."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from methods.base import Resources
from methods.encoder.declared import Kind
from methods.encoder.encoder import Encoder
from methods.encoder.export import export_encoder
from methods.settings import EncoderSettings
from methods.texts import Texts
from tests.methods.encoder.made_models import (
    declaring,
    pooling,
    stored_as,
    with_towers,
)

Make = Callable[[Path, Path], Path]
TEXTS = Texts(["fever", "a seizure of the whole body", "short stature " * 40, "an abnormal heart"])
BOTH = {"query": "short query: ", "document": "abnormal body: "}
MODELS: dict[str, Make] = {
    "plain": lambda tiny, folder: declaring(tiny, folder),
    "prompts": lambda tiny, folder: declaring(tiny, folder, prompts=BOTH),
    "prompt of queries": lambda tiny, folder: declaring(tiny, folder, prompts={"query": "short "}),
    "towers": with_towers,
    "towers with limits": lambda tiny, folder: with_towers(tiny, folder, query_tokens=8),
    "fp16": lambda tiny, folder: stored_as(tiny, folder, torch.float16),
    "bf16": lambda tiny, folder: stored_as(tiny, folder, torch.bfloat16),
    "dot": lambda tiny, folder: declaring(tiny, folder, similarity_fn_name="dot"),
    "cosine": lambda tiny, folder: declaring(tiny, folder, similarity_fn_name="cosine"),
    "mean pooling": lambda tiny, folder: pooling(tiny, folder, "mean", unit=False),
    "cls pooling": lambda tiny, folder: pooling(tiny, folder, "cls", unit=False),
    "max pooling, normalised": lambda tiny, folder: pooling(tiny, folder, "max", unit=True),
    "truncated": lambda tiny, folder: declaring(tiny, folder, truncate_dim=16),
}


@pytest.fixture(params=MODELS)
def folder(request: pytest.FixtureRequest, tiny_encoder: Path, tmp_path: Path) -> Path:
    return MODELS[request.param](tiny_encoder, tmp_path / "model")


def expected(folder: Path, kind: Kind, precision: str) -> np.ndarray:
    """What sentence-transformers returns in fp32, or under bf16 autocast."""
    model = SentenceTransformer(
        str(folder), device="cpu", local_files_only=True, model_kwargs={"dtype": torch.float32}
    )
    encode = {"query": model.encode_query, "document": model.encode_document}[kind]
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
        vectors = encode(list(TEXTS), convert_to_tensor=True).float()
    if model.similarity_fn_name == "cosine":
        vectors = torch.nn.functional.normalize(vectors, dim=1)
    return vectors.numpy()


def settings(folder: Path, **values: object) -> EncoderSettings:
    words = {"train": "frozen", "head": "none", "precision": "fp32", **values}
    return EncoderSettings(str(folder), **words)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["query", "document"])
@pytest.mark.parametrize(("precision", "tolerance"), [("fp32", 1e-5), ("bf16", 1e-3)])
def test_vectors_are_those_of_sentence_transformers(
    folder: Path, resources: Resources, kind: Kind, precision: str, tolerance: float
):
    encoder = Encoder(settings(folder, precision=precision), resources)
    wanted = expected(folder, kind, precision)
    assert np.abs(encoder.embeddings(TEXTS, kind) - wanted).max() < tolerance
    assert np.abs(encoder.encode(list(TEXTS), kind) - wanted).max() < tolerance


@pytest.mark.parametrize("kind", ["query", "document"])
@pytest.mark.parametrize("train", ["head", "full"])
def test_training_starts_from_the_vectors_of_sentence_transformers(
    folder: Path, resources: Resources, kind: Kind, train: str
):
    encoder = Encoder(settings(folder, train=train, head="linear"), resources)
    view = encoder.trainable_view(TEXTS, kind)
    rows = np.array([3, 0, 2])
    vectors = view(rows).detach().numpy()
    assert np.abs(vectors - expected(folder, kind, "fp32")[rows]).max() < 1e-5


@pytest.mark.parametrize("head", ["none", "linear"])
def test_an_exported_model_returns_the_vectors_of_the_encoder(
    folder: Path, resources: Resources, tmp_path: Path, head: str
):
    encoder = Encoder(settings(folder, head=head), resources)
    if encoder.head is not None:
        with torch.no_grad():
            encoder.head.weight.add_(0.1 * torch.randn_like(encoder.head.weight))
    export_encoder(encoder, tmp_path / "exported")
    model = SentenceTransformer(str(tmp_path / "exported"), device="cpu", local_files_only=True)
    queries, documents = model.encode_query(list(TEXTS)), model.encode_document(list(TEXTS))
    assert np.abs(queries - encoder.embeddings(TEXTS, "query")).max() < 1e-5
    assert np.abs(documents - encoder.embeddings(TEXTS, "document")).max() < 1e-5


def test_documents_get_the_prompt_of_passages(
    tiny_encoder: Path, resources: Resources, tmp_path: Path
):
    prompts = {"query": "short query: ", "document": "", "passage": "abnormal body: "}
    folder = declaring(tiny_encoder, tmp_path / "model", prompts=prompts)
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    wanted = model.encode_document(
        list(TEXTS), prompt=prompts["passage"], normalize_embeddings=True
    )
    vectors = Encoder(settings(folder), resources).embeddings(TEXTS, "document")
    assert np.abs(vectors - wanted).max() < 1e-5


def test_the_default_prompt_is_that_of_both_kinds(
    tiny_encoder: Path, resources: Resources, tmp_path: Path
):
    declared = {"prompts": {"any": "short "}, "default_prompt_name": "any"}
    folder = declaring(tiny_encoder, tmp_path / "model", **declared)
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    wanted = model.encode(list(TEXTS), normalize_embeddings=True)
    encoder = Encoder(settings(folder), resources)
    assert np.abs(encoder.embeddings(TEXTS, "query") - wanted).max() < 1e-5
    assert np.abs(encoder.embeddings(TEXTS, "document") - wanted).max() < 1e-5
