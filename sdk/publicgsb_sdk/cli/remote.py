"""Routes of the service that the library has no name for: one small door, and the retries and errors of the library."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx2

from publicgsb_sdk.answers import Answer, read_error, read_json
from publicgsb_sdk.cli.library import Call, Line, Rule, Times, Transport
from publicgsb_sdk.errors import ConnectionFailed, DeadlineExceeded
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

    def send_file(
        self,
        method: str,
        path: str,
        file: Path,
        headers: Mapping[str, str],
    ) -> Any:
        """A file as the body, from the disk and once: what the answer says."""
        timeout = httpx2.Timeout(self._times.timeout_seconds, write=None, read=self._times.deadline_seconds)
        sent = {**self.headers, **headers, "content-length": str(file.stat().st_size), "accept": "application/json"}
        try:
            response = self.http.request(method, self.url + path, headers=sent, content=_pieces(file), timeout=timeout)
        except httpx2.TimeoutException as late:
            raise DeadlineExceeded("The service did not answer in time to the file that was sent.") from late
        except httpx2.HTTPError as broken:
            raise ConnectionFailed(
                f"The file did not reach {self.url} ({type(broken).__name__}).",
                hint="The same command with the same --idempotency-key hands it in once.",
            ) from broken
        answer = Answer(
            response.status_code, {name.lower(): value for name, value in response.headers.items()}, response.content
        )
        if answer.status >= 300:
            raise read_error(answer)
        return read_json(answer)


def with_query(path: str, query: Mapping[str, Any]) -> str:
    """A path with what is given of its query."""
    given = {name: value for name, value in query.items() if value not in (None, (), [])}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def segment(text: str) -> str:
    """A name as one part of a path, whatever was typed."""
    return quote(text, safe="")


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(CHUNK_BYTES):
            yield piece
