"""Texts become tokens, and tokens the padded input of the model, as its own tokeniser makes it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from methods.encoder.tokeniser import Tokeniser, pieces_of_similar_length
from methods.encoder.transformer import load_transformer

TEXTS = ["fever", "a seizure of the whole body", "", "short stature"]


@pytest.fixture
def tokeniser(tiny_encoder: Path) -> Tokeniser:
    return Tokeniser(load_transformer(tiny_encoder, "cpu", 64), "document", "")


def test_tokens_have_no_padding_and_no_mask(tokeniser: Tokeniser):
    tokens = tokeniser.tokens(TEXTS)
    alone = [tokeniser.features([text])["input_ids"].shape[1] for text in TEXTS]
    assert tokens.lengths.tolist() == alone
    assert tokens.values.shape == (sum(alone), len(tokeniser.names))
    assert tokens.values.dtype == np.int32 and "attention_mask" not in tokeniser.names


@pytest.mark.parametrize("positions", [[1, 2, 1], [2], [3, 0]])
def test_padded_tokens_are_what_the_model_reads(tokeniser: Tokeniser, positions: list[int]):
    padded = tokeniser.padded(tokeniser.tokens(TEXTS), np.array(positions))
    expected = tokeniser.features([TEXTS[i] for i in positions])
    assert list(padded) == list(expected)
    for name, value in expected.items():
        if isinstance(value, torch.Tensor):
            assert torch.equal(padded[name], value) and padded[name].dtype == value.dtype
        else:
            assert padded[name] == value


def test_every_text_is_in_one_piece_and_a_long_text_alone():
    lengths = np.array([3, 100, 1, 3, 2, 40])
    pieces = [rows.tolist() for rows in pieces_of_similar_length(lengths, 10)]
    assert pieces == [[1], [5], [0, 3, 4], [2]]
