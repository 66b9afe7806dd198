"""One deadline for a whole call, and the only way to keep it whatever the other side does."""

import contextvars
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from publicgsb_sdk.errors import DeadlineExceeded

Value = TypeVar("Value")


class Deadline:
    """Counts down from the moment it is made."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Seconds left; zero or less when it has passed."""
        return self._end - self._clock()

    def exceeded(self) -> DeadlineExceeded:
        """The error to raise when nothing is left."""
        return DeadlineExceeded(
            f"The call was given up after {self.seconds:g} seconds, retries included.",
            hint="Allow more time with Client(deadline=…), or ask for less at once.",
        )

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


def _settle(future: Future[Value], work: Callable[[], Value]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # handed over to the waiting thread, which raises it
        future.set_exception(error)
