"""A Redis of a test's own: stopped, killed, paused and started again on the same socket."""

import signal
import subprocess
import time
from pathlib import Path

import redis

from publicgsb.platform.server.engines.binaries import valkey_program

_READY_SECONDS = 15.0


class OwnRedis:
    """Use as a context manager; it is gone at the end."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "own.sock"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "OwnRedis":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Empty, and ready when this returns."""
        arguments = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--logfile", "/dev/null"]
        self._process = subprocess.Popen([str(valkey_program()), *arguments], cwd=self.socket.parent)
        deadline = time.monotonic() + _READY_SECONDS
        with redis.Redis.from_url(self.url) as probe:
            while True:
                try:
                    probe.ping()
                    return
                except redis.ConnectionError:
                    assert time.monotonic() < deadline
                    time.sleep(0.005)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def pause(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
