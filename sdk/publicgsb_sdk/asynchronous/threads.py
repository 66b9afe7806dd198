"""What threads of a download ask of the loop they were begun in. `../threads.py` is the same where there is none."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx2

Value = TypeVar("Value")


def blocking(work: Callable[[], Awaitable[Value]]) -> Callable[[], Value]:
    """The work as a thread can call it: it is done in the loop that runs now."""
    loop = asyncio.get_running_loop()

    async def done() -> Value:
        return await work()

    return lambda: asyncio.run_coroutine_threadsafe(done(), loop).result()


class Streams:
    """The connections of an asynchronous client, with its proxies and certificates, for threads beside its loop."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http
        self._loop = asyncio.get_running_loop()

    @contextmanager
    def stream(self, method: str, url: str, **options: Any) -> Generator["Stream", None, None]:
        """As of `httpx2.Client.stream`."""
        context = self._http.stream(method, url, **options)
        response = self._do(context.__aenter__())
        try:
            yield Stream(response, self._do)
        finally:
            self._do(context.__aexit__(None, None, None))

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


class Stream:
    """A response that a thread reads."""

    def __init__(self, response: httpx2.Response, do: Callable[[Any], Any]) -> None:
        self.status_code = response.status_code
        self.headers = response.headers
        self._response = response
        self._do = do

    def iter_raw(self) -> Iterator[bytes]:
        """Bytes as they come."""
        return self._all(self._response.aiter_raw())

    def iter_bytes(self) -> Iterator[bytes]:
        """The same, unpacked."""
        return self._all(self._response.aiter_bytes())

    def _all(self, chunks: Any) -> Iterator[bytes]:
        while (chunk := self._do(anext(chunks, None))) is not None:
            yield chunk


def streams(http: httpx2.AsyncClient) -> Streams:
    """The connections as a download uses them."""
    return Streams(http)
