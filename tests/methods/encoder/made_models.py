"""Small models that differ from the tiny encoder in one respect."""

import json
import shutil
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import (
    Dense,
    Normalize,
    Pooling,
    Router,
    Transformer,
)


def declaring(tiny: Path, folder: Path, **declared: Any) -> Path:
    """The tiny encoder, which declares prompts, a similarity or the like."""
    shutil.copytree(tiny, folder)
    config = folder / "config_sentence_transformers.json"
    values = {name: v for name, v in json.loads(config.read_text()).items() if name != "prompts"}
    config.write_text(json.dumps({**values, **declared}))
    return folder


def stored_as(tiny: Path, folder: Path, dtype: torch.dtype) -> Path:
    """The tiny encoder with its weights stored in another type."""
    shutil.copytree(tiny, folder)
    weights = {name: tensor.to(dtype) for name, tensor in load_file(_weights(folder)).items()}
    save_file(weights, _weights(folder), metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "dtype": str(dtype)[6:]}))
    return folder


def stored_as_bin(model: Path, folder: Path, module: str = "") -> Path:
    """A model with the weights of one module in pytorch_model.bin instead of safetensors."""
    shutil.copytree(model, folder)
    weights = folder / module / "model.safetensors"
    torch.save(load_file(weights), weights.with_name("pytorch_model.bin"))
    weights.unlink()
    return folder


def with_nan(tiny: Path, folder: Path, word: str) -> Path:
    """The tiny encoder with NaN as the vector of one word."""
    shutil.copytree(tiny, folder)
    weights = load_file(_weights(folder))
    token = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"][word]
    weights["embeddings.word_embeddings.weight"][token] = float("nan")
    save_file(weights, _weights(folder), metadata={"format": "pt"})
    return folder


def pooling(tiny: Path, folder: Path, mode: Literal["mean", "cls", "max"], unit: bool) -> Path:
    """The tiny transformer with another pooling, and a Normalize if the output has unit length."""
    modules = [Transformer(str(tiny)), Pooling(32, mode), *([Normalize()] if unit else [])]
    return _saved(modules, folder)


def with_towers(tiny: Path, folder: Path, query_tokens: int = 64, dimensions: int = 32) -> Path:
    """A model with a tower for documents, and one for queries with a layer more."""
    torch.manual_seed(0)
    queries = [Transformer(str(tiny)), Pooling(32), Dense(32, dimensions)]
    queries[0].max_seq_length = query_tokens
    documents = [Transformer(str(tiny)), Pooling(32)]
    return _saved([Router.for_query_document(queries, documents)], folder)


def _saved(modules: list[Any], folder: Path) -> Path:
    SentenceTransformer(modules=modules, device="cpu").save(str(folder), create_model_card=False)
    return folder


def _weights(folder: Path) -> Path:
    return folder / "model.safetensors"
