"""Answers as bytes: JSON that PostgreSQL made is spliced in, and nothing is parsed again on the way out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from publicgsb.platform.kernel.errors import GsbError
from publicgsb.schema.planning.model import Plan, RootRef, StaticRef
from publicgsb.schema.planning.refusal import RefusedDocument
from publicgsb.schema.serving.method import MethodRefused
from publicgsb.schema.serving.profile import HttpProfile


class Answer(NamedTuple):
    """`entity` names the answer for callers that keep it; None for what is not to be kept."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    entity: bytes | None = None


def data_answer(
    plan: Plan,
    roots: Mapping[int, bytes],
    static: Mapping[str, Any],
    errors: Sequence[Mapping[str, Any]],
    extensions: bytes,
) -> bytes:
    """{"data": …, "errors": …, "extensions": …}; a root field not in `roots` is null, bytes are JSON already."""
    pieces: list[bytes] = [b'{"data":']
    for segment in plan.template:
        if isinstance(segment, bytes):
            pieces.append(segment)
        elif isinstance(segment, RootRef):
            pieces.append(roots.get(segment.index, b"null"))
        elif isinstance(segment, StaticRef):
            value = static.get(segment.name)
            pieces.append(value if isinstance(value, bytes) else orjson.dumps(value))
    if errors:
        pieces += [b',"errors":', orjson.dumps(errors)]
    pieces += [b',"extensions":', extensions, b"}"]
    return b"".join(pieces)


def extensions(requested: int, actual: int, remaining: int, receipt: bytes, terms: bytes, request_id: str) -> bytes:
    """`terms` is a member of its own, or nothing."""
    return b'{"cost":{"requested":%d,"actual":%d,"remaining":%d},"receipt":%b%b,"requestId":"%b"}' % (
        requested,
        actual,
        remaining,
        receipt,
        terms,
        request_id.encode(),
    )


def lasting_extensions(receipt: bytes, terms: bytes) -> bytes:
    """Of an answer to GET: only what stays true of it, so that its bytes do."""
    return b'{"receipt":%b%b}' % (receipt, terms)


def cost_header(requested: int, actual: int, remaining: int) -> tuple[bytes, bytes]:
    """A structured field (RFC 9651)."""
    return b"gsb-cost", b"requested=%d, actual=%d, remaining=%d" % (requested, actual, remaining)


def refusal(error: GsbError, request_id: str, media: bytes, profile: HttpProfile = HttpProfile.AUDITED) -> Answer:
    """The errors and nothing else; the status is the profile's."""
    status = profile.refused(error, media)
    if isinstance(error, RefusedDocument):
        errors: Iterable[Any] = error.as_graphql_list(request_id)
    else:
        errors = [error.as_graphql(request_id)]
    headers: list[tuple[bytes, bytes]] = []
    if error.retry_after_seconds is not None:
        headers.append((b"retry-after", str(error.retry_after_seconds).encode()))
    if status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="publicgsb"'))
    if isinstance(error, MethodRefused):
        headers.append((b"allow", error.allowed))
    return Answer(status, orjson.dumps({"errors": errors}), tuple(headers))
