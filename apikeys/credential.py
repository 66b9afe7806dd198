"""The one credential of a request, read from its headers.

`Authorization: Bearer …` or `X-API-Key: …`. A key in a URL ends up in logs, histories and referrers, so it is
refused even when it is right. Nothing here repeats what was sent.
"""

import re
from urllib.parse import unquote_to_bytes

from publicgsb.platform.kernel.errors import InvalidRequest, Unauthenticated
from publicgsb.platform.kernel.headers import Headers

_NAMES_OF_KEYS = frozenset({b"key", b"api_key", b"apikey", b"access_token"})
_LOOKS_SECRET = re.compile(rb"gsb[lta]_[0-9A-Za-z]{8}|eyJ[\w-]+\.eyJ[\w-]+\.").search


def read(headers: Headers, query_string: bytes) -> str:
    """The key or token of a request.

    Raises Unauthenticated (`missing`, `malformed`) or InvalidRequest (`key_in_url`, `two_credentials`).
    """
    if query_string:
        _refuse_key_in_url(query_string)
    bearer, key = headers.get(b"authorization"), headers.get(b"x-api-key")
    if key is None and bearer is not None and b"," not in bearer:
        found = _bearer(bearer)
    else:
        found = _only([*map(_bearer, _each(bearer)), *map(bytes.strip, _each(key))])
    if not found:
        raise Unauthenticated(
            "The request carries no key.",
            reason="missing",
            hint="Send Authorization: Bearer <key> or X-API-Key: <key>; POST /api/v1/register gives one.",
        )
    return found.decode("latin-1")


def _bearer(value: bytes) -> bytes:
    scheme, _, rest = value.strip().partition(b" ")
    if scheme.lower() != b"bearer":
        raise Unauthenticated(
            "The Authorization header is not of the Bearer scheme.",
            reason="malformed",
            hint="Send Authorization: Bearer <key>.",
        )
    return rest.strip()


def _each(header: bytes | None) -> list[bytes]:
    """A header that came twice is joined by a comma, and no key or token holds one."""
    return [] if header is None else header.split(b",")


def _only(values: list[bytes]) -> bytes:
    different = {value for value in values if value}
    if len(different) > 1:
        raise InvalidRequest(
            "The request carries two different credentials.",
            reason="two_credentials",
            hint="Send one of Authorization: Bearer and X-API-Key, once.",
        )
    return next(iter(different), b"")


def _refuse_key_in_url(query_string: bytes) -> None:
    names = {unquote_to_bytes(part.partition(b"=")[0]).lower() for part in re.split(rb"[&;]", query_string)}
    if names & _NAMES_OF_KEYS or _LOOKS_SECRET(unquote_to_bytes(query_string)):
        raise InvalidRequest(
            "A key does not belong in a URL: URLs are written to logs and histories.",
            reason="key_in_url",
            hint="Send it as Authorization: Bearer <key>, and rotate this key: it may have been seen.",
        )
