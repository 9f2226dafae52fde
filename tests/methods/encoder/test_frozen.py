"""A frozen encoder embeds like the one that was trained, once per set of texts."""

from pathlib import Path

import numpy as np
import pytest
import torch

from methods.base import Resources
from methods.encoder.encoder import Encoder
from methods.encoder.frozen import FrozenEncoder
from methods.settings import EncoderSettings, TrainingSettings
from methods.texts import Texts

TEXTS = Texts(["abnormal gait", "short stature", "cleft palate"])


@pytest.mark.parametrize("train", ["head", "full"])
def test_a_frozen_encoder_embeds_like_the_trained_one_and_has_no_parameters(
    tiny_encoder: Path, resources: Resources, tmp_path: Path, train: str
):
    settings = EncoderSettings(str(tiny_encoder), train=train, precision="fp32")  # type: ignore[arg-type]
    trained = Encoder(settings, resources)
    with torch.no_grad():  # as if it had been trained
        for group in trained.parameter_groups(TrainingSettings()):
            for parameter in group["params"]:
                parameter.add_(0.1 * torch.randn_like(parameter))
    trained.save(tmp_path / "encoder")
    frozen = FrozenEncoder(settings, resources)
    frozen.load(tmp_path / "encoder")
    expected = trained.embeddings(TEXTS, "document")
    assert np.array_equal(frozen.embeddings(TEXTS, "document"), expected)
    view = frozen.trainable_view(TEXTS, "document")(np.array([2, 0]))
    assert not view.requires_grad and np.array_equal(view.numpy(), expected[[2, 0]])
    assert frozen.parameter_groups(TrainingSettings()) == []
    assert frozen.state_dict() == {}  # so a checkpoint leaves it out


def test_kept_vectors_are_not_embedded_again(
    tiny_encoder: Path, resources: Resources, monkeypatch: pytest.MonkeyPatch
):
    frozen = FrozenEncoder(EncoderSettings(str(tiny_encoder), precision="fp32"), resources)
    vectors = np.eye(3, 32, dtype=np.float32)
    frozen.keep(TEXTS, "document", vectors)
    monkeypatch.setattr(Encoder, "embed", lambda *words: pytest.fail("embedded again"))
    assert np.array_equal(frozen.embeddings(TEXTS, "document"), vectors)
    assert np.array_equal(
        frozen.trainable_view(TEXTS, "document")(np.array([1])).numpy(), vectors[1:2]
    )
