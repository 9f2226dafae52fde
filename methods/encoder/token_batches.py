"""Tokenise each training text once, and split batches into pieces of similar length."""

from collections.abc import Iterator, Mapping
from pathlib import Path

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

    All texts are tokenised at first, into a file in `folder` that is mapped into memory: every
    epoch reads them again, and all processes read the same. `cache_key` holds the texts and
    whatever else changes their tokens. A model that does not pad is given the texts as they are.
    """

    def __init__(
        self,
        tokeniser: Tokeniser,
        texts: Texts,
        folder: Path,
        cache_key: Mapping[str, object],
        progress: ProgressBar,
    ) -> None:
        self._tokeniser = tokeniser
        self._texts = texts
        self._tokens: Tokens | None = None
        if tokeniser.pads:
            names = tokeniser.names
            self._tokens = cached_tokens(
                folder,
                {**cache_key, "tensors": names},
                len(names),
                lambda: self._tokenised(progress),
            )

    def pieces(self, positions: Positions, tokens: int) -> Iterator[tuple[Positions, Features]]:
        """Yield the rows of `positions` that are in a piece, and the features of their texts.

        A piece has at most `tokens` tokens with padding, or is a single text. For a static model,
        which needs no padding, everything is one piece.
        """
        if self._tokens is None:
            texts = [self._texts[int(position)] for position in positions]
            yield from self._tokeniser.pieces(texts, tokens)
            return
        lengths = self._tokens.starts[positions + 1] - self._tokens.starts[positions]
        for rows in pieces_of_similar_length(lengths, tokens):
            yield rows, self._tokeniser.padded(self._tokens, positions[rows])

    def _tokenised(self, progress: ProgressBar) -> Iterator[Tokens]:
        with progress(f"Tokenising {NOUNS[self._tokeniser.kind]}", len(self._texts)) as advance:
            for start in range(0, len(self._texts), TOKENISED_AT_ONCE):
                texts = self._texts[start : start + TOKENISED_AT_ONCE]
                yield self._tokeniser.tokens(texts)
                advance(len(texts))
