"""One request with its retries under one deadline. Knows HTTP, and nothing of datasets."""

import math
from collections.abc import Mapping
from typing import BinaryIO

import httpx2

from publicgsb_sdk.answers import Answer, read_error
from publicgsb_sdk.asynchronous.deadline import AsyncDeadline, AsyncTimes
from publicgsb_sdk.asynchronous.threads import streams
from publicgsb_sdk.call import ERROR_BODY_BYTES_MAX, Call, connection_failed, forced, how, lowered, timeout
from publicgsb_sdk.countdown import Countdown
from publicgsb_sdk.downloads.line import Line
from publicgsb_sdk.errors import GsbError
from publicgsb_sdk.retry import Break, Rule


class AsyncTransport:
    """Sends calls to one service. Every failure leaves as an error of this package."""

    def __init__(
        self, http: httpx2.AsyncClient, base_url: str, headers: Mapping[str, str], times: AsyncTimes, rule: Rule
    ) -> None:
        self._http = http
        self._base_url = base_url
        self._headers = headers
        self._times = times
        self._rule = rule

    async def send(self, call: Call, sink: BinaryIO | None = None) -> Answer:
        """The good answer to a call. With a sink, the body goes there, from its start at each try."""
        deadline = AsyncDeadline(self._times.deadline_seconds, self._times.clock)
        retried = timed_out = 0
        while True:
            try:
                answer = await deadline.run(lambda: self._attempt(call, deadline, sink))
            except httpx2.HTTPError as broken:
                meaning = how(broken)
                timed_out += meaning is Break.TIMED_OUT
                wait = self._rule.after_break(meaning, retried, timed_out, call.is_safe)
                failure: GsbError = connection_failed(self._base_url, broken)
                if meaning is Break.TIMED_OUT and deadline.left() <= 0:
                    raise deadline.exceeded() from broken
            except (httpx2.InvalidURL, RuntimeError) as broken:
                raise connection_failed(self._base_url, broken) from broken  # the client is closed, for one
            else:
                if answer.status < 300:  # a redirect is refused: it would carry the key elsewhere
                    return answer
                failure = error = read_error(answer)
                word = forced(answer.headers.get("gsb-should-retry"))
                wait = self._rule.after_error(error, word, retried, deadline.left(), call.is_safe)
            if wait is None or wait >= deadline.left():
                raise failure
            await self._times.sleep(wait)
            retried += 1

    def line(self, deadline_seconds: float | None) -> Line:
        """The same connections and patience for files, which take longer than a call; None is no deadline."""
        countdown = Countdown(math.inf if deadline_seconds is None else deadline_seconds, self._times.clock)
        http = streams(self._http)
        return Line(http, self._base_url, self._headers, self._times.timeout_seconds, self._rule, countdown)

    async def _attempt(self, call: Call, deadline: AsyncDeadline, sink: BinaryIO | None) -> Answer:
        async with self._http.stream(
            call.method,
            self._base_url + call.path,
            headers=call.headers(self._headers),
            content=call.body,
            timeout=timeout(min(self._times.timeout_seconds, deadline.left())),
        ) as response:
            is_file = sink is not None and response.is_success
            body = b"" if is_file else await _whole(response, deadline)
            if is_file and sink is not None:
                await _pour(response, sink, deadline)
            return Answer(response.status_code, lowered(response.headers), body)


async def _whole(response: httpx2.Response, deadline: AsyncDeadline) -> bytes:
    """The body in one piece; of an error page only what could be read as an explanation."""
    pieces: list[bytes] = []
    size = 0
    async for piece in response.aiter_bytes():
        pieces.append(piece)
        size += len(piece)
        if deadline.left() <= 0:
            raise deadline.exceeded()
        if not response.is_success and size > ERROR_BODY_BYTES_MAX:
            break
    return b"".join(pieces)


async def _pour(response: httpx2.Response, sink: BinaryIO, deadline: AsyncDeadline) -> None:
    sink.seek(0)
    sink.truncate()
    async for piece in response.aiter_bytes():
        if deadline.left() <= 0:  # work that was left behind must not write into a file given up
            raise deadline.exceeded()
        sink.write(piece)
