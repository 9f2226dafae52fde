"""SentenceTransformers: load one from a folder, encode a corpus with it, train through it."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from methods.base import Advance, Array, Positions
from methods.encoder.declared import Kind
from methods.encoder.token_batches import PIECE_TOKENS, TokenBatches
from methods.texts import Texts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ENCODE_BATCH = {"cpu": 64, "cuda": 512}
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
    texts: Texts,
    kind: Kind,
    prompt: str,
    matrix: Array,
    advance: Advance,
) -> None:
    """Write the pooled output of every text into `matrix` (texts, dimensions)."""
    # Longest first: the texts of a chunk have similar lengths, and memory runs out early if at all.
    order = np.argsort(-texts.sizes(), kind="stable")
    for start in range(0, len(texts), ENCODE_CHUNK):
        chunk = order[start : start + ENCODE_CHUNK]
        matrix[chunk] = transformer.encode(
            [texts[int(i)] for i in chunk],
            prompt=prompt,
            task=kind,
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
        pooled = transformer(moved, task=batches.kind)["sentence_embedding"]
        outputs.append(pooled[:, : transformer.truncate_dim])
    in_order = torch.from_numpy(np.argsort(np.concatenate(rows))).to(device)
    return torch.cat(outputs).float()[in_order]
