"""What the caller can read, by RFC 9110: the media type of the answer and whether it may be compressed.

The few forms of these headers that clients really send are remembered; long ones are read each time, so that nobody
can fill the memory with them.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeVar

from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.headers import Headers

GRAPHQL_RESPONSE = b"application/graphql-response+json"
PLAIN_JSON = b"application/json"
SIGNATURE_PREFERENCE = b"gsb-signature"

_REMEMBERED = 256
_REMEMBERED_BYTES_MAX = 256

T = TypeVar("T")


class Wishes(NamedTuple):
    """`condition` is If-None-Match as it came; `wants_signature`: Prefer names it."""

    media: bytes = PLAIN_JSON
    takes_gzip: bool = False
    condition: bytes = b""
    wants_signature: bool = False


NO_WISHES = Wishes()


def read_wishes(headers: Headers) -> Wishes:
    """Raises InvalidRequest (406) when no media type that was asked for can be made."""
    accept_encoding = headers.get(b"accept-encoding")
    takes_gzip = accept_encoding is not None and _takes_gzip(accept_encoding)
    prefer = headers.get(b"prefer")
    wants_signature = prefer is not None and _wants_signature(prefer)
    return Wishes(_media(headers.get(b"accept", b"")), takes_gzip, headers.get(b"if-none-match", b""), wants_signature)


def _remembering(read: Callable[[bytes], T]) -> Callable[[bytes], T]:
    remembered = lru_cache(_REMEMBERED)(read)
    return lambda header: remembered(header) if len(header) <= _REMEMBERED_BYTES_MAX else read(header)


@_remembering
def _media(accept: bytes) -> bytes:
    """The best of the two by weight; plain JSON where the caller does not care, as old clients expect."""
    if not accept:
        return PLAIN_JSON
    weights: dict[bytes, float] = {}
    for media, weight in _weighted(accept):
        weights.setdefault(media, weight)
    rest = weights.get(b"application/*", weights.get(b"*/*", 0.0))
    plain, graphql = weights.get(PLAIN_JSON, rest), weights.get(GRAPHQL_RESPONSE, rest)
    if not plain and not graphql:
        raise InvalidRequest(
            "No media type that was asked for can be made here.",
            status=406,
            reason="accept",
            hint="Accept application/graphql-response+json or application/json.",
        )
    if plain != graphql:
        return PLAIN_JSON if plain > graphql else GRAPHQL_RESPONSE
    named = [media for media in weights if media in (PLAIN_JSON, GRAPHQL_RESPONSE)]
    return named[0] if named else PLAIN_JSON


@_remembering
def _takes_gzip(accept_encoding: bytes) -> bool:
    """Whether gzip is welcome and not less so than no encoding at all."""
    weights = dict(_weighted(accept_encoding))
    gzip = weights.get(b"gzip", weights.get(b"x-gzip", weights.get(b"*", 0.0)))
    return gzip > 0 and gzip >= weights.get(b"identity", 0.0)


@_remembering
def _wants_signature(prefer: bytes) -> bool:
    """RFC 7240: preferences by commas, each with parameters of its own after a semicolon."""
    return any(one.partition(b";")[0].strip().lower() == SIGNATURE_PREFERENCE for one in prefer.split(b","))


def _weighted(header: bytes) -> Iterator[tuple[bytes, float]]:
    for part in header.split(b","):
        name, *parameters = part.split(b";")
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition(b"=")
            if key.strip().lower() == b"q":
                weight = _weight(value.strip())
        yield name.strip().lower(), weight


def _weight(text: bytes) -> float:
    """A weight that is no number from 0 to 1 counts as none at all: what cannot be read was not asked for."""
    try:
        value = float(text) if len(text) <= 5 and text.replace(b".", b"", 1).isdigit() else 0.0
    except ValueError:
        return 0.0
    return value if value <= 1 else 0.0
