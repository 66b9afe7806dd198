"""A made file over HTTP: whole, in part, in several parts, or not at all because the client has it (RFC 9110, 9530).

Each answer is metered by the bytes of its body, before they are sent.
"""

import secrets
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import TypeAlias

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from publicgsb.datasets.downloading import Download, file_response, while_readable
from publicgsb.datasets.exports import content as contents
from publicgsb.datasets.exports.content import Content
from publicgsb.datasets.exports.model import MEDIA_TYPES
from publicgsb.datasets.exports.objects import Objects
from publicgsb.datasets.exports.ranges import Range, UnsatisfiableError, wanted
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.etags import is_known

Begin: TypeAlias = Callable[[int], Awaitable[Download]]  # with the bytes of the body


def etag_of(content: Content) -> str:
    """Strong: it names the bytes."""
    return f'"sha256-{content.sha256}"'


async def answer(
    request: Request,
    objects: Objects,
    content: Content,
    made_at: datetime,
    more: Mapping[str, str],
    begin: Begin,
    check: Callable[[], None],
) -> Response:
    """`more` are headers of every answer but the refusals. Raises what `begin` raises, and 412 and 416.

    `check` raises once the release may be read no longer: what is under way breaks off.
    """
    etag, asked = etag_of(content), request.headers
    digest = b64encode(bytes.fromhex(content.sha256)).decode()
    modified = format_datetime(made_at.replace(microsecond=0), usegmt=True)
    headers = {**more, "ETag": etag, "Repr-Digest": f"sha-256=:{digest}:", "Last-Modified": modified}
    _check_if_match(asked.get("if-match"), etag)
    if is_known(asked.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    headers |= {"Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff"}
    media_type = MEDIA_TYPES[content.format]
    if request.method == "HEAD":
        return Response(headers={**headers, "Content-Length": str(content.size)}, media_type=media_type)
    ranges = _ranges(asked, content, etag, modified)
    if ranges is None:
        ranges, status = (Range(0, content.size),), 200
    else:
        status = 206
    if len(ranges) == 1:
        if status == 206:
            headers["Content-Range"] = f"bytes {ranges[0].start}-{ranges[0].end - 1}/{content.size}"
        pieces = tuple(content.between(ranges[0].start, ranges[0].end))
    else:
        boundary = secrets.token_hex(16)
        pieces = _multipart(content, ranges, boundary, media_type)
        media_type = f"multipart/byteranges; boundary={boundary}"
    size = sum(len(one) if isinstance(one, bytes) else one.end - one.start for one in pieces)
    headers["Content-Length"] = str(size)
    chunks = while_readable(contents.read(objects, pieces), check)
    return await file_response(await begin(size), chunks, headers, status=status, media_type=media_type)


def _check_if_match(header: str | None, etag: str) -> None:
    if header is None or header.strip() == "*" or etag in {one.strip() for one in header.split(",")}:
        return
    raise InvalidRequest("The file is not the one that If-Match names.", status=412, reason="if_match")


def _ranges(asked: Headers, content: Content, etag: str, modified: str) -> tuple[Range, ...] | None:
    """None: all of it, also for a client that has a part of something else."""
    if "if-range" in asked and not _is_same(asked["if-range"], etag, modified):
        return None
    try:
        return wanted(asked.get("range"), content.size)
    except UnsatisfiableError:
        raise InvalidRequest(
            f"The file has {content.size} bytes, and none of what was asked for, or too many ranges were.",
            status=416,
            reason="range",
            headers={"Content-Range": f"bytes */{content.size}"},
        ) from None


def _is_same(if_range: str, etag: str, modified: str) -> bool:
    """A strong tag, or the very date; a weak tag is never the same (RFC 9110, section 13.1.5)."""
    if if_range.strip() == etag:
        return True
    try:
        return parsedate_to_datetime(if_range) == parsedate_to_datetime(modified)
    except (ValueError, OverflowError):  # of a year, or a distance from UTC, that no date has
        return False


def _multipart(
    content: Content, ranges: Sequence[Range], boundary: str, media_type: str
) -> tuple[bytes | contents.Slice, ...]:
    pieces: list[bytes | contents.Slice] = []
    for one in ranges:
        head = (
            f"\r\n--{boundary}\r\nContent-Type: {media_type}\r\n"
            f"Content-Range: bytes {one.start}-{one.end - 1}/{content.size}\r\n\r\n"
        )
        pieces += [head.encode(), *content.between(one.start, one.end)]
    return (*pieces, f"\r\n--{boundary}--\r\n".encode())
