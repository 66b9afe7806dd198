"""Reading one large JSON object member by member, so that 80 MB of cities never stand in memory at once."""

import json
from collections.abc import Iterator
from typing import Any, TextIO

CHUNK_CHARACTERS = 1 << 18
_DECODER = json.JSONDecoder()


def members(text: TextIO) -> Iterator[tuple[str, Any]]:
    """Each (key, value) of the top-level object whose values are objects, in order; ValueError when it is cut short."""
    buffer, at = text.read(CHUNK_CHARACTERS).lstrip(), 1
    if not buffer.startswith("{"):
        raise ValueError("The document is not a JSON object.")
    while True:
        member = _next_member(buffer, at)
        if member is None:
            more = text.read(CHUNK_CHARACTERS)
            if not more:
                break
            buffer, at = buffer[at:] + more, 0
            continue
        key, value, at = member
        yield key, value
    if buffer[at:].lstrip(" \t\r\n,") != "}":
        raise ValueError("The JSON document ends in the middle of a member.")


def _next_member(buffer: str, at: int) -> tuple[str, Any, int] | None:
    """The member that starts at or after `at`, with where it ends; None when the buffer holds only a part of it."""
    start = _skip(buffer, at, " \t\r\n,")
    if start == len(buffer) or buffer[start] == "}":
        return None
    try:
        key, end = _DECODER.raw_decode(buffer, start)
        value, end = _DECODER.raw_decode(buffer, _skip(buffer, end, " \t\r\n:"))
    except json.JSONDecodeError:
        return None
    return key, value, end


def _skip(buffer: str, at: int, characters: str) -> int:
    while at < len(buffer) and buffer[at] in characters:
        at += 1
    return at
