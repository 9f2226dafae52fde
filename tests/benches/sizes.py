"""The sizes of corpora that a bench is asked for on the command line."""

import argparse
from collections.abc import Sequence


def asked_sizes(purpose: str | None, usual: Sequence[int]) -> Sequence[int]:
    """Return the numbers of documents, or the usual ones. Exit if one is not a number."""
    parser = argparse.ArgumentParser(description=purpose)
    parser.add_argument("documents", nargs="*", type=int, default=usual)
    sizes: Sequence[int] = parser.parse_args().documents
    return sizes
