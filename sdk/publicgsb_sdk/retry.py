"""When a call is tried again, and after how long. Pure rules; the transport asks and obeys."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from publicgsb_sdk.errors import ApiError, QuotaExhausted, RateLimited, Unavailable

BACKOFF_FIRST_SECONDS = 0.5
BACKOFF_MAX_SECONDS = 8.0
RETRY_AFTER_MAX_SECONDS = 60.0
REQUEST_TIMEOUT = 408


class Break(Enum):
    """How a try ended without an answer."""

    NOT_SENT = "the connection could not be made, so the server has done nothing"
    TIMED_OUT = "the answer did not come in time"
    CUT = "the connection broke after the request was sent"


def _uniform(upper: float) -> float:
    return random.uniform(0.0, upper)  # noqa: S311 - it spreads clients in time, no secret hangs on it


@dataclass(frozen=True, slots=True)
class Rule:
    """The retry rule of one client."""

    retries_max: int
    jitter: Callable[[float], float] = _uniform

    def after_break(self, how: Break, retried: int, timed_out: int, is_safe: bool) -> float | None:
        """Seconds to wait after a try without an answer, or None for no further try.

        A request that may change something is repeated only when it cannot have arrived. A time-out is
        repeated once: a server too slow twice is overloaded, and a third try makes it worse.
        """
        if retried >= self.retries_max or not (is_safe or how is Break.NOT_SENT):
            return None
        if how is Break.TIMED_OUT and timed_out > 1:
            return None
        return self._backoff(retried)

    def after_error(
        self, error: ApiError, forced: bool | None, retried: int, left_seconds: float, is_safe: bool
    ) -> float | None:
        """Seconds to wait after a refusal, or None. `forced` is the server's own word on it.

        A wait that does not fit is not begun: the caller learns at once, and when to come back.
        """
        if retried >= self.retries_max or not is_safe or isinstance(error, QuotaExhausted):
            return None
        if not (_is_passing(error) if forced is None else forced):
            return None
        wait = self._backoff(retried)
        if error.retry_after is not None:
            wait += error.retry_after
            if error.retry_after > RETRY_AFTER_MAX_SECONDS:
                return None
        return wait if wait < left_seconds else None

    def _backoff(self, retried: int) -> float:
        """Full jitter: clients that failed together do not come back together."""
        return self.jitter(min(BACKOFF_MAX_SECONDS, BACKOFF_FIRST_SECONDS * 2**retried))


def _is_passing(error: ApiError) -> bool:
    return isinstance(error, RateLimited | Unavailable) or error.status == REQUEST_TIMEOUT
