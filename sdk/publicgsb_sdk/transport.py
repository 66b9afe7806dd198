"""One request with its retries under one deadline. Knows HTTP, and nothing of datasets."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import httpx2

from publicgsb_sdk.answers import Answer, read_error
from publicgsb_sdk.deadline import Deadline
from publicgsb_sdk.downloads.line import CONNECT_SECONDS_MAX, Line
from publicgsb_sdk.errors import ApiError, ConnectionFailed
from publicgsb_sdk.retry import Break, Rule

ERROR_BODY_BYTES_MAX = 1 << 20
NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Call:
    """One request; a safe one changes nothing on the server, so it may be sent again."""

    method: str
    path: str
    body: bytes | None = None
    accept: str = "application/json"
    is_safe: bool = True
    prefer: str | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """How long to wait, and by which clock."""

    timeout_seconds: float
    deadline_seconds: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Transport:
    """Sends calls to one service. Every failure leaves as an error of this package."""

    def __init__(
        self, http: httpx2.Client, base_url: str, headers: Mapping[str, str], times: Times, rule: Rule
    ) -> None:
        self._http = http
        self._base_url = base_url
        self._headers = headers
        self._times = times
        self._rule = rule

    def send(self, call: Call, sink: BinaryIO | None = None) -> Answer:
        """The good answer to a call. With a sink, the body goes there, from its start at each try."""
        deadline = Deadline(self._times.deadline_seconds, self._times.clock)
        retried = timed_out = 0
        while True:
            try:
                answer = deadline.run(lambda: self._attempt(call, deadline, sink))
            except httpx2.HTTPError as broken:
                how = _how(broken)
                timed_out += how is Break.TIMED_OUT
                wait = self._rule.after_break(how, retried, timed_out, call.is_safe)
                error: ApiError | ConnectionFailed = self._connection_failed(how, broken)
                if how is Break.TIMED_OUT and deadline.left() <= 0:
                    raise deadline.exceeded() from broken
            else:
                if answer.status < 300:  # a redirect is refused: it would carry the key elsewhere
                    return answer
                error = read_error(answer)
                forced = _forced(answer.headers.get("gsb-should-retry"))
                wait = self._rule.after_error(error, forced, retried, deadline.left(), call.is_safe)
            if wait is None or wait >= deadline.left():
                raise error
            self._times.sleep(wait)
            retried += 1

    def line(self, deadline_seconds: float | None) -> Line:
        """The same connections and patience for files, which take longer than a call; None is no deadline."""
        deadline = Deadline(math.inf if deadline_seconds is None else deadline_seconds, self._times.clock)
        return Line(self._http, self._base_url, self._headers, self._times.timeout_seconds, self._rule, deadline)

    def _attempt(self, call: Call, deadline: Deadline, sink: BinaryIO | None) -> Answer:
        seconds = max(0.001, min(self._times.timeout_seconds, deadline.left()))
        timeout = httpx2.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS_MAX))
        headers = {**self._headers, "accept": call.accept}
        if call.prefer is not None:
            headers["prefer"] = call.prefer
        if call.body is not None:
            headers["content-type"] = "application/json"
        with self._http.stream(
            call.method, self._base_url + call.path, headers=headers, content=call.body, timeout=timeout
        ) as response:
            is_file = sink is not None and response.is_success
            body = b"" if is_file else _whole(response, deadline)
            if is_file and sink is not None:
                _pour(response, sink, deadline)
            return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)

    def _connection_failed(self, how: Break, broken: httpx2.HTTPError) -> ConnectionFailed:
        failed = ConnectionFailed(
            f"No answer from {self._base_url}: {how.value} ({type(broken).__name__}: {broken}).",
            hint="Is the address right and reachable from here, proxy settings included?",
        )
        failed.__cause__ = broken
        return failed


def _whole(response: httpx2.Response, deadline: Deadline) -> bytes:
    """The body in one piece; of an error page only what could be read as an explanation."""
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_bytes():
        pieces.append(piece)
        size += len(piece)
        if deadline.left() <= 0:
            raise deadline.exceeded()
        if not response.is_success and size > ERROR_BODY_BYTES_MAX:
            break
    return b"".join(pieces)


def _pour(response: httpx2.Response, sink: BinaryIO, deadline: Deadline) -> None:
    sink.seek(0)
    sink.truncate()
    for piece in response.iter_bytes():
        if deadline.left() <= 0:  # a thread left behind must not write into a file given up
            raise deadline.exceeded()
        sink.write(piece)


def _how(broken: httpx2.HTTPError) -> Break:
    if isinstance(broken, NOT_SENT):
        return Break.NOT_SENT
    return Break.TIMED_OUT if isinstance(broken, httpx2.TimeoutException) else Break.CUT


def _forced(header: str | None) -> bool | None:
    """The server's own word on whether to try again, where it gives one."""
    return {"true": True, "false": False}.get((header or "").strip().lower())
