"""Around every REST request: its id on the answer and on each log line, one access line, one count.

The data endpoint does the same for itself, without a wrapper on its way.
"""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from publicgsb.platform.kernel.errors import Internal
from publicgsb.platform.kernel.headers import RawHeaders
from publicgsb.platform.kernel.ids import RequestIds
from publicgsb.platform.server.errors import problem
from publicgsb.platform.server.logs import request_id
from publicgsb.platform.server.metrics import Metrics

log = logging.getLogger("publicgsb.access")

DATA_PATH = "/graphql"


def _notice(scope: Scope) -> RawHeaders:
    """What apikeys leaves for each answer to a key that was replaced."""
    notice: RawHeaders = scope.get("state", {}).get("notice", ())
    return notice


class RequestFrame:
    """Pure ASGI middleware: BaseHTTPMiddleware would break streamed files."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._ids = RequestIds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = self._ids.next()
        named = (b"x-request-id", name.encode())
        token = request_id.set(name)
        began = time.perf_counter()
        status = 500
        has_begun = False

        async def send_with_id(message: Message) -> None:
            nonlocal status, has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), *_notice(scope), named]}
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            # Here and not in an exception handler: Starlette would answer outside this frame, without the id.
            log.exception("request failed")
            if has_begun:
                raise
            await problem(Internal("Something broke on our side.", hint="Tell us the request id."))(
                scope, receive, send_with_id
            )
        finally:
            ms = round((time.perf_counter() - began) * 1000, 1)
            self._metrics.rest(status)
            log.info("%s %s", scope["method"], scope["path"], extra={"status": status, "ms": ms})
            request_id.reset(token)
