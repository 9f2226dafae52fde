"""The encoder: cached outputs, a trainable head, precision, and what is saved."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from methods.base import Resources
from methods.encoder.encoder import Encoder
from methods.settings import EncoderSettings, TrainingSettings
from methods.texts import Texts
from tests.methods.encoder.made_models import declaring, with_nan, with_towers

TEXTS = Texts(["fever", "a seizure of the whole body", "short stature", "an abnormal heart"])


@pytest.fixture
def settings(tiny_encoder: Path) -> EncoderSettings:
    return EncoderSettings(name=str(tiny_encoder), precision="fp32")


def embedded(encoder: Encoder) -> np.ndarray:
    matrix = np.empty((len(TEXTS), encoder.profile.dimensions), dtype=np.float32)
    encoder.embed(TEXTS, "document", matrix)
    return matrix


def test_an_untrained_encoder_embeds_like_its_sentence_transformer(
    settings: EncoderSettings, resources: Resources
):
    encoder = Encoder(settings, resources)
    expected = encoder.transformer.encode(list(TEXTS), normalize_embeddings=True)
    assert np.allclose(embedded(encoder), expected, atol=1e-5)


def test_pooled_outputs_are_read_from_the_cache_without_loading_the_transformer(
    settings: EncoderSettings, resources: Resources
):
    first = Encoder(settings, resources).pooled(TEXTS, "document")
    again = Encoder(settings, resources)
    assert np.array_equal(again.pooled(TEXTS, "document"), first)
    assert "transformer" not in again.__dict__


def test_the_cache_is_keyed_by_texts_and_settings(settings: EncoderSettings, resources: Resources):
    Encoder(settings, resources).pooled(TEXTS, "document")
    Encoder(settings, resources).pooled(Texts(["fever"]), "document")
    Encoder(replace(settings, max_tokens=3), resources).pooled(TEXTS, "document")
    assert len(list((resources.cache / "embeddings").glob("*.npy"))) == 3


def test_the_cache_is_keyed_by_prompts_and_towers(
    settings: EncoderSettings, resources: Resources, tmp_path: Path
):
    def cached() -> int:
        return len(list((resources.cache / "embeddings").glob("*.npy")))

    for kind in ("query", "document"):
        Encoder(settings, resources).pooled(TEXTS, kind)
    assert cached() == 1  # without prompts and towers, a text has one vector
    Encoder(replace(settings, query_prompt="short "), resources).pooled(TEXTS, "query")
    assert cached() == 2
    towers = replace(settings, name=str(with_towers(Path(settings.name), tmp_path / "towers")))
    for kind in ("query", "document"):
        Encoder(towers, resources).pooled(TEXTS, kind)
    assert cached() == 4


@pytest.mark.parametrize(("given", "used"), [("auto", "short "), ("tall ", "tall "), ("", "")])
def test_a_prompt_that_is_set_replaces_the_declared_one(
    settings: EncoderSettings, resources: Resources, tmp_path: Path, given: str, used: str
):
    prompts = {"query": "short ", "passage": "abnormal "}
    folder = declaring(Path(settings.name), tmp_path / "model", prompts=prompts)
    encoder = Encoder(replace(settings, name=str(folder), query_prompt=given), resources)
    assert (encoder.prompt("query"), encoder.prompt("document")) == (used, "abnormal ")
    plain = Encoder(settings, resources)
    prompted = [used + text for text in TEXTS]
    assert np.allclose(encoder.encode(list(TEXTS), "query"), plain.encode(prompted, "query"))


def test_weights_are_finite_unless_one_is_not(
    settings: EncoderSettings, resources: Resources, tmp_path: Path
):
    broken = replace(settings, name=str(with_nan(Path(settings.name), tmp_path / "nan", "short")))
    assert Encoder(settings, resources).has_finite_weights()
    assert not Encoder(broken, resources).has_finite_weights()


def test_some_of_the_texts_are_copied_from_the_outputs_of_all(
    settings: EncoderSettings, resources: Resources
):
    every = Encoder(settings, resources).pooled(TEXTS, "document")
    encoder = Encoder(settings, resources)
    some = encoder.pooled(Texts([TEXTS[2], TEXTS[0]]), "document", TEXTS)
    assert np.array_equal(some, every[[2, 0]])
    assert "transformer" not in encoder.__dict__


def test_encode_returns_the_same_vectors_as_the_cache(
    settings: EncoderSettings, resources: Resources
):
    encoder = Encoder(settings, resources)
    assert np.allclose(
        encoder.encode(list(TEXTS), "query"), encoder.embeddings(TEXTS, "query"), atol=1e-2
    )


@pytest.mark.parametrize(
    ("train", "head", "parts"),
    [
        ("head", "linear", ["head"]),
        ("full", "linear", ["transformer", "head"]),
        ("full", "none", ["transformer"]),
        ("frozen", "linear", []),
    ],
)
def test_only_trained_parts_have_parameter_groups_and_get_gradient(
    settings: EncoderSettings, resources: Resources, train: str, head: str, parts: list[str]
):
    encoder = Encoder(replace(settings, train=train, head=head), resources)  # type: ignore[arg-type]
    assert encoder.trained_parts() == parts
    groups = encoder.parameter_groups(TrainingSettings())
    assert len(groups) == len(parts)
    vectors = encoder.trainable_view(TEXTS, "query")(np.array([2, 0]))
    assert np.allclose(vectors.detach().numpy(), embedded(encoder)[[2, 0]], atol=1e-5)
    if parts:
        (vectors[0] @ vectors[1]).backward()
        used = [p for group in groups for p in group["params"] if p.grad is not None]
        assert any(float(p.grad.abs().sum()) > 0 for p in used)


def test_with_bf16_products_are_bf16_and_weights_and_gradients_fp32(
    settings: EncoderSettings, resources: Resources
):
    full = replace(settings, train="full", head="none")
    outputs = {}
    for precision, expected in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        encoder = Encoder(replace(full, precision=precision), resources)
        products: list[torch.dtype] = []
        for module in encoder.transformer.modules():
            if isinstance(module, torch.nn.Linear):
                module.register_forward_hook(
                    lambda *call, dtypes=products: dtypes.append(call[2].dtype)
                )
        vectors = encoder.trainable_view(TEXTS, "query")(np.arange(len(TEXTS)))
        vectors[:, 0].sum().backward()
        assert set(products) == {expected}
        assert vectors.dtype == torch.float32
        learned = [p for p in encoder.transformer.parameters() if p.grad is not None]
        assert {p.dtype for p in learned} == {p.grad.dtype for p in learned} == {torch.float32}
        outputs[precision] = vectors.detach()
    assert not torch.equal(outputs["bf16"], outputs["fp32"])
    assert torch.allclose(outputs["bf16"], outputs["fp32"], atol=0.03)


@pytest.mark.parametrize(("speedup", "runs_in_bf16"), [(1.5, True), (0.9, False)])
def test_precision_auto_uses_bf16_only_if_it_was_measured_to_be_faster(
    settings: EncoderSettings, resources: Resources, speedup: float, runs_in_bf16: bool
):
    encoder = Encoder(replace(settings, precision="auto"), resources)
    encoder.__dict__["profile"] = replace(encoder.profile, bf16_speedup=speedup)
    assert encoder.bf16 is runs_in_bf16


@pytest.mark.parametrize(("train", "head"), [("head", "linear"), ("full", "linear")])
def test_a_saved_encoder_embeds_the_same_after_loading(
    settings: EncoderSettings, resources: Resources, tmp_path: Path, train: str, head: str
):
    chosen = replace(settings, train=train, head=head)  # type: ignore[arg-type]
    encoder = Encoder(chosen, resources)
    assert encoder.head is not None
    with torch.no_grad():
        encoder.head.weight.normal_()
        for parameter in encoder.transformer.parameters():
            parameter.mul_(1.1 if train == "full" else 1)
    before = embedded(encoder)
    encoder.save(tmp_path / "saved")
    loaded = Encoder(chosen, resources)
    assert not np.allclose(embedded(loaded), before, atol=1e-3)
    loaded.load(tmp_path / "saved")
    assert np.allclose(embedded(loaded), before, atol=1e-5)
