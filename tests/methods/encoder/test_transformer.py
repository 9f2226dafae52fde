"""Loading a SentenceTransformer, encoding a corpus with it and training through it."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer, models, pre_tokenizers

from methods.base import no_progress
from methods.encoder import transformer as transformer_module
from methods.encoder.token_batches import TokenBatches
from methods.encoder.tokeniser import Tokeniser
from methods.encoder.transformer import (
    encode_texts,
    forward,
    load_transformer,
    prepare_texts,
)
from methods.texts import Texts

TEXTS = Texts(["fever", "a seizure of the whole body", "short stature"])


@pytest.mark.parametrize(("max_tokens", "limit"), [(16, 16), (512, 64)])  # its own limit is 64
def test_a_transformer_reads_at_most_max_tokens(tiny_encoder: Path, max_tokens: int, limit: int):
    assert load_transformer(tiny_encoder, "cpu", max_tokens).max_seq_length == limit


def test_a_static_model_has_no_token_limit(tmp_path: Path):
    words = Tokenizer(models.WordLevel({"small": 0, "large": 1}, unk_token="small"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    module = StaticEmbedding(words, embedding_weights=np.eye(2, dtype=np.float32))
    SentenceTransformer(modules=[module], device="cpu").save(str(tmp_path / "static"))
    model = load_transformer(tmp_path / "static", "cpu", max_tokens=2)
    assert np.allclose(model.encode(["large", "large small large small"]), [[0, 1], [0.5, 0.5]])


def test_texts_are_encoded_in_chunks_and_returned_in_order(
    tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(transformer_module, "ENCODE_CHUNK", 2)
    model = load_transformer(tiny_encoder, "cpu", 64)
    batches = TokenBatches(Tokeniser(model, "document", ""), TEXTS)
    matrix, done = np.zeros((3, 32), dtype=np.float32), []
    encode_texts(model, batches, slice(0, 3), matrix, lambda steps=1: done.append(steps))
    assert np.allclose(matrix, model.encode(list(TEXTS)), atol=1e-6)
    assert done == [2, 1]
    with no_progress("", 3) as advance:
        two = np.zeros((2, 32), dtype=np.float32)
        encode_texts(model, batches, slice(1, 3), two, advance)
        assert np.allclose(two, matrix[1:], atol=1e-6)
        prompted = TokenBatches(Tokeniser(model, "document", "short "), TEXTS)
        encode_texts(model, prompted, slice(0, 2), two, advance)
        assert np.allclose(two[0], model.encode("short fever"), atol=1e-6)


def test_the_forward_pass_has_the_outputs_of_encode_and_gradient(
    tiny_encoder: Path, tmp_path: Path
):
    model = load_transformer(tiny_encoder, "cpu", 64)
    model.eval()
    tokeniser = Tokeniser(model, "document", "")
    batches = TokenBatches.kept(tokeniser, TEXTS, tmp_path, {"texts": "three"}, no_progress)
    prepared = prepare_texts(model, batches, np.array([2, 0, 2]))
    outputs = forward(model, prepared, "document")
    assert model.training and outputs.requires_grad
    expected = torch.from_numpy(model.encode([TEXTS[2], TEXTS[0], TEXTS[2]]))
    assert torch.allclose(outputs.detach(), expected, atol=1e-6)
