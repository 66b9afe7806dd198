"""An application asked over ASGI without a client, so that nothing but its own work is measured."""

import asyncio
import json
from collections.abc import Mapping, MutableMapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from starlette.types import ASGIApp

from tests.app import GRAPHQL
from tests.attacks.attack import Attack

# A caller that wants subscriptions, as ASGI tells of it.
WEBSOCKET: Mapping[str, Any] = {
    "type": "websocket", "path": "/graphql", "raw_path": b"/graphql", "root_path": "", "query_string": b"",
    "headers": [(b"sec-websocket-protocol", b"graphql-transport-ws")], "scheme": "ws", "http_version": "1.1",
    "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "subprotocols": ["graphql-transport-ws"],
}  # fmt: skip


class Answered(NamedTuple):
    status: int
    body: bytes

    @property
    def code(self) -> str | None:
        """Of its first error. Reading 10 MB of introspection is not for whoever measures the answer."""
        errors = json.loads(self.body).get("errors") if b'"errors":[' in self.body else None
        return errors[0]["extensions"]["code"] if errors else None


class Direct:
    """One caller with one key."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._key = key
        self.answering = 0  # answers that have begun and were not read to their end

    async def send(self, attack: Attack, number: int) -> Answered:
        return await self._send(attack.attempt(number))

    async def post(self, document: str, variables: Mapping[str, Any], unread: asyncio.Event) -> Answered:
        """A caller that reads nothing of its answer until `unread` is set."""
        body = json.dumps({"query": document, "variables": variables})
        asked = {"method": "POST", "content": body, "headers": {"content-type": "application/json"}}
        return await self._send(asked, unread)

    async def _send(self, asked: dict[str, Any], unread: asyncio.Event | None = None) -> Answered:
        content = asked.get("content") or b""
        body = content.encode() if isinstance(content, str) else content
        headers = {"authorization": f"Bearer {self._key}", "accept": GRAPHQL, **asked["headers"]}
        if asked["method"] == "POST":
            headers["content-length"] = str(len(body))
        scope = {
            "type": "http", "http_version": "1.1", "method": asked["method"], "path": "/graphql",
            "raw_path": b"/graphql",
            "query_string": urlencode(asked.get("params") or {}).encode(), "root_path": "", "scheme": "http",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", 8_000),
        }  # fmt: skip
        return await self._ask(scope, body, unread)

    async def _ask(self, scope: dict[str, Any], body: bytes, unread: asyncio.Event | None) -> Answered:
        status = 0
        parts: list[bytes] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)
            if unread is not None and message["type"] == "http.response.body":
                self.answering += 1
                await unread.wait()
                self.answering -= 1
            parts.append(message.get("body", b""))

        await self._app(scope, receive, send)
        return Answered(status, b"".join(parts))
