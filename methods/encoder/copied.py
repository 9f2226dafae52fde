"""Copy the outputs of texts from those of others that are encoded already."""

from collections.abc import Callable
from functools import cache

from methods.base import Array
from methods.encoder.cache import Fill
from methods.texts import Texts


def copied(texts: Texts, among: Texts, outputs: Callable[[], Array]) -> Fill:
    """Return what copies a part of the outputs of `texts`, which are all `among` others.

    `outputs` returns the outputs of the others (among, dimensions), and is called only if needed.
    """

    @cache
    def row_of() -> dict[str, int]:
        return {text: row for row, text in enumerate(among)}

    def copy(rows: slice, part: Array) -> None:
        part[:] = outputs()[[row_of()[text] for text in texts[rows]]]

    return copy
