"""Turn texts into tokens without padding, and tokens into what a SentenceTransformer reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from methods.base import Positions
from methods.encoder.declared import Kind

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Features = dict[str, Any]
"""The input of a SentenceTransformer: tensors (texts, tokens) and values that are not tensors."""

MASK = "attention_mask"


@dataclass(frozen=True)
class Tokens:
    """The tokens of texts, one text after another, without padding and without attention masks.

    `values` (tokens, tensors) has a column for each tensor that the model reads. Those of text i
    are the rows from `starts[i]` to `starts[i + 1]`.
    """

    values: NDArray[np.int32]
    starts: Positions

    @property
    def lengths(self) -> Positions:
        """The number of tokens of each text."""
        lengths: Positions = np.diff(self.starts)
        return lengths


class Tokeniser:
    """The tokeniser of queries or documents, with their prompt in front."""

    def __init__(self, transformer: "SentenceTransformer", kind: Kind, prompt: str) -> None:
        self.kind = kind
        self._transformer = transformer
        self._prompt = prompt

    def features(self, texts: Sequence[str]) -> Features:
        """Return what the model reads for texts, padded to the longest."""
        features: Features = self._transformer.preprocess(
            list(texts), prompt=self._prompt, task=self.kind
        )
        return features

    @property
    def pads(self) -> bool:
        """Whether the model needs texts padded to one length; a static model does not."""
        return MASK in self._sample

    @cached_property
    def names(self) -> list[str]:
        """The tensors that the model reads besides the attention mask, in order."""
        tensors = (name for name, value in self._sample.items() if isinstance(value, Tensor))
        return [name for name in tensors if name != MASK]

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """Return the tokens of texts, for a model that pads."""
        features = self.features(texts)
        real = features[MASK].numpy() > 0
        values = np.stack([features[name].numpy()[real] for name in self.names], axis=1)
        return Tokens(values.astype(np.int32), np.append(0, real.sum(axis=1).cumsum()))

    def pieces(self, texts: Sequence[str], tokens: int) -> Iterator[tuple[Positions, Features]]:
        """Yield the rows of `texts` that are in a piece, and their features.

        A piece has at most `tokens` tokens with padding, or is a single text. For a static model,
        which needs no padding, everything is one piece.
        """
        if not self.pads:
            yield np.arange(len(texts)), self.features(texts)
            return
        read = self.tokens(texts)
        for rows in pieces_of_similar_length(read.lengths, tokens):
            yield rows, self.padded(read, rows)

    def padded(self, tokens: Tokens, positions: Positions) -> Features:
        """Return what the model reads for the texts at some positions, padded to the longest."""
        fill, at_left = self._padding
        starts = tokens.starts[positions][:, None]
        lengths = tokens.starts[positions + 1][:, None] - starts
        columns = np.arange(int(lengths.max()))[None]
        before = columns.size - lengths if at_left else np.zeros_like(lengths)
        real = (columns >= before) & (columns < before + lengths)
        values = tokens.values[(starts + columns - before)[real]]
        features = dict(self._sample)  # with its values that are not tensors, in its order
        features[MASK] = torch.from_numpy(real.astype(np.int64))
        for column, name in enumerate(self.names):
            matrix = np.full(real.shape, fill[name], dtype=np.int64)
            matrix[real] = values[:, column]
            features[name] = torch.from_numpy(matrix)
        return features

    @cached_property
    def _sample(self) -> Features:
        """The features of two texts, the first of which is padded unless `max_tokens` is tiny."""
        return self.features(["", "a text of several words"])

    @cached_property
    def _padding(self) -> tuple[dict[str, int], bool]:
        """The padding value of each tensor, and whether padding goes on the left.

        Both are read off a padded text, because a model with towers has several tokenisers.
        """
        padded = np.flatnonzero(self._sample[MASK][0].numpy() == 0)
        if not len(padded):  # `max_tokens` cuts all texts to one length
            return dict.fromkeys(self.names, 0), False
        fill = {name: int(self._sample[name][0, padded[0]]) for name in self.names}
        return fill, bool(padded[0] == 0)


def pieces_of_similar_length(lengths: Positions, tokens: int) -> Iterator[Positions]:
    """Yield the rows, longest first, in pieces of at most `tokens` tokens with padding.

    A text that is longer is a piece of its own.
    """
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        end = start + max(1, tokens // int(lengths[order[start]]))
        yield order[start:end]
        start = end
