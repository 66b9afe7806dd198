"""The mock in the place of a network: httpx2 asks it, and no socket is opened."""

from collections.abc import Callable

import httpx2

from publicgsb_sdk.testing.serving import Reply


class MockTransport(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """For clients of both kinds."""

    def __init__(self, answer: Callable[[httpx2.Request, bytes], Reply]) -> None:
        self._answer = answer

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._answered(request, request.read())

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._answered(request, await request.aread())

    def _answered(self, request: httpx2.Request, body: bytes) -> httpx2.Response:
        reply = self._answer(request, body)
        headers = {**reply.headers, "content-type": reply.media_type, "content-length": str(len(reply.body))}
        return httpx2.Response(reply.status, headers=headers, stream=httpx2.ByteStream(reply.body), request=request)
