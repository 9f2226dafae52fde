"""Read `--index NAME=FILE`: an index that somebody else built, as a method of the run."""

import re
from collections.abc import Sequence

from harness.config import Settings
from harness.datasets.dataset import Dataset
from methods.errors import InputError
from methods.indexes.given.index_file import given_method
from methods.method import Method
from methods.paths import user_path
from methods.registry import methods

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


def with_given_indexes(
    chosen: Sequence[Method], settings: Settings, options: Sequence[str], dataset: Dataset
) -> tuple[list[Method], Settings]:
    """Return the methods with one for each option, and the settings with theirs.

    Raise InputError for an option that is not NAME=FILE, a name that is taken, a file that is not
    an index, and an encoder that is trained: nobody can have indexed its vectors before.
    """
    rows, sections = list(chosen), dict(settings)
    if options and dataset.vectors is None and settings["encoder"].train != "frozen":
        raise InputError(
            "--index: the run would train an encoder, whose vectors the index does not have; "
            "--set encoder.train=frozen"
        )
    for option in options:
        name, equals, text = option.partition("=")
        file = user_path(text)
        if not equals or not NAME.fullmatch(name):
            raise InputError(f"--index takes NAME=FILE, not {option!r}; e.g. --index mine=my.faiss")
        if not file.is_file():
            raise InputError(f"--index {name}: {file} is not a file")
        if name in methods() or name in {row.name for row in rows}:
            raise InputError(f"--index {name}: a method has this name; give the index another one")
        euclidean = dataset.vectors is not None and dataset.vectors.distance == "euclidean"
        row, own = given_method(name, file, euclidean)
        rows.append(row)
        sections[row.index.section] = own
    return rows, sections
