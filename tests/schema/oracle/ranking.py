"""`search` by the letter of decision 0011, over lists: what is found, and how well it matches.

Likeness is that of pg_trgm's documentation and source, written once for the SDK's mock of the service.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from publicgsb.datasets.contracts.model import Contract
from publicgsb_sdk.testing.ranking import word_similarity
from tests.schema.oracle.facts import Row
from tests.schema.oracle.spelling import words

FEW = 10
TIER = 1_000_000
ALIKE = 0.5
_PAGE_OF_TEXT = 200

Score: TypeAlias = int


class Search:
    """One question to the rows of one release."""

    def __init__(self, text: str, contract: Contract) -> None:
        self._columns = contract.search
        self.words = words(text)
        self.joined = "".join(self.words)
        self._slips = [re.compile(f" {one} ", re.DOTALL) for one in _slips(self.words, self.joined)]

    def scores(self, rows: Iterable[Row]) -> list[tuple[Score, Row]]:
        """Of the records that are found, in no order; similar ones only where few have the words."""
        texts = [(self._lines(row), row) for row in rows]
        exact = [(self._rank(text), row) for text, row in texts if self._has_words(text)]
        if len(exact) >= FEW:
            return exact
        others = [(text, row) for text, row in texts if not self._has_words(text)]
        return exact + [(self._distance(text), row) for text, row in others if self._is_similar(text)]

    def score(self, row: Row) -> Score:
        text = self._lines(row)
        return self._rank(text) if self._has_words(text) else self._distance(text)

    def _lines(self, row: Row) -> str:
        """Each value's words as a line; of several words also a line with them joined."""
        lines: list[str] = []
        for column in self._columns:
            found = words(row.get(column) or "")
            if found:
                lines.append(" ".join(found))
            if len(found) > 1:
                lines.append("".join(found))
        return "\n" + "".join(f" {one} \n" for one in dict.fromkeys(lines))  # what is said twice is held once

    def _has_words(self, text: str) -> bool:
        return all(f" {word}" in text for word in self.words) or f" {self.joined}" in text

    def _rank(self, text: str) -> Score:
        shorter = min(len(text.encode()), TIER - 1)
        line = " ".join(self.words)
        if f"\n {line} \n" in text:
            return 0
        if f"\n {self.joined} \n" in text:
            return 1
        tiers = (
            f" {line} " in text,
            all(f" {word} " in text for word in self.words),
            all(f" {word}" in text for word in self.words),
            True,
        )
        return (tiers.index(True) + 1) * TIER + shorter

    def _is_slip(self, text: str) -> bool:
        return any(slip.search(text) for slip in self._slips)

    def _is_similar(self, text: str) -> bool:
        return self._likeness(text) >= ALIKE or self._is_slip(text)

    def _likeness(self, text: str) -> float:
        return max(word_similarity(one, text) for one in (" ".join(self.words), self.joined))

    def _distance(self, text: str) -> Score:
        if self._is_slip(text):
            return 5 * TIER + min(len(text.encode()), TIER - 1)
        return 6 * TIER + round((1 - self._likeness(text)) * 1_000)


def is_askable(text: str) -> bool:
    """At least two letters, at most two hundred and twelve words."""
    found = words(text)
    return len(text) <= _PAGE_OF_TEXT and 2 <= len("".join(found)) <= _PAGE_OF_TEXT and len(found) <= 12


def _slips(found: Sequence[str], joined: str) -> set[str]:
    """Patterns of the longest word and of the words joined with one letter lost, added, wrong or swapped."""
    slips: set[str] = set()
    for word in (joined, max(found, key=len, default="")):
        if not 4 <= len(word) <= 24:
            continue
        for at in range(len(word) - 1):
            slips.add(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
        for at in range(len(word) if len(word) <= 8 else 0):
            slips |= {word[:at] + word[at + 1 :], f"{word[:at]}.{word[at + 1 :]}", f"{word[: at + 1]}.{word[at + 1 :]}"}
    return slips
