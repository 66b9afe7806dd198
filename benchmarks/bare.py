"""For orientation: ASGI itself. Reads the request, answers that many bytes, does nothing else."""

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

import uvicorn

from benchmarks.uvicorn_options import UVICORN

Message: TypeAlias = MutableMapping[str, Any]


class Bare:
    """POST /<size>."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        while (await receive()).get("more_body", False):
            pass
        path = scope["path"]
        body = self._bodies.get(path)
        if body is None:
            body = self._bodies[path] = b"x" * int(path[1:])
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def main() -> None:
    uvicorn.run(Bare(), port=int(sys.argv[1]), lifespan="off", **UVICORN)


if __name__ == "__main__":
    main()
