"""Waiting in threads: one deadline for a whole call, and the only way to keep it whatever the other side does.

`asynchronous/deadline.py` is the same for tasks.
"""

import contextvars
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from publicgsb_sdk.countdown import Countdown

Value = TypeVar("Value")
Sleep: TypeAlias = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Times:
    """How long to wait, and by which clock."""

    timeout_seconds: float
    deadline_seconds: float
    clock: Callable[[], float] = time.monotonic
    sleep: Sleep = time.sleep


class Deadline(Countdown):
    """Counts down from the moment it is made, and lets no work overstay."""

    def run(self, work: Callable[[], Value]) -> Value:
        """Do the work, but come back when the time is up, even if the work does not.

        Timeouts of sockets bound one read each: a name server without an answer or a server that sends a byte
        now and then outlasts them all. So the work runs in a thread of its own; one that overstays is left
        behind as a daemon, and ends at its own next socket timeout.
        """
        if self.left() <= 0:
            raise self.exceeded()
        future: Future[Value] = Future()
        context = contextvars.copy_context()
        thread = threading.Thread(target=lambda: context.run(_settle, future, work), name="pgsb-call", daemon=True)
        thread.start()
        try:
            return future.result(timeout=max(self.left(), 0))
        except TimeoutError:
            if future.done():  # it ended in this very moment, or the work itself raised a TimeoutError
                return future.result()
            raise self.exceeded() from None


def aside(work: Callable[..., Value], *given: Any) -> Value:
    """Long computing; among tasks it steps aside for them, here there is nobody to make room for."""
    return work(*given)


def _settle(future: Future[Value], work: Callable[[], Value]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # handed over to the waiting thread, which raises it
        future.set_exception(error)
