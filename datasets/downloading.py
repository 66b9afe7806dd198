"""A release's file on its way to whoever asked: metered before each byte, and ended exactly once."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Protocol

from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from publicgsb.datasets.registry import DatasetEntry, ReleaseRef
from publicgsb.platform.kernel.caller import Caller

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"
# For one chunk to leave: a client that reads nothing would keep a download's place and its connection for ever. At
# CHUNK_BYTES that is 4 KiB a second, slower than any line that is worth waiting for.
SEND_SECONDS = 60.0

log = logging.getLogger(__name__)


class Download(Protocol):
    """One download under way."""

    async def reach(self, total: int) -> None:
        """Called before byte `total` is handed out; raises QuotaExhausted when the day's bytes are used."""
        ...

    def end(self, total: int, *, is_whole: bool) -> None:
        """Once, with what was handed out, also to a client that left halfway. Never fails and never waits."""
        ...


class Meter(Protocol):
    """Who may download how much; quotas answers, by way of the platform."""

    async def begin(
        self, caller: Caller | None, entry: DatasetEntry, release: ReleaseRef, name: str, size: int | None = None
    ) -> Download:
        """`name` is that of the very bytes: what was downloaded before is of known size, and so is what comes with its
        `size`, which may be a part of them. Raises QuotaExhausted.
        """
        ...


async def while_readable(chunks: AsyncGenerator[bytes, None], check: Callable[[], None]) -> AsyncGenerator[bytes, None]:
    """`check` is called before each chunk, and raises when the release may be read no longer."""
    try:
        async for chunk in chunks:
            check()
            yield chunk
    finally:
        await chunks.aclose()


async def file_response(
    download: Download,
    chunks: AsyncGenerator[bytes, None],
    headers: Mapping[str, str],
    *,
    status: int = 200,
    media_type: str = MEDIA_TYPE,
) -> StreamingResponse:
    """Raises what goes wrong before the first chunk: a database that is away is still said by the status."""
    try:
        first = await anext(chunks)
        await download.reach(len(first))
    except BaseException:
        await chunks.aclose()
        download.end(0, is_whole=False)
        raise
    return _FileResponse(download, first, chunks, headers, status, media_type)


class _FileResponse(StreamingResponse):
    """Ends with an error rather than short.

    The end is the response's and not the body's: of a client that left before the first byte the body never begins,
    and what never began runs no `finally`.
    """

    def __init__(
        self,
        download: Download,
        first: bytes,
        chunks: AsyncGenerator[bytes, None],
        headers: Mapping[str, str],
        status: int,
        media_type: str,
    ) -> None:
        self._download = download
        self._chunks = chunks
        self._sent = 0
        self._is_whole = False
        super().__init__(self._body(first), status, headers, media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_late = False

        async def sent_in_time(message: Message) -> None:
            nonlocal is_late
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await send(message)
            except TimeoutError:
                is_late = True
                raise

        try:
            await super().__call__(scope, receive, sent_in_time)
        except (TimeoutError, ClientDisconnect):
            if not is_late:
                raise
            log.warning("a client reads nothing of its file", extra={"bytes": self._sent})  # the server then closes
        finally:
            self._download.end(self._sent, is_whole=self._is_whole)
            await self._chunks.aclose()

    async def _body(self, first: bytes) -> AsyncGenerator[bytes, None]:
        self._sent = len(first)
        yield bytes(first)
        async for chunk in self._chunks:
            await self._download.reach(self._sent + len(chunk))
            self._sent += len(chunk)
            yield bytes(chunk)
        self._is_whole = True
