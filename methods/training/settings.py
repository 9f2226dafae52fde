"""Settings of the dual encoder: which loss it minimises."""

from dataclasses import dataclass
from typing import Literal

from methods.automatic import setting
from methods.settings import check_range


@dataclass(frozen=True)
class DualEncoderSettings:
    """The contrastive loss, with negatives of the same batch and the hard ones.

    The softmax has the temperature `training.temperature`; the margin loss is that of EHI's paper.
    """

    contrastive: Literal["softmax", "margin"] = setting("softmax", since="0.3")
    margin: float = setting(0.3, since="0.3")

    def __post_init__(self) -> None:
        """Reject a margin below 0."""
        check_range("dual_encoder.margin", self.margin, 0)
