"""Pieces of similar length save padding and change neither outputs nor gradients."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from harness.datasets.dataset import Dataset
from methods.base import Resources, no_progress
from methods.encoder.encoder import Encoder
from methods.encoder.token_batches import PIECE_TOKENS, TokenBatches
from methods.encoder.tokeniser import Tokeniser
from methods.settings import EncoderSettings
from methods.texts import Texts

ONE_PIECE = 1 << 30


@pytest.fixture
def encoder(tiny_encoder: Path, resources: Resources) -> Encoder:
    return Encoder(EncoderSettings(str(tiny_encoder), "full", precision="fp32"), resources)


@pytest.fixture(scope="module")
def positions() -> np.ndarray:
    return np.random.default_rng(0).integers(300, size=64)


@pytest.fixture
def batches(encoder: Encoder, hpo: Dataset, tmp_path: Path) -> TokenBatches:
    return token_batches(encoder, hpo.corpus.texts, tmp_path)


def token_batches(encoder: Encoder, texts: Texts, folder: Path, prompt: str = "") -> TokenBatches:
    tokeniser = Tokeniser(encoder.transformer, "document", prompt)
    return TokenBatches.kept(tokeniser, texts, folder, {"texts": texts.digest()}, no_progress)


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


def test_pieces_save_most_of_the_padding(batches: TokenBatches, positions: np.ndarray):
    def padded_and_real(tokens: int) -> tuple[int, int]:
        masks = [piece["attention_mask"] for _, piece in batches.pieces(positions, tokens)]
        return sum(m.numel() for m in masks), sum(int(m.sum()) for m in masks)

    whole, real = padded_and_real(ONE_PIECE)
    pieces, as_real = padded_and_real(512)
    assert real == as_real
    assert whole > 2 * real and pieces < 1.3 * real


@pytest.fixture
def tokenised(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the encoder's tokeniser has read."""
    preprocess, texts = encoder.transformer.preprocess, []

    def noting(read: list[str], **words: Any) -> Any:
        texts.extend(read)
        return preprocess(read, **words)

    monkeypatch.setattr(encoder.transformer, "preprocess", noting)
    return texts


def test_texts_are_tokenised_once_for_all_epochs_and_processes(
    encoder: Encoder, tokenised: list[str], hpo: Dataset, positions: np.ndarray, tmp_path: Path
):
    texts = hpo.corpus.texts
    for _process in range(2):
        batches = token_batches(encoder, texts, tmp_path)
        for _epoch in range(2):
            list(batches.pieces(positions, 512))
    of_corpus = set(texts)
    assert sum(text in of_corpus for text in tokenised) == len(texts)


def test_a_corpus_that_is_trained_on_is_not_tokenised_again_to_be_embedded(
    encoder: Encoder, tokenised: list[str], hpo: Dataset
):
    texts = Texts(hpo.corpus.texts[:300])
    untrained = encoder.embeddings(texts, "document")
    tokenised.clear()
    encoder.trainable_view(texts, "document")
    for _refresh in range(2):
        assert np.array_equal(encoder.embeddings(texts, "document"), untrained)
    of_corpus = set(texts)
    assert sum(text in of_corpus for text in tokenised) == len(texts)
    other = Texts(["fever"])
    assert np.allclose(encoder.embeddings(other, "document"), encoder.encode(["fever"], "document"))


@pytest.mark.parametrize("side", ["left", "right"])
def test_features_equal_those_of_the_tokeniser(
    encoder: Encoder, hpo: Dataset, positions: np.ndarray, tmp_path: Path, side: str
):
    encoder.transformer.tokenizer.padding_side = side
    batches = token_batches(encoder, hpo.corpus.texts, tmp_path, "a prompt: ")
    for rows, features in batches.pieces(positions, 256):
        texts = [hpo.corpus.texts[int(i)] for i in positions[rows]]
        expected = encoder.transformer.preprocess(texts, prompt="a prompt: ")
        assert features.keys() == expected.keys()
        for name, value in expected.items():
            same = features[name] == value
            assert same.all() if isinstance(value, torch.Tensor) else same
