"""Find WordNet's own files, in a folder or in NLTK's zip file, and read their lines."""

import os
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile
from zipfile import Path as ZipPath

from methods.errors import InputError

DEBIAN = Path("/usr/share/wordnet")
SYSTEM = tuple(map(Path, ("/usr/share", "/usr/local/share", "/usr/lib", "/usr/local/lib")))
INSTALL = "apt-get install wordnet-base, or: pip install nltk && python -m nltk.downloader wordnet"


def find_installed() -> Path | None:
    """Return where Debian or NLTK has installed WordNet: a folder or a zip file; None if nowhere.

    NLTK itself is not needed: its data is in $NLTK_DATA or where https://www.nltk.org/data.html
    says.
    """
    candidates = [DEBIAN]
    for root in _nltk_folders():
        candidates += [root / "corpora/wordnet", root / "corpora/wordnet.zip"]
    found = (path for path in candidates if _is_file(path / "data.noun") or _is_zip(path))
    return next(found, None)


def open_folder(path: Path) -> Path | ZipPath:
    """Return the folder that has the files. Raise InputError if `path` is neither folder nor zip.

    Newer versions of NLTK leave its wordnet.zip packed, with the files in a folder of that name.
    """
    try:
        path = path.expanduser()
        if _is_zip(path):
            return ZipPath(path) / path.stem
        if path.is_dir():
            return path
    except (OSError, RuntimeError, BadZipFile) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
    raise InputError(
        f"{path} is not a folder; write --dataset wordnet:FOLDER, with a folder that has "
        "data.noun, data.verb, data.adj and data.adv"
    )


def read_lines(folder: Path | ZipPath, name: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of a file. Raise InputError if it is missing or damaged."""
    path = folder / name
    number, line = 0, "\n"
    try:
        if not path.is_file():
            raise InputError(f"{folder} has no {name}; WordNet is read from its four data files")
        with path.open("r", encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                yield number, line
    # A zip file raises RuntimeError for what is encrypted or packed in an unknown way.
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, BadZipFile, RuntimeError) as error:
        raise InputError(f"{path} cannot be read after line {number}: {error}") from None
    if not line.endswith("\n"):
        raise InputError(f"{path}:{number}: the file ends within a line; copy it again")


def _nltk_folders() -> list[Path]:
    named = [Path(name) for name in os.environ.get("NLTK_DATA", "").split(os.pathsep) if name]
    python = Path(sys.prefix)
    usual = [Path("~").expanduser(), python, python / "share", python / "lib", *SYSTEM]
    return [*named, *(folder / "nltk_data" for folder in usual)]


def _is_zip(path: Path) -> bool:
    return path.suffix == ".zip" and _is_file(path)


def _is_file(path: Path) -> bool:
    """Return whether there is such a file that may be looked at."""
    try:
        return path.is_file()
    except OSError:
        return False
