"""Split batches of texts into pieces of similar length; training texts are tokenised once."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Self

from methods.base import Positions, ProgressBar
from methods.encoder.declared import NOUNS
from methods.encoder.token_file import cached_tokens
from methods.encoder.tokeniser import Features, Tokeniser, Tokens, pieces_of_similar_length
from methods.texts import Texts

PIECE_TOKENS = {"cpu": 512, "cuda": 16384}
"""Tokens per piece, with padding: fewer waste less on padding, more keep the device busy.

512 was fastest on one core of an AMD EPYC (Zen 4); the value for a GPU has not been measured.
"""
TOKENISED_AT_ONCE = 512


class TokenBatches:
    """Returns the features of queries or documents by their positions, in any thread.

    Texts are tokenised whenever they are asked for, unless their `tokens` are given.
    """

    def __init__(self, tokeniser: Tokeniser, texts: Texts, tokens: Tokens | None = None) -> None:
        self.kind = tokeniser.kind
        self.texts = texts
        self._tokeniser = tokeniser
        self._tokens = tokens

    @classmethod
    def kept(
        cls,
        tokeniser: Tokeniser,
        texts: Texts,
        folder: Path,
        cache_key: Mapping[str, object],
        progress: ProgressBar,
    ) -> Self:
        """Tokenise all texts at first, into a file in `folder` that is mapped into memory.

        Every epoch reads them again, and all processes read the same. `cache_key` holds the texts
        and whatever else changes their tokens. A model that does not pad is given the texts as
        they are.
        """
        if not tokeniser.pads:
            return cls(tokeniser, texts)
        key = {**cache_key, "tensors": tokeniser.names}
        tokenise = partial(_tokenised, tokeniser, texts, progress)
        return cls(tokeniser, texts, cached_tokens(folder, key, len(tokeniser.names), tokenise))

    def pieces(self, positions: Positions, tokens: int) -> Iterator[tuple[Positions, Features]]:
        """Yield the rows of `positions` that are in a piece, and the features of their texts.

        A piece has at most `tokens` tokens with padding, or is a single text. For a static model,
        which needs no padding, everything is one piece.
        """
        if self._tokens is None:
            texts = [self.texts[int(position)] for position in positions]
            yield from self._tokeniser.pieces(texts, tokens)
            return
        lengths = self._tokens.starts[positions + 1] - self._tokens.starts[positions]
        for rows in pieces_of_similar_length(lengths, tokens):
            yield rows, self._tokeniser.padded(self._tokens, positions[rows])


def _tokenised(tokeniser: Tokeniser, texts: Texts, progress: ProgressBar) -> Iterator[Tokens]:
    with progress(f"Tokenising {NOUNS[tokeniser.kind]}", len(texts)) as advance:
        for start in range(0, len(texts), TOKENISED_AT_ONCE):
            part = texts[start : start + TOKENISED_AT_ONCE]
            yield tokeniser.tokens(part)
            advance(len(part))
