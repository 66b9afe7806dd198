"""Routes of the service that the library has no name for: one small door, and the retries and errors of the library."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx2

from publicgsb_sdk.answers import Answer, read_json
from publicgsb_sdk.cli.library import Call, Line, Rule, Times, Transport, with_query
from publicgsb_sdk.version import __version__

CHUNK_BYTES = 1 << 20
RETRIES = 2


class Remote:
    """One service, asked as one credential or as nobody."""

    def __init__(self, url: str, credential: str | None, http: httpx2.Client, times: Times) -> None:
        self.url = url
        self.http = http
        self.headers = {"user-agent": f"pgsb/{__version__}"}
        if credential:
            self.headers["authorization"] = f"Bearer {credential}"
        self._times = times
        self._transport = Transport(http, url, self.headers, times, Rule(RETRIES))

    def get(self, path: str, **query: Any) -> Any:
        """A document; `None` in the query is left out."""
        return read_json(self.answer("GET", with_query(path, query)))

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What is not said to be safe is never sent twice."""
        return read_json(self.answer("POST", path, body or {}, is_safe=False))

    def delete(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Done twice it does no harm."""
        return read_json(self.answer("DELETE", path, body))

    def answer(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        is_safe: bool = True,
        prefer: str | None = None,
        accept: str = "application/json",
    ) -> Answer:
        """The whole answer, with its headers and bytes."""
        content = None if body is None else json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        return self._transport.send(Call(method, path, content, accept=accept, is_safe=is_safe, prefer=prefer))

    def line(self) -> Line:
        """How files are fetched: as long as bytes come."""
        return self._transport.line(None)


def segment(text: str) -> str:
    """A name as one part of a path, whatever was typed."""
    return quote(text, safe="")
