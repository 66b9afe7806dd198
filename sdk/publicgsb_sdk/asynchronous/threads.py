"""What threads of a download ask of the loop they were begun in. `../threads.py` is the same where there is none."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, TypeVar, cast

import httpx2

Value = TypeVar("Value")


def blocking(work: Callable[[], Awaitable[Value]]) -> Callable[[], Value]:
    """The work as a thread can call it: it is done in the loop that runs now."""
    import asyncio  # noqa: PLC0415 - as in deadline.py

    loop = asyncio.get_running_loop()

    async def done() -> Value:
        return await work()

    return lambda: asyncio.run_coroutine_threadsafe(done(), loop).result()


class Streams:
    """The connections of an asynchronous client, with its proxies and certificates, for threads beside its loop."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        import asyncio  # noqa: PLC0415

        self._http = http
        self._loop = asyncio.get_running_loop()

    @contextmanager
    def stream(self, method: str, url: str, **options: Any) -> Generator["Stream", None, None]:
        """As of `httpx2.Client.stream`."""
        context = self._http.stream(method, url, **options)
        read = Stream(self._do(context.__aenter__()), self._do)
        try:
            yield read
        finally:
            self._do(read.end(context))

    def _do(self, work: Coroutine[Any, Any, Value]) -> Value:
        import asyncio  # noqa: PLC0415

        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


class Stream:
    """A response that a thread reads."""

    def __init__(self, response: httpx2.Response, do: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self.status_code = response.status_code
        self.headers = response.headers
        self._response = response
        self._do = do
        self._chunks: AsyncGenerator[bytes, None] | None = None

    def iter_raw(self) -> Iterator[bytes]:
        """Bytes as they come."""
        return self._all(self._response.aiter_raw())

    def iter_bytes(self) -> Iterator[bytes]:
        """The same, unpacked."""
        return self._all(self._response.aiter_bytes())

    async def end(self, context: AbstractAsyncContextManager[httpx2.Response]) -> None:
        """In the loop: what was not read to its end is let go, and then the response."""
        if self._chunks is not None:
            await self._chunks.aclose()
        await context.__aexit__(None, None, None)

    def _all(self, chunks: AsyncIterator[bytes]) -> Iterator[bytes]:
        self._chunks = cast("AsyncGenerator[bytes, None]", chunks)  # which is what httpx2 gives
        while (chunk := self._do(_following(chunks))) is not None:
            yield chunk


async def _following(chunks: AsyncIterator[bytes]) -> bytes | None:
    return await anext(chunks, None)


def streams(http: httpx2.AsyncClient) -> Streams:
    """The connections as a download uses them."""
    return Streams(http)
