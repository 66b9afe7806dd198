"""The time that a call has left, by whichever clock."""

import time
from collections.abc import Callable

from publicgsb_sdk.errors import DeadlineExceeded


class Countdown:
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
