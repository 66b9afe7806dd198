"""What is free of points and still takes work may be asked so often and no more: per application, worker and minute."""

import math
import time
from collections.abc import Callable

from publicgsb.platform.kernel.errors import RateLimited

WINDOW_SECONDS = 60.0
NEW_FREE_DOCUMENTS_MAX = 120  # dry runs and questions about oneself that were never planned
NEW_SLICES_MAX = 30  # of the schema
LOOKS_MAX = 600  # at one's quota or usage: each asks the stores that all callers' points come from
_APPLICATIONS_MAX = 10_000  # remembered
_SAME_AGAIN = "Send the same text again with other variables, or wait for Retry-After."


class Allowance:
    """One kind of free work; `hint` says what to do instead."""

    def __init__(self, what: str, most: int, hint: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._most = most
        self._hint = hint
        self._clock = clock
        self._spent: dict[int, tuple[float, int]] = {}  # by application: when its window ends, and how often in it

    def spend(self, application_id: int) -> None:
        """Raises RateLimited."""
        now = self._clock()
        ends, spent = self._spent.get(application_id, (0.0, 0))
        if ends <= now:
            self._spent.pop(application_id, None)  # put in again behind the others: the oldest comes first
            if len(self._spent) >= _APPLICATIONS_MAX:
                del self._spent[next(iter(self._spent))]
            ends, spent = now + WINDOW_SECONDS, 0
        if spent >= self._most:
            raise RateLimited(
                f"An application may ask for {self._most} {self._what} in {WINDOW_SECONDS:.0f} seconds.",
                hint=self._hint,
                retry_after_seconds=max(1, math.ceil(ends - now)),
                reason="free",
            )
        self._spent[application_id] = (ends, spent + 1)


def new_free_documents() -> Allowance:
    return Allowance("new free documents", NEW_FREE_DOCUMENTS_MAX, _SAME_AGAIN)


def new_slices() -> Allowance:
    return Allowance("new slices of the schema", NEW_SLICES_MAX, _SAME_AGAIN)


def looks() -> Allowance:
    return Allowance(
        "looks at its quota and usage",
        LOOKS_MAX,
        "Every answer tells what is left: RateLimit, extensions.cost. Wait for Retry-After.",
    )
