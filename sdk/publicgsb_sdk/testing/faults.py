"""Failures that a test orders: the next answers are these, whatever is asked."""

from dataclasses import dataclass

import httpx2

from publicgsb_sdk.testing.refusals import STATUSES, MockSetup, Refusal
from publicgsb_sdk.testing.serving import Reply, refused_reply

BREAKS = ("timeout", "disconnect", "refused")
HTTP_ERROR = range(300, 600)


@dataclass(slots=True)
class Fault:
    """`on` is a part of the path; "" is any request."""

    what: str | int
    times: int
    on: str
    retry_after: int | None

    def reply(self, request_id: str) -> Reply:
        """Raises what httpx2 raises, for a connection that breaks."""
        match self.what:
            case "timeout":
                raise httpx2.ReadTimeout("The mock was told to time out.")
            case "disconnect":
                raise httpx2.RemoteProtocolError("The mock was told to break off.")
            case "refused":
                raise httpx2.ConnectError("The mock was told to refuse connections.")
            case int():
                more = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
                return Reply(self.what, b"<html>The mock was told to fail.</html>", "text/html", more)
            case code:
                wait = self.retry_after or (1 if code in ("RATE_LIMITED", "UNAVAILABLE", "TIMEOUT") else None)
                return refused_reply(
                    Refusal(code, f"The mock was told to answer {code}.", retry_after=wait), request_id
                )


def fault(what: str | int, times: int, on: str, retry_after: int | None) -> Fault:
    """Raises MockSetup for what is no failure."""
    is_known = what in HTTP_ERROR if isinstance(what, int) else what in STATUSES or what in BREAKS
    if not is_known or times < 1:
        raise MockSetup(
            f"The mock cannot fail with {what!r} {times} times.",
            hint=f"A status of 300 to 599, one of {', '.join(STATUSES)}, or {', '.join(BREAKS)}; once or more.",
        )
    return Fault(what, times, on, retry_after)
