"""A server that takes requests and gives nothing worth having: silence, a head and no body, or a byte now and then."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.sdk.networks.paged import CONTRACT

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
DRIP_SECONDS = 0.1
LATE_SECONDS = 2.0
KINDS = {
    "silent": "accepts, and never answers",
    "headers": "answers the head, and stops",
    "drip": "answers a byte now and then",
    "late": "tells the contract, late, and then never answers",
}


@dataclass
class Hole:
    """Where it is, and when it ends."""

    kind: str
    url: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)


@contextmanager
def hole(kind: str) -> Iterator[Hole]:
    """Until the end of the block."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    state = Hole(kind, f"http://127.0.0.1:{listening.getsockname()[1]}")

    def accept() -> None:
        while True:
            try:
                taken, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=_answer, args=(state, taken), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.stopping.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def _answer(state: Hole, taken: socket.socket) -> None:
    with taken, suppress(OSError):
        asked = taken.recv(1 << 16)
        is_contract = asked.startswith(b"GET /api/v1/agencies/aviation/datasets/airports HTTP")
        if state.kind == "late" and is_contract:
            state.stopping.wait(LATE_SECONDS)
            taken.sendall(_contract())
        elif state.kind in ("silent", "late"):
            state.stopping.wait()
        else:
            taken.sendall(HEAD)
            while not state.stopping.wait(DRIP_SECONDS):
                if state.kind == "drip":
                    taken.sendall(b" ")


def _contract() -> bytes:
    release = {"seq": 1, "rows": 1, "sha256": "ab", "asOf": None, "publishedAt": "2026-11-01T10:00:00+00:00"}
    said = {
        **CONTRACT["contract"],
        "primaryKey": ["icao"],
        "links": [{"name": "runway", "to": "aviation/runways"}],
        "aggregates": {"groupings": [], "measures": ["runway_count"]},
    }
    body = json.dumps(CONTRACT | {"contract": said, "release": release}).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
