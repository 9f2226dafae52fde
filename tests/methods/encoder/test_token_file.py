"""Tokens are made once, found again by their key, mapped into memory and never half written."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from methods.encoder.token_file import cached_tokens
from methods.encoder.tokeniser import Tokens

KEY = {"texts": "three", "max_tokens": 256}
PARTS = [
    Tokens(np.array([[5, 0], [6, 0], [7, 1]], dtype=np.int32), np.array([0, 1, 3])),
    Tokens(np.array([[8, 0], [9, 0]], dtype=np.int32), np.array([0, 2])),
]


class Tokenise:
    """Yields the tokens of three texts in two parts, and counts its calls."""

    calls = 0

    def __call__(self) -> Iterator[Tokens]:
        self.calls += 1
        yield from PARTS


@pytest.fixture
def tokenise() -> Tokenise:
    return Tokenise()


def test_tokens_are_made_once_per_key(tmp_path: Path, tokenise: Tokenise):
    first = cached_tokens(tmp_path, KEY, 2, tokenise)
    assert first.values.tolist() == [[5, 0], [6, 0], [7, 1], [8, 0], [9, 0]]
    assert first.lengths.tolist() == [1, 2, 2]
    again = cached_tokens(tmp_path, dict(reversed(KEY.items())), 2, tokenise)
    assert tokenise.calls == 1 and np.array_equal(again.values, first.values)
    cached_tokens(tmp_path, {**KEY, "max_tokens": 128}, 2, tokenise)
    assert tokenise.calls == 2


def test_tokens_are_mapped_and_not_read(tmp_path: Path, tokenise: Tokenise):
    tokens = cached_tokens(tmp_path, KEY, 2, tokenise)
    assert isinstance(tokens.values, np.memmap) and not tokens.values.flags.writeable


@pytest.mark.parametrize("name", ["values.int32", "starts.npy", "checksums.json"])
def test_damaged_tokens_are_made_again(tmp_path: Path, tokenise: Tokenise, name: str):
    first = np.array(cached_tokens(tmp_path, KEY, 2, tokenise).values)
    (path,) = tmp_path.glob(f"*/{name}")
    path.write_bytes(path.read_bytes()[:-4] + b"bad!")
    assert np.array_equal(cached_tokens(tmp_path, KEY, 2, tokenise).values, first)
    assert tokenise.calls == 2


def test_an_interrupted_tokenisation_leaves_only_the_lock(tmp_path: Path):
    def interrupted() -> Iterator[Tokens]:
        yield PARTS[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cached_tokens(tmp_path, KEY, 2, interrupted)
    assert {path.suffix for path in tmp_path.iterdir()} == {".lock"}


def test_no_texts_have_no_tokens(tmp_path: Path):
    tokens = cached_tokens(tmp_path, KEY, 2, lambda: [])
    assert tokens.values.shape == (0, 2) and len(tokens.lengths) == 0
