"""The body of a GraphQL request, read and checked before anything is parsed as GraphQL."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.limits import BODY_BYTES_MAX
from publicgsb.schema.serving.slices import Names, parse_names

_JSON = b"application/json"


class Ask(NamedTuple):
    query: str
    operation_name: str | None
    variables: Mapping[str, Any]


async def read_body(headers: Iterable[tuple[bytes, bytes]], receive: Callable[[], Awaitable[Any]]) -> bytes:
    """At most 64 KiB; more is refused before it is read. Raises InvalidRequest (413, 415)."""
    content_type = b""
    for name, value in headers:
        if name == b"content-type":
            content_type = value
        elif name == b"content-length" and not (value.isdigit() and int(value) <= BODY_BYTES_MAX):
            raise _too_large()
    if content_type.partition(b";")[0].strip().lower() != _JSON:
        raise InvalidRequest(
            "The body is not application/json.",
            status=415,
            reason="media_type",
            hint='Send a JSON object {"query": "…"} with Content-Type: application/json.',
        )
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body", False):
        if len(body) > BODY_BYTES_MAX:
            raise _too_large()
        message = await receive()
        body += message.get("body", b"")
    if len(body) > BODY_BYTES_MAX:
        raise _too_large()
    return body


def named_datasets(headers: Iterable[tuple[bytes, bytes]]) -> Names | None:
    """The slice that GSB-Datasets names, None without the header. Raises InvalidRequest."""
    for name, value in headers:
        if name == b"gsb-datasets":
            return parse_names(value.decode("latin-1"))
    return None


def parse_ask(body: bytes) -> Ask:
    """Raises InvalidRequest for anything but one object of the GraphQL-over-HTTP form; a list is no batch here."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _malformed("The body is not JSON.") from None
    if isinstance(found, list):
        raise _malformed("The body is a list; batches are not answered.")
    if not isinstance(found, dict):
        raise _malformed("The body is not a JSON object.")
    query, name, variables = found.get("query"), found.get("operationName"), found.get("variables")
    if not isinstance(query, str):
        raise _malformed("`query` is missing or not a string.")
    if name is not None and not isinstance(name, str):
        raise _malformed("`operationName` is not a string.")
    if variables is not None and not isinstance(variables, dict):
        raise _malformed("`variables` is not an object.")
    if not isinstance(found.get("extensions") or {}, dict):
        raise _malformed("`extensions` is not an object.")
    return Ask(query, name or None, variables or {})


def _malformed(message: str) -> InvalidRequest:
    return InvalidRequest(
        message, reason="body", hint='Send {"query": "…", "variables": {…}}, one operation per request.'
    )


def _too_large() -> InvalidRequest:
    return InvalidRequest(
        f"The body is larger than {BODY_BYTES_MAX} bytes.",
        status=413,
        reason="too_large",
        hint="Send long lists as variables, in several requests.",
    )
