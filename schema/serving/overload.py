"""The answer to whoever is refused because a worker is full: bytes made beforehand, but for the request's id.

Most of those who are refused ask again with the head that they had before, which is read once.
"""

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from publicgsb.platform.kernel.errors import InvalidRequest, Unavailable
from publicgsb.platform.kernel.headers import by_name
from publicgsb.platform.kernel.plain_request import HEAD_END, whole_request
from publicgsb.schema.serving.admission import RETRY_AFTER_SECONDS, too_busy
from publicgsb.schema.serving.heads import Heads
from publicgsb.schema.serving.negotiation import GRAPHQL_RESPONSE, NO_WISHES, PLAIN_JSON, read_wishes
from publicgsb.schema.serving.profile import HttpProfile

_ID = "req_" + "0" * 20


class _Head(NamedTuple):
    media: bytes
    body_bytes: int


class Refusals:
    """Whole HTTP/1.1 answers to POST."""

    def __init__(self, profile: HttpProfile) -> None:
        self._made = {
            media: [_pieces(too_busy(number), media, profile) for number in range(len(RETRY_AFTER_SECONDS))]
            for media in (PLAIN_JSON, GRAPHQL_RESPONSE)
        }
        self._heads = Heads[_Head]()
        self._more: Sequence[tuple[bytes, bytes]] = ()
        self._added = b""  # the lines of those

    def media(self, data: bytes) -> bytes | None:
        """Of the refusal of a request that `data` is; None when it is not a whole plain one and nothing else."""
        head, end, body = data.partition(HEAD_END)
        if not end:  # more of the head may come
            return None
        name = self._heads.name(head)
        known = self._heads.find(name)
        if known is None:
            known = _read(data, len(body))
            if known is not None:
                self._heads.keep(name, known)
        return known.media if known is not None and known.body_bytes == len(body) else None

    def answer(self, number: int, media: bytes, request_id: str, more: Sequence[tuple[bytes, bytes]]) -> bytes:
        """`more` are headers that the server adds to every answer: the same list for a second, and never changed."""
        if more is not self._more:
            self._more, self._added = more, b"".join([b"%b: %b\r\n" % one for one in more])
        made = self._made[media]
        status, headers, body, rest = made[number % len(made)]
        name = request_id.encode()
        return b"".join((status, self._added, headers, name, b"\r\n\r\n", body, name, rest))


def _read(data: bytes, body_bytes: int) -> _Head | None:
    raw = whole_request(data)
    if raw is None:
        return None
    headers = by_name(raw)
    if b"origin" in headers:  # whether a page may read it is said the usual way
        return None
    try:
        return _Head(read_wishes(headers).media, body_bytes)
    except InvalidRequest:
        return _Head(NO_WISHES.media, body_bytes)


def _pieces(error: Unavailable, media: bytes, profile: HttpProfile) -> tuple[bytes, bytes, bytes, bytes]:
    """Status, headers up to the id of the request, and the body before and after it."""
    body = orjson.dumps({"errors": [error.as_graphql(_ID)]})
    status = profile.refused(error, media)
    headers = b"retry-after: %d\r\ncontent-type: %b; charset=utf-8\r\ncontent-length: %d\r\nx-request-id: " % (
        error.retry_after_seconds or 1,
        profile.media(status, media),
        len(body),
    )
    before, _, after = body.partition(_ID.encode())
    return b"HTTP/1.1 %d Service Unavailable\r\n" % status, headers, before, after
