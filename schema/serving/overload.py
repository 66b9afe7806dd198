"""The answer to whoever is refused because a worker is full: bytes made beforehand, but for the request's id."""

from collections.abc import Iterable

import orjson

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.schema.serving.admission import RETRY_AFTER_SECONDS, too_busy
from publicgsb.schema.serving.negotiation import GRAPHQL_RESPONSE, PLAIN_JSON
from publicgsb.schema.serving.profile import HttpProfile

_ID = "req_" + "0" * 20


class Refusals:
    """Whole HTTP/1.1 answers to POST."""

    def __init__(self, profile: HttpProfile) -> None:
        self._made = {
            media: [_pieces(too_busy(number), media, profile) for number in range(len(RETRY_AFTER_SECONDS))]
            for media in (PLAIN_JSON, GRAPHQL_RESPONSE)
        }

    def answer(self, number: int, media: bytes, request_id: str, more: Iterable[tuple[bytes, bytes]]) -> bytes:
        """`more` are headers that the server adds to every answer."""
        made = self._made[media]
        status, headers, body, rest = made[number % len(made)]
        name = request_id.encode()
        added = b"".join([b"%b: %b\r\n" % one for one in more])
        return b"".join((status, added, headers, name, b"\r\n\r\n", body, name, rest))


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
