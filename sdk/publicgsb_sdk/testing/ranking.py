"""`search`: which rows hold the words, or something like them, and how well each matches.

The likeness of two texts is that of PostgreSQL's pg_trgm, in the single precision that it is computed with there.
"""

import re
import struct
from collections.abc import Iterable, Mapping, Sequence

from publicgsb_sdk.testing.letters import words
from publicgsb_sdk.testing.model import Row
from publicgsb_sdk.testing.refusals import invalid

FEW = 10  # with fewer rows that hold the words, those that are like them are shown, too
TIER = 1_000_000
ALIKE = 0.5
TEXT_MAX, WORDS_MAX = 200, 12


def check_words(text: str) -> None:
    """Raises for a text that nothing can be found by."""
    found = words(text)
    if len(text) > TEXT_MAX or not 2 <= len("".join(found)) <= TEXT_MAX or len(found) > WORDS_MAX:
        raise invalid(f"A search takes 2 to {TEXT_MAX} letters, in at most {WORDS_MAX} words.", "search_length")


class Search:
    """One text, held against the rows of one release."""

    def __init__(self, text: str, columns: Sequence[str]) -> None:
        self._columns = columns
        self._words = words(text)
        self._joined = "".join(self._words)
        self._slips = [re.compile(f" {one} ", re.DOTALL) for one in _slips(self._words, self._joined)]

    def scores(self, rows: Iterable[Row]) -> list[tuple[int, Row]]:
        """Of the rows that are found, best lowest; in no order."""
        texts = [(self._lines(row), row) for row in rows]
        exact = [(self._rank(text), row) for text, row in texts if self._has_words(text)]
        if len(exact) >= FEW:
            return exact
        others = [(text, row) for text, row in texts if not self._has_words(text)]
        return exact + [(self._distance(text), row) for text, row in others if self._is_similar(text)]

    def score(self, row: Row) -> int:
        text = self._lines(row)
        return self._rank(text) if self._has_words(text) else self._distance(text)

    def _lines(self, row: Row) -> str:
        """Each value's words as a line; of several words also a line with them joined."""
        lines: dict[str, None] = {}
        for column in self._columns:
            found = words(row.get(column) or "")
            if found:
                lines[" ".join(found)] = None
            if len(found) > 1:
                lines["".join(found)] = None
        return "\n" + "".join(f" {one} \n" for one in lines)

    def _has_words(self, text: str) -> bool:
        return all(f" {word}" in text for word in self._words) or f" {self._joined}" in text

    def _rank(self, text: str) -> int:
        line = " ".join(self._words)
        if f"\n {line} \n" in text:
            return 0
        if f"\n {self._joined} \n" in text:
            return 1
        tiers = (
            f" {line} " in text,
            all(f" {word} " in text for word in self._words),
            all(f" {word}" in text for word in self._words),
            True,
        )
        return (tiers.index(True) + 1) * TIER + _length(text)

    def _is_slip(self, text: str) -> bool:
        return any(slip.search(text) for slip in self._slips)

    def _is_similar(self, text: str) -> bool:
        return self._likeness(text) >= ALIKE or self._is_slip(text)

    def _likeness(self, text: str) -> float:
        return max(word_similarity(one, text) for one in (" ".join(self._words), self._joined))

    def _distance(self, text: str) -> int:
        if self._is_slip(text):
            return 5 * TIER + _length(text)
        return 6 * TIER + round((1 - self._likeness(text)) * 1_000)


def word_similarity(asked: str, text: str) -> float:
    """Greatest likeness of the asked words and any stretch of the text that ends with a trigram of theirs."""
    wanted, there = set(_trigrams(asked)), _trigrams(text)
    lower, best = -1, 0.0
    last: dict[str, int] = {}  # of the stretch: where each trigram stands for the last time
    for upper, trigram in enumerate(there):
        if lower >= 0 or trigram in wanted:
            last[trigram] = upper
        if trigram not in wanted:
            continue
        lower = upper if lower == -1 else lower
        likeness, start = _best_start(there, lower, upper, last, wanted)
        best = max(best, likeness)
        for at in range(lower, start):
            if last.get(there[at]) == at:
                del last[there[at]]
        lower = start
    return best


def _best_start(
    there: list[str], lower: int, upper: int, last: Mapping[str, int], wanted: set[str]
) -> tuple[float, int]:
    left = dict(last)
    best, start = -1.0, lower
    for at in range(lower, upper + 1):
        common = sum(trigram in wanted for trigram in left)
        likeness = _single(common / (len(wanted) + len(left) - common))
        if likeness > best:
            best, start = likeness, at
        if left.get(there[at]) == at:
            del left[there[at]]
    return best, start


def _trigrams(text: str) -> list[str]:
    found: list[str] = []
    for word in text.split():
        padded = f"  {word} "
        found += [padded[at : at + 3] for at in range(len(padded) - 2)]
    return found


def _slips(found: Sequence[str], joined: str) -> set[str]:
    """The longest word, and the words joined, with one letter lost, added, wrong or swapped."""
    slips: set[str] = set()
    for word in (joined, max(found, key=len, default="")):
        if not 4 <= len(word) <= 24:
            continue
        for at in range(len(word) - 1):
            slips.add(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
        for at in range(len(word) if len(word) <= 8 else 0):
            slips |= {word[:at] + word[at + 1 :], f"{word[:at]}.{word[at + 1 :]}", f"{word[: at + 1]}.{word[at + 1 :]}"}
    return slips


def _length(text: str) -> int:
    return min(len(text.encode()), TIER - 1)


def _single(value: float) -> float:
    found: float = struct.unpack("f", struct.pack("f", value))[0]
    return found
