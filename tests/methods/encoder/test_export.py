"""An exported folder embeds like the encoder, in any program with sentence-transformers."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from methods.base import Resources
from methods.encoder.encoder import Encoder
from methods.encoder.export import export_encoder
from methods.settings import EncoderSettings, TrainingSettings

TEXTS = ["fever", "a seizure of the whole body", "short stature " * 40, "an abnormal heart"]


@pytest.fixture
def settings(tiny_encoder: Path) -> EncoderSettings:
    return EncoderSettings(name=str(tiny_encoder), precision="fp32", max_tokens=32)


def trained(settings: EncoderSettings, resources: Resources) -> Encoder:
    """An encoder whose trained parts have changed."""
    encoder = Encoder(settings, resources)
    torch.manual_seed(1)
    with torch.no_grad():
        for group in encoder.parameter_groups(TrainingSettings()):
            for parameter in group["params"]:
                parameter.add_(0.05 * torch.randn_like(parameter))
    return encoder


def exported(encoder: Encoder, folder: Path) -> SentenceTransformer:
    export_encoder(encoder, folder)
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


@pytest.mark.parametrize(
    "parts",
    [
        {"train": "head", "head": "linear"},
        {"train": "full", "head": "linear"},
        {"train": "full", "head": "none"},
        {"train": "frozen", "head": "none"},
        {"train": "head", "head": "linear", "normalise": False},
    ],
    ids=str,
)
def test_an_exported_model_embeds_like_the_encoder(
    parts: dict[str, object], settings: EncoderSettings, resources: Resources, tmp_path: Path
):
    encoder = trained(replace(settings, **parts), resources)
    model = exported(encoder, tmp_path / "model")
    expected = encoder.encode(TEXTS, "query")
    assert np.abs(model.encode(TEXTS) - expected).max() < 1e-5
    assert model.max_seq_length == 32
    assert not list((tmp_path / "model").rglob("*.bin"))


def test_an_exported_model_keeps_prompts_but_no_default_prompt(
    settings: EncoderSettings, resources: Resources, tmp_path: Path
):
    folder = tmp_path / "prompted"
    shutil.copytree(settings.name, folder)
    config = folder / "config_sentence_transformers.json"
    declared = {"prompts": {"query": "query: "}, "default_prompt_name": "query"}
    config.write_text(json.dumps({**json.loads(config.read_text()), **declared}))
    encoder = trained(replace(settings, name=str(folder)), resources)
    model = exported(encoder, tmp_path / "model")
    for kind, encode in (("query", model.encode_query), ("document", model.encode_document)):
        assert np.abs(encode(TEXTS) - encoder.encode(TEXTS, kind)).max() < 1e-5
    assert np.array_equal(model.encode(TEXTS), model.encode_document(TEXTS))  # no default prompt
    assert not np.allclose(model.encode_query(TEXTS), model.encode_document(TEXTS), atol=1e-3)


def test_exporting_does_not_change_the_encoder(
    settings: EncoderSettings, resources: Resources, tmp_path: Path
):
    encoder = trained(settings, resources)
    before = encoder.encode(TEXTS, "query")
    exported(encoder, tmp_path / "model")
    assert np.array_equal(encoder.encode(TEXTS, "query"), before)
