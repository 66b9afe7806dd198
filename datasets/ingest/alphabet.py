"""The order of the Persian alphabet as a text: comparing two keys by code point compares what they were made of.

Letter by letter, as dictionaries have it: spaces, joiners, marks and punctuation do not count, so that every spelling
of a name stands in one place. Numbers come first and by their size, then Persian, then Latin, then other scripts.
"""

import re
import unicodedata

from publicgsb.datasets.ingest.persian import fold

LETTERS = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
KEY_CHARACTERS_MAX = 200  # so that a B-tree can hold any key; what agrees so far is told apart by the record's key

_MADDA = "\ue000"  # private use: fold leaves it alone
_WEIGHTS = {ord(_MADDA if letter == "آ" else letter): chr(0x30 + place) for place, letter in enumerate(LETTERS)}
_HAS_MADDA = re.compile("[آ\u0653\ufe81\ufe82\ufef5\ufef6]")  # alone, as a mark, as a form, in a ligature
_NUMBER = re.compile("[0-9]+")
_ODD = re.compile(f"[^ {LETTERS}{_MADDA}]")
_SILENT = re.compile(r"[^\w\ue000]|_")
_LENGTHS_MAX = 15


def sort_key(text: str) -> str:
    """A Persian letter is one ASCII character, so keys are half as long as the names."""
    if has_madda(text):
        text = unicodedata.normalize("NFKC", text).replace("آ", _MADDA)
    return folded_key(fold(text))


def has_madda(text: str) -> bool:
    return _HAS_MADDA.search(text) is not None


def folded_key(plain: str) -> str:
    """The key of a text that was folded; آ is taken for ا unless sort_key has put it apart."""
    if not _ODD.search(plain):
        return plain.replace(" ", "").translate(_WEIGHTS)[:KEY_CHARACTERS_MAX]
    return _NUMBER.sub(_number, _SILENT.sub("", plain)).translate(_WEIGHTS)[:KEY_CHARACTERS_MAX]


def _number(found: re.Match[str]) -> str:
    """Its length before it: 9 stands before 10."""
    digits = found[0].lstrip("0") or "0"
    return chr(0x20 + min(len(digits), _LENGTHS_MAX)) + digits
