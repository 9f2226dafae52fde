"""Split a text into words, and a text in a script without spaces into pairs of characters.

The scripts without spaces are Chinese, Japanese, Thai, Lao, Khmer, Burmese and their relatives.
Every two neighbouring characters become a word there, as in Lucene's CJKAnalyzer.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache

UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai and Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le and New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),  # marks of repetition and zero
    (0x3021, 0x312F),  # numerals, hiragana, katakana and bopomofo
    (0x31A0, 0x31FF),  # more bopomofo and katakana
    (0x3400, 0x9FFF),  # ideographs
    (0xA9E0, 0xA9FF),  # more Burmese
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),  # more ideographs
    (0xFF66, 0xFF9F),  # katakana of half the width
    (0x1AFF0, 0x1B16F),  # more kana
    (0x20000, 0x3FFFF),  # more ideographs
)
"""The blocks of characters of scripts without spaces, from the first to the last character."""
LAST_MARK = 0x1FFFF
"""The code of the last character that is looked at for combining marks."""
# A letter after an apostrophe is an ending, as in "patient's", and not a word.
WORDS = re.compile(r"\w\w+|(?<!\w['\u2019])\w")


def split_words(text: str) -> list[str]:
    """Return the words of a text in order, including those of one letter or digit."""
    if text.isascii() or not _special().search(text):
        return WORDS.findall(text)
    words = []
    for match in _pattern().finditer(text):
        run = match.group()
        if match.lastgroup == "unspaced" and len(run) > 2:
            words += [run[start : start + 2] for start in range(len(run) - 1)]
        else:
            words.append(run)
    return words


@cache
def _unspaced() -> str:
    codes = (code for first, last in UNSPACED for code in range(first, last + 1))
    return _ranges(codes, lambda kind: kind in "LMN")


@cache
def _marks() -> str:
    return _ranges(range(LAST_MARK + 1), lambda kind: kind == "M")


@cache
def _special() -> re.Pattern[str]:
    """Return the pattern of the characters for which WORDS is wrong."""
    return re.compile(f"[{_unspaced()}{_marks()}]")


@cache
def _pattern() -> re.Pattern[str]:
    # Python's \w lacks the marks that write the vowels of Hindi and many other languages.
    letter = rf"(?:(?![{_unspaced()}])[\w{_marks()}])"
    return re.compile(rf"(?P<unspaced>[{_unspaced()}]+)|{letter}{letter}+|(?<!\w['\u2019]){letter}")


def _ranges(codes: Iterable[int], wanted: Callable[[str], bool]) -> str:
    """Return the characters whose major category is wanted, as ranges for a regular expression."""
    ranges: list[list[int]] = []
    for code in codes:
        if not wanted(unicodedata.category(chr(code))[0]):
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
