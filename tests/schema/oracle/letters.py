"""The order of the Persian alphabet, for the letters of this world: no shared code."""

import re
from typing import TypeAlias

from tests.schema.oracle.spelling import read

_ALPHABET = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"

Letters: TypeAlias = tuple[tuple[int, int, str], ...]


def place(text: str) -> Letters:
    """Numbers first and by their size, then Persian letters, then others; nothing else counts."""
    found: list[tuple[int, int, str]] = []
    for part in re.findall(r"[0-9]+|.", read(text, keeping="آ"), re.DOTALL):
        if part[0] in "0123456789":
            number = part.lstrip("0") or "0"
            found.append((0, len(number), number))
        elif part in _ALPHABET:
            found.append((1, _ALPHABET.index(part), ""))
        elif part.isalnum():
            found.append((2, ord(part), ""))
    return tuple(found)
