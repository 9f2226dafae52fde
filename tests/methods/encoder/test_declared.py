"""What a model's files declare decides how it is used, and what is hashed for it."""

from pathlib import Path
from typing import Any

import pytest
import torch

from methods.encoder.declared import declared_model, modules
from methods.errors import InputError
from methods.settings import EncoderSettings
from tests.methods.encoder.made_models import declaring, stored_as, with_towers

SETTINGS = EncoderSettings("mine")


@pytest.mark.parametrize(
    ("declared", "query", "document"),
    [
        ({}, "", ""),
        ({"prompts": None}, "", ""),
        ({"prompts": {"query": "q: ", "document": "d: ", "passage": "p: "}}, "q: ", "d: "),
        ({"prompts": {"query": "q: ", "document": "", "passage": "p: "}}, "q: ", "p: "),
        ({"prompts": {"query": "q: ", "corpus": "c: "}}, "q: ", "c: "),
        ({"prompts": {"query": "q: "}, "default_prompt_name": "query"}, "q: ", ""),
        ({"prompts": {"any": "a: "}, "default_prompt_name": "any"}, "a: ", "a: "),
        ({"prompts": {"any": "a: "}}, "", ""),
    ],
    ids=str,
)
def test_prompts_are_found_by_the_names_of_sentence_transformers(
    tiny_encoder: Path, tmp_path: Path, declared: dict[str, Any], query: str, document: str
):
    model = declared_model(declaring(tiny_encoder, tmp_path / "model", **declared))
    assert (model.prompt("query"), model.prompt("document")) == (query, document)


@pytest.mark.parametrize(
    ("declared", "normalise"),
    [({}, True), ({"similarity_fn_name": "cosine"}, True), ({"similarity_fn_name": "dot"}, False)],
    ids=str,
)
def test_auto_normalises_unless_the_model_declares_inner_products(
    tiny_encoder: Path, tmp_path: Path, declared: dict[str, Any], normalise: bool
):
    folder = declaring(tiny_encoder, tmp_path / "model", **declared)
    if not declared:
        (folder / "config_sentence_transformers.json").unlink()
    model = declared_model(folder)
    assert model.resolved(SETTINGS).normalise is normalise
    assert model.resolved(EncoderSettings("mine", normalise=not normalise)).normalise != normalise


def test_a_similarity_that_no_index_searches_by_is_rejected(tiny_encoder: Path, tmp_path: Path):
    folder = declaring(tiny_encoder, tmp_path / "model", similarity_fn_name="euclidean")
    with pytest.raises(InputError, match=r"declares euclidean similarity.*normalise=true"):
        declared_model(folder).resolved(SETTINGS)


def test_only_models_that_are_read_otherwise_than_before_have_a_changed_reading(
    tiny_encoder: Path, tmp_path: Path
):
    both = {"query": "q: ", "document": "d: "}
    passage = {"query": "q: ", "passage": "p: "}
    folders = {
        "plain": tiny_encoder,
        "both": declaring(tiny_encoder, tmp_path / "both", prompts=both),
        "passage": declaring(tiny_encoder, tmp_path / "passage", prompts=passage),
        "towers": with_towers(tiny_encoder, tmp_path / "towers"),
        "fp16": stored_as(tiny_encoder, tmp_path / "fp16", torch.float16),
        "bf16": stored_as(tiny_encoder, tmp_path / "bf16", torch.bfloat16),
    }
    models = {name: declared_model(folder) for name, folder in folders.items()}
    assert {name: model.changed_reading(SETTINGS) for name, model in models.items()} == {
        "plain": {},
        "both": {},
        "passage": {"document_prompt": "p: "},
        "towers": {"towers": True},
        "fp16": {"weights": "fp32"},
        "bf16": {"weights": "fp32"},
    }
    given = EncoderSettings("mine", document_prompt="")
    assert models["passage"].changed_reading(given) == {}


def test_a_model_without_modules_is_a_transformer(tmp_path: Path):
    assert modules(tmp_path) == [(tmp_path, "Transformer")]


@pytest.mark.parametrize("name", ["config_sentence_transformers.json", "modules.json"])
def test_damaged_json_is_named(tiny_encoder: Path, tmp_path: Path, name: str):
    folder = declaring(tiny_encoder, tmp_path / "model")
    (folder / name).write_text("{")
    with pytest.raises(InputError, match=rf"{name} is not valid JSON"):
        declared_model(folder)


@pytest.mark.parametrize(
    "content", [b"version https://git-lfs.github.com/spec/v1\n", b"", b"\2" + bytes(7) + b"[]"]
)
def test_weights_that_are_not_safetensors_are_named(
    tiny_encoder: Path, tmp_path: Path, content: bytes
):
    folder = declaring(tiny_encoder, tmp_path / "model")
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(InputError, match=r"model\.safetensors is not a safetensors file"):
        declared_model(folder).changed_reading(SETTINGS)
