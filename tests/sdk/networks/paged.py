"""A service on loopback that answers a walk page by page, signed, and breaks at each request as it is told."""

import json
import random
import socket
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from publicgsb_sdk.question import question_hash

Row: TypeAlias = dict[str, Any]

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = urlsafe_b64encode(PRIVATE.public_key().public_bytes_raw()).rstrip(b"=").decode()
KEYS = {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "ours", "x": PUBLIC}]}
CONTRACT: dict[str, Any] = {
    "agency": "aviation",
    "dataset": "airports",
    "contract": {
        "version": "1.0.0",
        "recordName": "Airport",
        "listName": "airports",
        "access": "open",
        "fields": [
            {"name": "icao", "apiName": "icao", "type": "string"},
            {"name": "name_fa", "apiName": "nameFa", "type": "string"},
            {"name": "runway_count", "apiName": "runwayCount", "type": "integer"},
        ],
    },
}
# What the line or the service does to one request.
FAULTS = {
    "cut": "breaks off in the middle of the answer",
    "reset": "resets the connection in the middle of the answer",
    "lost": "loses the whole answer",
    "truncated": "hands on half of the answer as if it were all",
    "stall": "stops in the middle, and never goes on",
    "flip": "flips one bit of the answer",
    "stale": "gives an earlier answer again, as a broken cache does",
    "broken": "answers 500",
    "busy": "answers 503 with Retry-After",
    "limited": "answers 429 with Retry-After",
    "page": "answers 502 with a page of a proxy",
    "release": "a new release becomes current",
    "recall": "the release that is being walked is recalled",
    "gone": "the release that is being walked passes its retention",
}
REFUSALS = {
    "broken": (500, "INTERNAL"),
    "busy": (503, "UNAVAILABLE"),
    "limited": (429, "RATE_LIMITED"),
}
STALL_SECONDS = 30.0


def rows_of(release: int, count: int) -> list[Row]:
    """Each release has other values under the same keys."""
    chance = random.Random(f"{release} {count}")
    return [
        {"icao": f"{at:04}", "nameFa": f"فرودگاه {release}-{at}", "runwayCount": chance.randrange(9)}
        for at in range(count)
    ]


@dataclass
class Paged:
    """Its releases, what it will do wrong, and what it did."""

    releases: dict[int, list[Row]]
    faults: list[str | None]
    current: int = 1
    refused: dict[int, str] = field(default_factory=dict)  # releases that nobody reads any more, and the code
    done: list[str] = field(default_factory=list)  # faults that came to be
    answers: list[tuple[bytes, str]] = field(default_factory=list)
    url: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_fault(self) -> str | None:
        with self.lock:
            fault = self.faults.pop(0) if self.faults else None
            if fault == "release" and self.current + 1 not in self.releases:
                fault = None
            if fault == "stale" and not self.answers:
                fault = None
            if fault is not None:
                self.done.append(fault)
            return fault


@contextmanager
def paged(rows: int, faults: list[str | None]) -> Iterator[Paged]:
    """Serves until the end of the block; the third release is the last."""
    state = Paged({seq: rows_of(seq, rows + 7 * (seq - 1)) for seq in (1, 2, 3)}, list(faults))

    class Handler(_Handler):
        world = state

    server = _Server(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has left is no news: many do, and that is what is tried."""


class _Handler(BaseHTTPRequestHandler):
    world: Paged

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_GET(self) -> None:
        release = {
            "seq": self.world.current,
            "rows": 1,
            "sha256": "ab",
            "asOf": None,
            "publishedAt": "2026-11-01T10:00Z",
        }
        self._send(200, json.dumps(CONTRACT | {"release": release}).encode())

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        fault = self.world.next_fault()
        if fault in REFUSALS:
            status, code = REFUSALS[fault]
            self._refuse(status, code, {"Retry-After": "0"} if fault != "broken" else {})
        elif fault == "page":
            self._send(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"})
        elif fault == "lost":
            self.close_connection = True
        else:
            self._answer(asked, fault)

    def _answer(self, asked: Row, fault: str | None) -> None:
        world, variables = self.world, asked.get("variables", {})
        release, begin = _place(variables.get("after"), world.current)
        if fault == "release":
            world.current += 1
        if fault in ("recall", "gone"):
            world.refused[release] = {"recall": "RELEASE_RECALLED", "gone": "RELEASE_GONE"}[fault]
        if release in world.refused:
            self._refuse(200, world.refused[release], {}, asked)
            return
        body, signature = _page(world.releases[release], release, begin, variables["first"], asked)
        if fault == "stale":
            body, signature = world.answers[0]
        world.answers.append((body, signature))
        self._line(body, signature, fault)

    def _line(self, body: bytes, signature: str, fault: str | None) -> None:
        """The answer as the line hands it on."""
        middle = len(body) // 2
        if fault == "flip":
            body = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
        if fault == "truncated":
            body = body[:middle]
        headers = {"GSB-Signature": signature}
        if fault not in ("cut", "reset", "stall"):
            self._send(200, body, headers)
            return
        self._head(200, len(body), headers)
        self.wfile.write(body[:middle])
        self.wfile.flush()
        if fault == "stall":
            self.world.stopping.wait(STALL_SECONDS)
        if fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.close_connection = True

    def _refuse(self, status: int, code: str, headers: dict[str, str], asked: Row | None = None) -> None:
        error = {"message": f"{code}.", "extensions": {"code": code, "requestId": "r"}}
        body = json.dumps({"errors": [error]}).encode()
        signature = {"GSB-Signature": _signed(body, asked)} if asked else {}
        self._send(status, body, headers | signature)

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self._head(status, len(body), headers or {})
        self.wfile.write(body)

    def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json", "Content-Length": str(length)} | headers).items():
            self.send_header(name, value)
        self.end_headers()


def _place(cursor: str | None, current: int) -> tuple[int, int]:
    """A cursor names its release, as the service's do."""
    release, _, begin = (cursor or f"{current}:0").partition(":")
    return int(release), int(begin)


def _page(rows: list[Row], release: int, begin: int, first: int, asked: Row) -> tuple[bytes, str]:
    end = begin + first
    found = {
        "nodes": rows[begin:end],
        "pageInfo": {"hasNextPage": end < len(rows), "endCursor": f"{release}:{end}" if end < len(rows) else None},
    }
    receipt = {"agency": "aviation", "dataset": "aviation/airports", "release": release}
    answer = {"data": {"aviation": {"airports": found}}, "extensions": {"receipt": [receipt], "requestId": "r"}}
    body = json.dumps(answer, ensure_ascii=False).encode()
    return body, _signed(body, asked)


def _signed(body: bytes, asked: Row) -> str:
    question = question_hash(asked["query"], asked.get("variables"), asked.get("operationName"))
    said = {"alg": "EdDSA", "b64": False, "crit": ["b64"], "typ": "gsb-answer", "kid": "ours", "iat": int(time.time())}
    head = urlsafe_b64encode(json.dumps(said | {"requestId": "r", "question": question}).encode()).rstrip(b"=")
    return f"{head.decode()}..{urlsafe_b64encode(PRIVATE.sign(head + b'.' + body)).rstrip(b'=').decode()}"
