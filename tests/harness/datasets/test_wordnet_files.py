"""WordNet is found where Debian and NLTK install it, packed or not."""

import zipfile
from pathlib import Path

import pytest

from harness.datasets import SOURCES, load_dataset, wordnet_files
from harness.datasets.wordnet_files import find_installed, open_folder, read_lines
from methods.errors import InputError, UnavailableError

LICENCE = "  14 WordNet 2.9 Copyright 2005 by Princeton University.  \n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without WordNet, with its home folder."""
    monkeypatch.setattr(wordnet_files, "DEBIAN", tmp_path / "wordnet")
    monkeypatch.setattr(wordnet_files, "SYSTEM", ())
    monkeypatch.setattr(wordnet_files.sys, "prefix", str(tmp_path / "python"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NLTK_DATA", raising=False)
    return tmp_path / "home"


def write_folder(folder: Path) -> Path:
    """Write one synset per file."""
    folder.mkdir(parents=True)
    for part, kind in {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}.items():
        line = f"00000101 00 {kind} 02 first 0 second_{part} 0 000 | a gloss  \n"
        (folder / f"data.{part}").write_text(LICENCE + line)
    return folder


def write_zip(path: Path) -> Path:
    """Write one synset per file, in a zip file as NLTK downloads it."""
    folder = write_folder(path.parent / "unpacked")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in folder.iterdir():
            packed.write(file, f"wordnet/{file.name}")
    return path


def test_without_wordnet_one_line_says_what_to_install(home: Path):
    hint = (
        "wordnet needs WordNet 3.0, which is not installed. Run: apt-get install wordnet-base, "
        "or: pip install nltk && python -m nltk.downloader wordnet"
    )
    assert find_installed() is None
    assert SOURCES["wordnet"].install_hint() == hint
    with pytest.raises(UnavailableError) as error:
        load_dataset("wordnet")
    assert str(error.value) == hint


def test_a_folder_that_is_named_needs_no_installation(home: Path):
    folder = write_folder(home / "mine")
    assert len(load_dataset(f"wordnet:{folder}").corpus) == 4


def test_debian_comes_before_nltk(home: Path, tmp_path: Path):
    packed = write_zip(home / "nltk_data/corpora/wordnet.zip")
    assert find_installed() == packed
    debian = write_folder(tmp_path / "wordnet")
    assert find_installed() == debian
    assert load_dataset("wordnet").name == "wordnet-2.9"
    assert SOURCES["wordnet"].install_hint() is None


def test_nltk_is_looked_for_in_its_variable_and_in_the_usual_folders(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    in_python = write_folder(tmp_path / "python/share/nltk_data/corpora/wordnet")
    assert find_installed() == in_python
    in_home = write_folder(home / "nltk_data/corpora/wordnet")
    assert find_installed() == in_home
    named = write_folder(tmp_path / "named/corpora/wordnet")
    monkeypatch.setenv("NLTK_DATA", f"{tmp_path / 'gone'}:{tmp_path / 'named'}")
    assert find_installed() == named


def test_a_packed_and_an_unpacked_copy_are_the_same_data(tmp_path: Path):
    packed = write_zip(tmp_path / "wordnet.zip")
    unpacked = load_dataset(f"wordnet:{tmp_path / 'unpacked'}")
    assert load_dataset(f"wordnet:{packed}").fingerprint == unpacked.fingerprint


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (0, 100, r"wordnet\.zip cannot be read: File is not a zip file"),
        (-60, None, r"wordnet\.zip.* cannot be read|has no data\.noun"),
    ],
)
def test_a_damaged_zip_file_is_an_error_of_one_line(
    tmp_path: Path, start: int, end: int | None, message: str
):
    packed = write_zip(tmp_path / "wordnet.zip")
    packed.write_bytes(packed.read_bytes()[start:end])
    with pytest.raises(InputError, match=message):
        load_dataset(f"wordnet:{packed}")


def test_damage_within_a_zip_file_names_the_file(tmp_path: Path):
    packed = write_zip(tmp_path / "wordnet.zip")
    content = bytearray(packed.read_bytes())
    start = content.index(b"data.noun") + len("data.noun")
    content[start : start + 20] = b"?" * 20
    packed.write_bytes(content)
    with pytest.raises(InputError, match=r"wordnet\.zip/wordnet/data\.noun cannot be read after"):
        load_dataset(f"wordnet:{packed}")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone", "gone is not a folder; write --dataset wordnet:FOLDER"),
        ("a" * 300, "cannot be read: .*File name too long"),
        ("~nobody-of-this-name/wordnet", "cannot be read: Could not determine home directory"),
    ],
)
def test_what_is_not_a_folder_is_rejected(name: str, message: str):
    with pytest.raises(InputError, match=message):
        open_folder(Path(name))


def test_lines_are_numbered_from_one(tmp_path: Path):
    (tmp_path / "data.adv").write_text("first\nsecond\n")
    assert list(read_lines(tmp_path, "data.adv")) == [(1, "first\n"), (2, "second\n")]
