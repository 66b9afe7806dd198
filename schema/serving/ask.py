"""What a request asks, checked before anything is parsed as GraphQL: from the body of a POST or the URL of a GET."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import orjson

from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.headers import Headers
from publicgsb.schema.planning.limits import BODY_BYTES_MAX
from publicgsb.schema.serving.document_id import read_document_id
from publicgsb.schema.serving.slices import Names, parse_names

_JSON = b"application/json"
_OTHERS = (b'"operationName"', b'"extensions"', b'"documentId"')


class Malformed(InvalidRequest):
    """A request of another form than GraphQL over HTTP; `is_unreadable`: it could not even be taken apart."""

    def __init__(self, message: str, *, is_unreadable: bool = False) -> None:
        super().__init__(
            message, reason="body", hint='Send {"query": "…", "variables": {…}}, one operation per request.'
        )
        self.is_unreadable = is_unreadable


class Ask(NamedTuple):
    """`query` is empty when `sha256` (64 hex digits) names the document instead; both may be there."""

    query: str
    operation_name: str | None
    variables: Mapping[str, Any]
    sha256: str | None = None


async def read_body(headers: Headers, receive: Callable[[], Awaitable[Any]]) -> bytes:
    """At most 64 KiB; more is refused before it is read. Raises InvalidRequest (413, 415)."""
    length, content_type = headers.get(b"content-length"), headers.get(b"content-type", b"")
    if length is not None and not (length.isdigit() and int(length) <= BODY_BYTES_MAX):
        raise _too_large()
    if not is_json(content_type):
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


def is_json(content_type: bytes) -> bool:
    return content_type == _JSON or content_type.partition(b";")[0].strip().lower() == _JSON


def named_datasets(headers: Headers) -> Names | None:
    """The slice that GSB-Datasets names, None without the header. Raises InvalidRequest."""
    value = headers.get(b"gsb-datasets")
    return None if value is None else parse_names(value.decode("latin-1"))


def parse_ask(body: bytes) -> Ask:
    """Raises InvalidRequest for anything but one object of the GraphQL-over-HTTP form; a list is no batch here."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Malformed("The body is not JSON.", is_unreadable=True) from None
    if isinstance(found, list):
        raise Malformed("The body is a list; batches are not answered.")
    if not isinstance(found, dict):
        raise Malformed("The body is not a JSON object.")
    if _may_hold_twins(body, found):
        _refuse_twins(body)
    return ask_of(found)


def ask_of(found: Mapping[str, Any]) -> Ask:
    """The members of a request, each of its type; others are ignored. Raises InvalidRequest."""
    query, name, variables = found.get("query"), found.get("operationName"), found.get("variables")
    sha256 = None
    if "extensions" in found or "documentId" in found:
        if not isinstance(found.get("extensions"), dict | None):
            raise Malformed("`extensions` is not an object.")
        sha256 = read_document_id(found.get("documentId"), found.get("extensions") or {})
    if not isinstance(query, str) and not (query is None and sha256 is not None):
        raise Malformed("`query` is missing or not a string.")
    if name is not None and not isinstance(name, str):
        raise Malformed("`operationName` is not a string.")
    if variables is not None and not isinstance(variables, dict):
        raise Malformed("`variables` is not an object.")
    return Ask(query or "", name or None, variables or {}, sha256)


def _may_hold_twins(body: bytes, found: Mapping[str, Any]) -> bool:
    """Members can only be double when their name is there twice, or spelt with an escape."""
    if body.count(b'"query"') > 1 or body.count(b'"variables"') > 1 or b"\\u00" in body:
        return True
    has_others = len(found) > ("query" in found) + ("variables" in found)
    return has_others and any(body.count(name) > 1 for name in _OTHERS)


def _refuse_twins(body: bytes) -> None:
    """One of two members of a name would be dropped silently, and something on the way may have read the other."""
    names: list[str] = []  # in the end of the outermost object, which is complete last

    def note(members: list[tuple[str, Any]]) -> None:
        names[:] = [name for name, _ in members]

    try:
        json.loads(body, object_pairs_hook=note)
    except RecursionError:
        raise Malformed("The body is nested too deeply.") from None
    if len(set(names)) < len(names):
        raise Malformed("The body has two members of one name.")


def _too_large() -> InvalidRequest:
    return InvalidRequest(
        f"The body is larger than {BODY_BYTES_MAX} bytes.",
        status=413,
        reason="too_large",
        hint="Send long lists as variables, in several requests.",
    )
