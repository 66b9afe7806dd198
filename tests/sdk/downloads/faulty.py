"""A file server on loopback that breaks as it is told: each request for a part takes the next fault of its list."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CONTRACT = {
    "agency": "aviation",
    "dataset": "airports",
    "contract": {
        "version": "1.0.0",
        "recordName": "Airport",
        "listName": "airports",
        "access": "open",
        "fields": [{"name": "icao", "apiName": "icao", "type": "string"}],
    },
    "release": {"seq": 3, "rows": 2, "sha256": "ab", "asOf": None, "publishedAt": "2026-11-01T10:00:00+00:00"},
}
FAULTS = ("cut", "flip", "whole", "elsewhere", "short", "long", "expired", "busy", "broken", "reset", "unsatisfied")
REFUSALS = {
    "expired": (401, "UNAUTHENTICATED"),
    "broken": (500, "INTERNAL"),
    "busy": (503, "UNAVAILABLE"),
    "unsatisfied": (416, "INVALID_REQUEST"),
    "recalled": (410, "RELEASE_RECALLED"),
    "exhausted": (429, "QUOTA_EXHAUSTED"),
}
STALL_SECONDS = 30.0


@dataclass
class Faulty:
    """What it holds, what it will do wrong, and what it was asked."""

    parts: list[bytes]
    faults: dict[str, list[str]] = field(default_factory=dict)  # by the name of a file
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # name, Range
    keys: list[tuple[str, str | None]] = field(default_factory=list)  # name, Authorization
    manifests: int = 0
    is_signed: bool = True
    url: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def manifest(self) -> dict[str, Any]:
        self.manifests += 1
        parts = [self._listed(number, content) for number, content in enumerate(self.parts, 1)]
        whole = parts[0] | {"name": "data.csv", "url": parts[0]["url"]} if len(parts) == 1 else None
        expires = "2026-11-01T11:00:00+00:00" if self.is_signed else None
        return {"release": 3, "rows": 2, "state": "made", "expiresAt": expires, "parts": parts, "csv": whole}

    def _listed(self, number: int, content: bytes) -> dict[str, Any]:
        name = f"part-{number:05}.parquet"
        signature = f"?signature={self.manifests}" if self.is_signed else ""
        return {
            "format": "parquet",
            "part": number,
            "name": name,
            "rows": 1,
            "bytes": len(content),
            "sha256": sha256(content).hexdigest(),
            "url": f"{self.url}/files/{name}{signature}",
        }

    def next_fault(self, name: str) -> str | None:
        with self.lock:
            waiting = self.faults.get(name, [])
            return waiting.pop(0) if waiting else None


@contextmanager
def faulty(parts: list[bytes], **faults: list[str]) -> Iterator[Faulty]:
    """Serves until the end of the block. Faults are named by the part's number: `p1=["cut", "flip"]`."""
    state = Faulty(parts, {f"part-{int(name[1:]):05}.parquet": list(told) for name, told in faults.items()})

    class Handler(_Handler):
        world = state

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
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


class _Handler(BaseHTTPRequestHandler):
    world: Faulty

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith("/files"):
            self._json(200, self.world.manifest())
        elif path.startswith("/api/v1/agencies/"):
            self._json(200, CONTRACT)
        else:
            self._part(path.rpartition("/")[2])

    def _part(self, name: str) -> None:
        world, asked = self.world, self.headers.get("range")
        with world.lock:
            world.asked.append((name, asked))
            world.keys.append((name, self.headers.get("authorization")))
        content = world.parts[int(name[5:10]) - 1]
        fault = world.next_fault(name)
        begin = int(asked[6:].partition("-")[0]) if asked else 0
        if fault in REFUSALS and (asked or fault != "unsatisfied"):
            status, code = REFUSALS[fault]
            self._json(status, {"code": code, "detail": f"{fault}."})
            return
        if fault == "whole":
            asked, begin = None, 0
        if fault == "elsewhere" and begin:
            begin -= 1
        self._stretch(content, begin, fault, is_partial=asked is not None)

    def _stretch(self, content: bytes, begin: int, fault: str | None, *, is_partial: bool) -> None:
        body = content[begin:]
        self.send_response(206 if is_partial else 200)
        self.send_header("Content-Length", str(len(body) + (fault == "long")))
        if is_partial:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        middle = len(body) // 2
        if fault == "flip" and body:
            body = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
        if fault == "long":
            body += b"x"
        if fault in ("cut", "short", "reset", "stall"):
            self.wfile.write(body[:middle])
            self.wfile.flush()
            if fault == "stall":
                self.world.stopping.wait(STALL_SECONDS)
            if fault == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            self.close_connection = True
            return
        self.wfile.write(body)

    def _json(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 500:
            self.send_header("GSB-Should-Retry", "true")
        self.end_headers()
        self.wfile.write(body)
