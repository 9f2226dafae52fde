"""SentenceTransformers: load one from a folder, encode a corpus with it, train through it."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from methods.base import Advance, Array, Positions
from methods.encoder.token_batches import PIECE_TOKENS, TokenBatches
from methods.texts import Texts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ENCODE_BATCH = {"cpu": 64, "cuda": 512}
ENCODE_CHUNK = 2048


def load_transformer(folder: Path, device: str, max_tokens: int) -> "SentenceTransformer":
    """Load the model in `folder`, which reads at most `max_tokens` tokens of a text."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    model = SentenceTransformer(
        str(folder),
        device=device,
        trust_remote_code=False,
        local_files_only=True,
        model_kwargs={"use_safetensors": True},
    )
    own_limit = model.max_seq_length or max_tokens
    if own_limit < math.inf:  # A static model reads word by word and has no limit to set.
        model.max_seq_length = min(own_limit, max_tokens)
    return model


def declared_prompts(folder: Path) -> dict[str, str]:
    """Return the prompts that a model such as E5 declares for queries and documents."""
    path = folder / "config_sentence_transformers.json"
    prompts: dict[str, str] = {}
    if path.is_file():
        prompts = json.loads(path.read_text()).get("prompts", {})
    return prompts


def encode_texts(
    transformer: "SentenceTransformer", texts: Texts, prompt: str, matrix: Array, advance: Advance
) -> None:
    """Write the pooled output of every text into `matrix` (texts, dimensions)."""
    # Longest first: the texts of a chunk have similar lengths, and memory runs out early if at all.
    order = np.argsort(-texts.sizes(), kind="stable")
    for start in range(0, len(texts), ENCODE_CHUNK):
        chunk = order[start : start + ENCODE_CHUNK]
        matrix[chunk] = transformer.encode(
            [texts[int(i)] for i in chunk],
            prompt=prompt,
            batch_size=ENCODE_BATCH[transformer.device.type],
            show_progress_bar=False,
        )
        advance(len(chunk))


def forward(
    transformer: "SentenceTransformer", batches: TokenBatches, positions: Positions
) -> Tensor:
    """Return the pooled outputs (positions, dimensions) in training mode, with gradient."""
    device = transformer.device
    transformer.train()  # embedding the corpus in between leaves it in evaluation mode
    rows, outputs = [], []
    for piece_rows, features in batches.pieces(positions, PIECE_TOKENS[device.type]):
        moved = {
            name: value.to(device) if isinstance(value, Tensor) else value
            for name, value in features.items()
        }
        rows.append(piece_rows)
        outputs.append(transformer(moved)["sentence_embedding"])
    in_order = torch.from_numpy(np.argsort(np.concatenate(rows))).to(device)
    return torch.cat(outputs).float()[in_order]
