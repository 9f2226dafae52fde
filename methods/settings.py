"""Settings that all methods share, and the range check that all settings use."""

from dataclasses import dataclass, field
from typing import Literal

from methods.errors import InputError

Switch = bool | Literal["auto"]
"""The type of a setting that is on, off, or as the model declares."""


def check_range(name: str, value: float, low: float, high: float = float("inf")) -> None:
    """Raise InputError unless low <= value <= high."""
    if not low <= value <= high:
        bounds = f"at least {low:g}" if high == float("inf") else f"from {low:g} to {high:g}"
        raise InputError(f"{name} is {value:g}; it must be {bounds}")


@dataclass(frozen=True)
class NoSettings:
    """The settings of a component that has none of its own."""


@dataclass(frozen=True)
class EncoderSettings:
    """The text encoder, and which of its parts learn.

    `train` is `head` (a linear layer on cached outputs of the frozen transformer), `full` (the
    transformer and the head, if there is one) or `frozen` (nothing). What is `auto` in `normalise`
    and the prompts is what the model declares.
    """

    name: str = "minilm"  # or a sentence-transformers name, or a folder
    train: Literal["head", "full", "frozen"] = "head"
    head: Literal["linear", "none"] = "linear"
    normalise: Switch = "auto"  # to unit length, so that scores are cosines
    max_tokens: int = 256
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    query_prompt: str = field(default="auto", metadata={"since": "0.3"})
    """What is put before every query, or `auto`."""
    document_prompt: str = field(default="auto", metadata={"since": "0.3"})
    """What is put before every document, or `auto`."""

    def __post_init__(self) -> None:
        """Reject values out of range, and training a head that does not exist."""
        check_range("encoder.max_tokens", self.max_tokens, 2)
        if self.train == "head" and self.head == "none":
            raise InputError(
                'encoder.train is "head" but encoder.head is "none"; set encoder.head=linear'
            )


NOT_IN_RESULT = frozenset({"checkpoint_seconds", "embedded_at_once"})
"""Training settings that do not change the result, and so are not part of its name."""


@dataclass(frozen=True)
class TrainingSettings:
    """How every encoder of a run is trained: the same pairs, batches and number of updates."""

    epochs: int = 40
    batch_size: int = 256
    temperature: float = 0.05
    head_learning_rate: float = 1e-3
    transformer_learning_rate: float = 2e-5
    weight_decay: float = 0.01
    warmup: float = 0.05  # share of the steps
    clip_norm: float = 1.0  # largest norm of the gradient of all parameters together
    hard_negatives: int = 4  # per query: the dual encoder searches exactly, EHI in its beam
    negative_depth: int = field(default=10, metadata={"since": "0.3", "before": 100})
    """Hard negatives are sampled from this many of the best documents, relevant ones excluded."""
    refresh_every: int = 5  # epochs between searches for hard negatives
    checkpoint_seconds: float = 60.0  # between checkpoints; 0: no checkpoints
    embedded_at_once: int = 0  # texts whose activations are in memory; 0: those of a batch

    def __post_init__(self) -> None:
        """Reject values that cannot train."""
        check_range("training.epochs", self.epochs, 1)
        check_range("training.batch_size", self.batch_size, 2)
        check_range("training.temperature", self.temperature, 1e-4)
        check_range("training.warmup", self.warmup, 0, 1)
        check_range("training.clip_norm", self.clip_norm, 1e-6)
        check_range("training.hard_negatives", self.hard_negatives, 0, 100)
        check_range("training.negative_depth", self.negative_depth, 1)
        check_range("training.refresh_every", self.refresh_every, 1)
        check_range("training.checkpoint_seconds", self.checkpoint_seconds, 0)
        check_range("training.embedded_at_once", self.embedded_at_once, 0)
        for name in ("head_learning_rate", "transformer_learning_rate", "weight_decay"):
            check_range(f"training.{name}", getattr(self, name), 0)
