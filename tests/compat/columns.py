"""A table as one line per column, so that two readers of a release can be compared value by value.

It runs in the tools' own environments too, and imports nothing but Python's own.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from numbers import Number


def told(columns: Mapping[str, Iterable[object]]) -> dict[str, str]:
    """Each column's values, how many are missing, and a hash of all of them; the order of the records is no matter."""
    rows = sorted(zip(*([_text(value) for value in values] for values in columns.values()), strict=True), key=_place)
    return {name: _told(texts) for name, texts in zip(columns, zip(*rows, strict=True), strict=True)}


def tell(columns: Mapping[str, Iterable[object]]) -> None:
    """The same as JSON on standard output: the last line of a program that has read a file."""
    print(json.dumps(told(columns)))


def _place(row: Iterable[str | None]) -> list[str]:
    return [text or "" for text in row]


def _told(texts: tuple[str | None, ...]) -> str:
    digest = hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:16]
    zeros = sum(text is not None and text.startswith("0") for text in texts)
    joiners = sum(text is not None and "\u200c" in text for text in texts)
    missing = sum(text is None for text in texts)
    return f"{len(texts)} values, {missing} missing, {zeros} with a zero first, {joiners} with a joiner, {digest}"


def _text(value: object) -> str | None:
    """Numbers of all types as the double that they are, moments in UTC; a text stays what it is."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Number):
        return repr(float(value))  # type: ignore[arg-type]  # complex is none of ours
    raise TypeError(f"{type(value).__name__} is in no contract")
