"""The one credential of a request, read from raw ASGI headers.

`Authorization: Bearer …` or `X-API-Key: …`. A key in a URL ends up in logs, histories and referrers, so it is
refused even when it is right. Nothing here repeats what was sent.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from publicgsb.platform.kernel.errors import InvalidRequest, Unauthenticated

_NAMES_OF_KEYS = frozenset({b"key", b"api_key", b"apikey", b"access_token"})
_LOOKS_SECRET = re.compile(rb"gsb[lta]_[0-9A-Za-z]{8}|eyJ[\w-]+\.eyJ[\w-]+\.").search


def read(headers: Iterable[tuple[bytes, bytes]], query_string: bytes) -> str:
    """The key or token of a request; its header names are lower-case, as ASGI promises.

    Raises Unauthenticated (`missing`, `malformed`) or InvalidRequest (`key_in_url`, `two_credentials`).
    """
    if query_string:
        _refuse_key_in_url(query_string)
    found = b""
    for name, value in headers:
        if name == b"authorization":
            value = _bearer(value)
        elif name == b"x-api-key":
            value = value.strip()
        else:
            continue
        if found and value and value != found:
            raise InvalidRequest(
                "The request carries two different credentials.",
                reason="two_credentials",
                hint="Send one of Authorization: Bearer and X-API-Key, once.",
            )
        found = found or value
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


def _refuse_key_in_url(query_string: bytes) -> None:
    names = {unquote_to_bytes(part.partition(b"=")[0]).lower() for part in re.split(rb"[&;]", query_string)}
    if names & _NAMES_OF_KEYS or _LOOKS_SECRET(unquote_to_bytes(query_string)):
        raise InvalidRequest(
            "A key does not belong in a URL: URLs are written to logs and histories.",
            reason="key_in_url",
            hint="Send it as Authorization: Bearer <key>, and rotate this key: it may have been seen.",
        )
