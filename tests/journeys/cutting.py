"""A line to the service that is cut where a test says so: in the head, in the body, or before the answer to a body."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

BODY_BYTES = 1 << 20  # a connection that carried so many is one that sends a file


@dataclass
class Cutting:
    """Where it listens, and how often it has cut."""

    url: str = ""
    cuts: int = 0
    where: str = "body"
    times: int = 1
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_time(self, where: str) -> bool:
        """Whether to cut now; each time counts."""
        with self.lock:
            is_so = where == self.where and self.cuts < self.times
            self.cuts += is_so
            return is_so


@contextmanager
def cutting(url: str, where: str, times: int = 1) -> Iterator[Cutting]:
    """A proxy on loopback until the end of the block."""
    at = urlsplit(url)
    state = Cutting(where=where, times=times)
    listening = socket.create_server(("127.0.0.1", 0))
    state.url = f"http://127.0.0.1:{listening.getsockname()[1]}"

    def accept() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            if state.is_time("head"):
                _cut(client)
                continue
            server = socket.create_connection((at.hostname or "", at.port or 80))
            carried = [0]
            for work in (_up, _down):
                threading.Thread(target=work, args=(state, client, server, carried), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def _up(state: Cutting, client: socket.socket, server: socket.socket, carried: list[int]) -> None:
    with suppress(OSError):
        while data := client.recv(1 << 16):
            server.sendall(data)
            carried[0] += len(data)
            if carried[0] > BODY_BYTES and state.is_time("body"):
                _cut(client, server)
                return
        server.shutdown(socket.SHUT_WR)


def _down(state: Cutting, client: socket.socket, server: socket.socket, carried: list[int]) -> None:
    try:
        while data := server.recv(1 << 16):
            if carried[0] > BODY_BYTES and state.is_time("answer"):
                break
            carried[0] = 0
            client.sendall(data)
    except OSError:
        pass  # one of the ends is gone, so the other goes too
    _cut(client, server)


def _cut(*ends: socket.socket) -> None:
    """Whoever waits on them is woken."""
    for one in ends:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
