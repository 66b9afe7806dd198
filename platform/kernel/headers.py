"""The headers of a request by name, so that every reader of them finds its own without walking through all."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

RawHeaders: TypeAlias = Sequence[tuple[bytes, bytes]]
Headers: TypeAlias = Mapping[bytes, bytes]


def by_name(raw: RawHeaders) -> Headers:
    """Names are lower-case, as ASGI promises. Values of a name that came twice are joined by commas (RFC 9110, 5.3)."""
    named = dict(raw)
    return named if len(named) == len(raw) else _joined(raw)


def _joined(raw: RawHeaders) -> Headers:
    named: dict[bytes, bytes] = {}
    for name, value in raw:
        named[name] = named[name] + b"," + value if name in named else value
    return named
