"""Pieces of similar length save padding and change neither outputs nor gradients."""

from pathlib import Path

import numpy as np
import pytest
import torch

from harness.datasets.dataset import Dataset
from methods.base import Resources
from methods.encoder.encoder import Encoder
from methods.encoder.token_batches import PIECE_TOKENS, TokenBatches, pieces_of_similar_length
from methods.settings import EncoderSettings
from methods.texts import Texts

ONE_PIECE = 1 << 30


@pytest.fixture
def encoder(tiny_encoder: Path, resources: Resources) -> Encoder:
    return Encoder(EncoderSettings(str(tiny_encoder), "full", precision="fp32"), resources)


@pytest.fixture(scope="module")
def positions() -> np.ndarray:
    return np.random.default_rng(0).integers(300, size=64)


def embedded(
    encoder: Encoder, texts: Texts, positions: np.ndarray, tokens: int, patch: pytest.MonkeyPatch
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the embeddings, and the gradient of a random loss in all weights."""
    patch.setitem(PIECE_TOKENS, "cpu", tokens)
    encoder.transformer.zero_grad()
    vectors = encoder.trainable_view(texts, "document")(positions)
    wanted = torch.randn(vectors.shape, generator=torch.Generator().manual_seed(0))
    (vectors * wanted).sum().backward()
    learned = [p.grad.ravel() for p in encoder.transformer.parameters() if p.grad is not None]
    return vectors.detach(), torch.cat(learned)


def test_pieces_have_the_outputs_and_gradients_of_one_forward_pass(
    encoder: Encoder, hpo: Dataset, positions: np.ndarray, monkeypatch: pytest.MonkeyPatch
):
    texts = hpo.corpus.texts
    whole, whole_gradients = embedded(encoder, texts, positions, ONE_PIECE, monkeypatch)
    pieces, gradients = embedded(encoder, texts, positions, 128, monkeypatch)
    assert torch.allclose(pieces, whole, atol=1e-6)
    assert len(gradients) == len(whole_gradients) > 10_000
    assert torch.allclose(gradients, whole_gradients, atol=1e-5 * whole_gradients.abs().max())
    plain = encoder.transformer.encode(
        [texts[int(i)] for i in positions], normalize_embeddings=True
    )
    assert np.allclose(whole.numpy(), plain, atol=1e-6)


def test_pieces_save_most_of_the_padding(encoder: Encoder, hpo: Dataset, positions: np.ndarray):
    batches = TokenBatches(encoder.transformer, hpo.corpus.texts, "document", "")

    def padded_and_real(tokens: int) -> tuple[int, int]:
        masks = [piece["attention_mask"] for _, piece in batches.pieces(positions, tokens)]
        return sum(m.numel() for m in masks), sum(int(m.sum()) for m in masks)

    whole, real = padded_and_real(ONE_PIECE)
    pieces, as_real = padded_and_real(512)
    assert real == as_real
    assert whole > 2 * real and pieces < 1.3 * real


def test_a_text_is_tokenised_once(
    encoder: Encoder, hpo: Dataset, positions: np.ndarray, monkeypatch: pytest.MonkeyPatch
):
    preprocess, tokenised = encoder.transformer.preprocess, []
    monkeypatch.setattr(
        encoder.transformer,
        "preprocess",
        lambda texts, **words: tokenised.extend(texts) or preprocess(texts, **words),
    )
    batches = TokenBatches(encoder.transformer, hpo.corpus.texts, "document", "")
    for _epoch in range(3):
        list(batches.pieces(positions, 512))
    of_corpus = set(hpo.corpus.texts).intersection(tokenised)
    assert sum(text in of_corpus for text in tokenised) == len(set(positions.tolist()))
    assert len(set(positions.tolist())) < len(positions)


@pytest.mark.parametrize("side", ["left", "right"])
def test_features_equal_those_of_the_tokeniser(
    encoder: Encoder, hpo: Dataset, positions: np.ndarray, side: str
):
    encoder.transformer.tokenizer.padding_side = side
    batches = TokenBatches(encoder.transformer, hpo.corpus.texts, "document", "a prompt: ")
    for rows, features in batches.pieces(positions, 256):
        texts = [hpo.corpus.texts[int(i)] for i in positions[rows]]
        expected = encoder.transformer.preprocess(texts, prompt="a prompt: ")
        assert features.keys() == expected.keys()
        for name, value in expected.items():
            same = features[name] == value
            assert same.all() if isinstance(value, torch.Tensor) else same


def test_every_text_is_in_one_piece_and_a_long_text_alone():
    lengths = np.array([3, 100, 1, 3, 2, 40])
    pieces = [rows.tolist() for rows in pieces_of_similar_length(lengths, 10)]
    assert pieces == [[1], [5], [0, 3, 4], [2]]
