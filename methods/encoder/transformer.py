"""SentenceTransformers: load one from a folder, encode a corpus with it, train through it."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from methods.base import Advance, Array, Positions
from methods.encoder.declared import Kind
from methods.encoder.token_batches import PIECE_TOKENS, TokenBatches
from methods.encoder.tokeniser import Features
from methods.prefetch import Prefetch

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ENCODE_BATCH = {"cpu": 64, "cuda": 512}
ENCODE_TOKENS = {"cpu": 2048, "cuda": 131072}
"""Tokens per forward pass, with padding, while a corpus is encoded.

On one core of an AMD EPYC (Zen 4), 512 to 2048 took equally long, and 8192 a third more. The value
for a GPU has not been measured: it is that of 512 texts of 256 tokens.
"""
ENCODE_CHUNK = 2048


def load_transformer(folder: Path, device: str, max_tokens: int) -> "SentenceTransformer":
    """Load the model in `folder`, in fp32; it reads at most `max_tokens` tokens of a text."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import InputModule, Router
    from transformers.utils import logging

    logging.disable_progress_bar()
    model = SentenceTransformer(
        str(folder),
        device=device,
        trust_remote_code=False,
        local_files_only=True,
        model_kwargs={"use_safetensors": True, "dtype": torch.float32},
    )
    model.float()  # modules other than Transformer keep the type of the file
    readers: list[Any] = [module for module in model.modules() if isinstance(module, InputModule)]
    for reader in readers:
        own_limit = getattr(reader, "max_seq_length", None) or max_tokens
        # A static model reads word by word and has no limit; a Router has the limits of its towers.
        if own_limit < math.inf and not isinstance(reader, Router):
            reader.max_seq_length = min(own_limit, max_tokens)
    return model


def encode_texts(
    transformer: "SentenceTransformer",
    batches: TokenBatches,
    rows: slice,
    matrix: Array,
    advance: Advance,
) -> None:
    """Write the pooled outputs of some rows of the texts into `matrix` (rows, dimensions)."""
    device = transformer.device
    # Longest first: the texts of a chunk have similar lengths, and memory runs out early if at all.
    order = np.argsort(-batches.texts.sizes(rows), kind="stable")
    chunks = (order[start : start + ENCODE_CHUNK] for start in range(0, len(order), ENCODE_CHUNK))

    def prepare(chunk: Positions) -> tuple[Positions, list[tuple[Positions, Features]]]:
        pieces = batches.pieces(rows.start + chunk, ENCODE_TOKENS[device.type])
        return chunk, [(piece, to_device(features, device)) for piece, features in pieces]

    transformer.eval()
    with torch.inference_mode(), Prefetch(device.type != "cpu") as prefetch:
        for chunk, pieces in prefetch.map(prepare, chunks):
            for piece, features in pieces:
                pooled = _pooled(transformer, features, batches.kind)
                matrix[chunk[piece]] = pooled.float().cpu().numpy()
            advance(len(chunk))


@dataclass(frozen=True)
class PreparedTexts:
    """Pieces of a batch on the device, and the `order` that puts their outputs in its order."""

    pieces: list[Features]
    order: Tensor


def prepare_texts(
    transformer: "SentenceTransformer", batches: TokenBatches, positions: Positions
) -> PreparedTexts:
    """Return the texts at `positions`, ready for `forward`."""
    device = transformer.device
    rows, pieces = zip(*batches.pieces(positions, PIECE_TOKENS[device.type]), strict=True)
    order = {"order": torch.from_numpy(np.argsort(np.concatenate(rows)))}
    moved = [to_device(features, device) for features in pieces]
    return PreparedTexts(moved, to_device(order, device)["order"])


def forward(transformer: "SentenceTransformer", prepared: PreparedTexts, kind: Kind) -> Tensor:
    """Return the pooled outputs (texts, dimensions) in training mode, with gradient."""
    transformer.train()  # embedding the corpus in between leaves it in evaluation mode
    outputs = [_pooled(transformer, features, kind) for features in prepared.pieces]
    return torch.cat(outputs).float()[prepared.order]


def to_device(features: Features, device: torch.device) -> Features:
    """Return the features with their tensors on the device.

    A GPU copies them from pinned memory, so that nothing waits for the copy but what needs it.
    """
    if device.type == "cpu":
        return features
    with torch.cuda.device(device):  # each thread has a current GPU of its own, which is the first
        return {
            name: value.pin_memory().to(device, non_blocking=True)
            if isinstance(value, Tensor)
            else value
            for name, value in features.items()
        }


def _pooled(transformer: "SentenceTransformer", features: Features, kind: Kind) -> Tensor:
    # A copy, because the modules add their outputs, which would stay in memory.
    pooled: Tensor = transformer(dict(features), task=kind)["sentence_embedding"]
    return pooled[:, : transformer.truncate_dim]
