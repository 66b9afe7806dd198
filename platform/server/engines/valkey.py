"""One Valkey of our own on a unix socket; it keeps windows and hints, never anything that must survive it."""

import socket
import time
from dataclasses import dataclass
from pathlib import Path

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.server.engines.home import Home
from publicgsb.platform.server.engines.processes import last_lines, run

_START_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Valkey:
    home: Home
    program: Path

    @property
    def url(self) -> str:
        return f"unix://{self._socket}?db=0"

    def start(self) -> None:
        """Leave a server running that answers; an already running one is reused."""
        if self._say("PING") == "+PONG":
            return
        done = run(
            [
                self.program,
                "--port", "0",
                "--unixsocket", self._socket,
                "--unixsocketperm", "700",
                "--databases", "1024",
                "--save", "",
                "--appendonly", "no",
                "--maxmemory", "256mb",
                "--maxmemory-policy", "noeviction",  # a window that vanishes would be a quota given twice
                "--dir", self.home.folder,
                "--logfile", self._log,
                "--loglevel", "warning",
                "--daemonize", "yes",
            ],
            owner=self.home.owner,
        )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        while self._say("PING") != "+PONG":
            if done.code != 0 or time.monotonic() > deadline:
                raise Unavailable(
                    "The embedded Valkey did not start.",
                    hint=f"{done.output.strip()}\nThe end of {self._log}:\n{last_lines(self._log)}".strip(),
                    reason="engines",
                )
            time.sleep(0.01)

    def stop(self) -> None:
        self._say("SHUTDOWN NOSAVE")
        deadline = time.monotonic() + _START_SECONDS
        while self._say("PING") and time.monotonic() < deadline:
            time.sleep(0.01)

    @property
    def _socket(self) -> Path:
        return self.home.sockets / "valkey.sock"

    @property
    def _log(self) -> Path:
        return self.home.folder / "log" / "valkey.log"

    def _say(self, command: str) -> str:
        """One inline command, one line of answer; empty when nobody answers."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(2)
                line.connect(str(self._socket))
                line.sendall(command.encode() + b"\r\n")
                return line.recv(256).decode(errors="replace").split("\r\n", 1)[0]
        except OSError:
            return ""
