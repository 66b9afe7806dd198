"""What `search` looks into, and what is looked for: the folded words of a text, each with a space on both sides.

A value is a line of its own. One of several words has a second line with the words joined, so that علیاباد finds
علی آباد and شهر کرد finds شهرکرد by equality.
"""

import re
from collections.abc import Iterable

_NO_WORD = re.compile(r"[\W_]+")


def words(folded: str) -> list[str]:
    """Of a text that was folded; punctuation parts words as a space does."""
    return _NO_WORD.sub(" ", folded).split()


def line(found: Iterable[str]) -> str:
    """Words as a line holds them."""
    return f" {' '.join(found)} "


def search_lines(folded: str) -> list[str]:
    found = words(folded)
    if not found:
        return []
    return [line(found)] if len(found) == 1 else [line(found), line(["".join(found)])]


def search_text(lines: Iterable[str]) -> str:
    """All lines of a record, a line break before and after each."""
    return "\n" + "".join(f"{one}\n" for one in lines)
