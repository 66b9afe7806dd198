"""Who uses the engines: one shared lock per process, so the kernel counts and kill -9 is a proper goodbye."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from publicgsb.platform.kernel.errors import Unavailable


class Turnstile:
    """Every user holds `<state>/engines.lock` shared; `<state>/engines.start.lock` orders coming and going.

    Two files, because flock cannot turn exclusive into shared without a gap in which a third may enter.
    """

    def __init__(self, state_dir: Path) -> None:
        self._users = state_dir / "engines.lock"
        self._order = state_dir / "engines.start.lock"
        self._held: int | None = None

    def enter(self, start: Callable[[], None]) -> None:
        """Become a user; `start` runs alone and must leave the engines running."""
        with self._alone():
            held = _open(self._users)
            try:
                fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
                start()
            except BaseException:
                os.close(held)
                raise
            self._held = held

    def leave(self, stop: Callable[[], None]) -> bool:
        """Stop being a user; the last one runs `stop`, alone. True when that was us."""
        if self._held is None:
            return False
        held, self._held = self._held, None
        try:
            with self._alone():
                try:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return False
                stop()
                return True
        finally:
            os.close(held)

    def alone(self, act: Callable[[], None]) -> bool:
        """Run `act` if nobody uses the engines; False when somebody does."""
        with self._alone():
            held = _open(self._users)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                act()
            except BlockingIOError:
                return False
            finally:
                os.close(held)
            return True

    @contextmanager
    def _alone(self, timeout_seconds: float = 180) -> Iterator[None]:
        order = _open(self._order)
        try:
            deadline = time.monotonic() + timeout_seconds
            while True:
                try:
                    fcntl.flock(order, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise Unavailable(
                            "Another process is starting or stopping the engines and does not finish.",
                            hint=f"Waited {timeout_seconds:.0f} s; see who holds {self._order}.",
                            reason="engines",
                        ) from None
                    time.sleep(0.02)
            yield
        finally:
            os.close(order)


def _open(path: Path) -> int:
    # Not inherited (PEP 446): an engine that held our lock would count as a user of itself.
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
