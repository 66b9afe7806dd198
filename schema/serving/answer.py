"""Answers as bytes: JSON that PostgreSQL made is spliced in, and nothing is parsed again on the way out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from publicgsb.platform.kernel.errors import GsbError, InvalidRequest
from publicgsb.schema.planning.model import Plan, RootRef, StaticRef
from publicgsb.schema.planning.refusal import RefusedDocument

GRAPHQL_RESPONSE = b"application/graphql-response+json"
PLAIN_JSON = b"application/json"


class Answer(NamedTuple):
    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


def negotiate(accept: bytes) -> bytes:
    """The media type of the answer (GraphQL over HTTP). Raises InvalidRequest (406) when neither will do."""
    wildcard = not accept
    for part in accept.split(b","):
        media, _, parameters = part.partition(b";")
        media = media.strip().lower()
        if b"q=0" in parameters.replace(b" ", b"").split(b";") or b"q=0.0" in parameters:
            continue
        if media in (GRAPHQL_RESPONSE, PLAIN_JSON):
            return media
        wildcard |= media in (b"*/*", b"application/*")
    if wildcard:
        return PLAIN_JSON
    raise InvalidRequest(
        "No media type that was asked for can be made here.",
        status=406,
        reason="accept",
        hint="Accept application/graphql-response+json or application/json.",
    )


def data_answer(
    plan: Plan,
    roots: Mapping[int, bytes],
    static: Mapping[str, Any],
    errors: Sequence[Mapping[str, Any]],
    extensions: bytes,
) -> bytes:
    """{"data": …, "errors": …, "extensions": …}; a root field that is not in `roots` is null."""
    pieces: list[bytes] = [b'{"data":']
    for segment in plan.template:
        if isinstance(segment, bytes):
            pieces.append(segment)
        elif isinstance(segment, RootRef):
            pieces.append(roots.get(segment.index, b"null"))
        elif isinstance(segment, StaticRef):
            pieces.append(orjson.dumps(static.get(segment.name)))
    if errors:
        pieces += [b',"errors":', orjson.dumps(errors)]
    pieces += [b',"extensions":', extensions, b"}"]
    return b"".join(pieces)


def extensions(requested: int, actual: int, remaining: int, receipt: bytes, request_id: str) -> bytes:
    return b'{"cost":{"requested":%d,"actual":%d,"remaining":%d},"receipt":%b,"requestId":"%b"}' % (
        requested,
        actual,
        remaining,
        receipt,
        request_id.encode(),
    )


def refusal(error: GsbError, request_id: str, media: bytes) -> Answer:
    """Errors of the document are 200 where plain JSON was negotiated (the audits of graphql-http want that)."""
    if isinstance(error, RefusedDocument):
        errors: Iterable[Any] = error.as_graphql_list(request_id)
        status = 200 if media == PLAIN_JSON else error.http_status
    else:
        errors, status = [error.as_graphql(request_id)], error.http_status
    headers: list[tuple[bytes, bytes]] = []
    if error.retry_after_seconds is not None:
        headers.append((b"retry-after", str(error.retry_after_seconds).encode()))
    if status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="publicgsb"'))
    if status == 405:
        headers.append((b"allow", b"POST"))
    return Answer(status, orjson.dumps({"errors": errors}), tuple(headers))
