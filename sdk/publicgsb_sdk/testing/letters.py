"""Texts as they are ordered and searched: the Persian alphabet, and words in any spelling."""

import re
import unicodedata
from functools import lru_cache
from typing import TypeAlias

from publicgsb_sdk.persian import fold

ALPHABET = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
MADDA = "\ue000"  # private use: folding leaves it alone, and takes آ for ا
MARKED = re.compile("[آ\u0653\ufe81\ufe82\ufef5\ufef6]")
PART = re.compile(r"[0-9]+|.", re.DOTALL)

Place: TypeAlias = tuple[tuple[int, int, str], ...]

folded = lru_cache(maxsize=100_000)(fold)


@lru_cache(maxsize=100_000)
def place(text: str) -> Place:
    """Numbers first and by their size, then Persian letters in their order, then others; nothing else counts."""
    if MARKED.search(text):
        text = unicodedata.normalize("NFKC", text).replace("آ", MADDA)
    found: list[tuple[int, int, str]] = []
    for part in PART.findall(fold(text)):
        letter = "آ" if part == MADDA else part
        if part[0] in "0123456789":
            number = part.lstrip("0") or "0"
            found.append((0, len(number), number))
        elif letter in ALPHABET:
            found.append((1, ALPHABET.index(letter), ""))
        elif part.isalnum():
            found.append((2, ord(part), ""))
    return tuple(found)


def words(text: str) -> list[str]:
    """The folded words, without what stands between them."""
    return "".join(letter if letter.isalnum() else " " for letter in folded(text)).split()
