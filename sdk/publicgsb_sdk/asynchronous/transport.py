"""One request with its retries under one deadline. Knows HTTP, and nothing of datasets."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import httpx2

from publicgsb_sdk import last
from publicgsb_sdk.answers import Answer, read_error
from publicgsb_sdk.asynchronous.deadline import AsyncDeadline, AsyncSleep, AsyncTimes
from publicgsb_sdk.asynchronous.threads import streams
from publicgsb_sdk.call import ERROR_BODY_BYTES_MAX, Call, connection_failed, forced, how, lowered, timeout
from publicgsb_sdk.countdown import Countdown
from publicgsb_sdk.errors import GsbError, RateLimited, Unauthenticated
from publicgsb_sdk.key import checked
from publicgsb_sdk.meter import Meter
from publicgsb_sdk.pace import AGAIN_SECONDS
from publicgsb_sdk.retry import Break, Rule
from publicgsb_sdk.settings import Options

if TYPE_CHECKING:
    from publicgsb_sdk.asynchronous.sending import AsyncUpload
    from publicgsb_sdk.downloads.line import Line


class AsyncTransport:
    """Sends calls to one service. Every failure leaves as an error of this package."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        base_url: str,
        headers: Mapping[str, str],
        times: AsyncTimes,
        rule: Rule,
        key: Callable[[], str] | None = None,
    ) -> None:
        self._http = http
        self._base_url = base_url
        self._headers = headers
        self._times = times
        self._rule = rule
        self._key = key

    def with_options(self, options: Options) -> "AsyncTransport":
        """The same connections, waiting otherwise."""
        times = replace(self._times, timeout_seconds=options.timeout, deadline_seconds=options.deadline)
        rule = replace(self._rule, retries_max=options.max_retries)
        headers = {**self._headers, "accept-language": options.locale}
        return AsyncTransport(self._http, self._base_url, headers, times, rule, self._key)

    def with_clock(self, clock: Callable[[], float], sleep: AsyncSleep) -> "AsyncTransport":
        """The same connections, waiting by another clock."""
        times = replace(self._times, clock=clock, sleep=sleep)
        return AsyncTransport(self._http, self._base_url, self._headers, times, self._rule, self._key)

    def deadline(self, seconds: float | None = None) -> AsyncDeadline:
        """The time that a call has from now on, for those that take several requests."""
        return AsyncDeadline(self._times.deadline_seconds if seconds is None else seconds, self._times.clock)

    async def send(
        self,
        call: Call,
        sink: BinaryIO | None = None,
        *,
        meter: Meter | None = None,
        within: AsyncDeadline | None = None,
        upload: "AsyncUpload | None" = None,
    ) -> Answer:
        """The good answer to a call. With a sink, the body goes there, from its start at each try; an upload is sent
        from its start at each try.

        A meter is begun before each try and ended after it, but for the one that was answered well: how much that
        one cost stands in its body.
        """
        deadline = within or self.deadline()
        retried = timed_out = 0
        is_new_key = False
        while True:
            carried = self._carried()
            await self._admitted(meter, deadline)
            try:
                answer = await deadline.run(partial(self._attempt, call, carried, deadline, sink, upload))
            except httpx2.HTTPError as broken:
                _end(meter)
                meaning = how(broken)
                timed_out += meaning is Break.TIMED_OUT
                wait = self._rule.after_break(meaning, retried, timed_out, call.is_safe)
                failure: GsbError = connection_failed(self._base_url, broken)
                if meaning is Break.TIMED_OUT and deadline.left() <= 0:
                    raise deadline.exceeded() from broken
            except (httpx2.InvalidURL, RuntimeError) as broken:
                _end(meter)
                raise connection_failed(self._base_url, broken) from broken  # the client is closed, for one
            except BaseException:
                _end(meter)
                raise
            else:
                last.note(self, answer)
                if answer.status < 300:  # a redirect is refused: it would carry the key elsewhere
                    return answer
                failure = error = read_error(answer)
                if meter is not None:
                    meter.refused(error, answer.headers)
                if isinstance(error, Unauthenticated) and not is_new_key and self._carried() != carried:
                    is_new_key = True  # it was replaced while this was under way, and nothing was done
                    continue
                word = forced(answer.headers.get("gsb-should-retry"))
                wait = self._rule.after_error(error, word, retried, deadline.left(), call.is_safe)
            if wait is None or wait >= deadline.left():
                raise failure
            await self._times.sleep(wait)
            retried += 1

    def line(self, deadline_seconds: float | None) -> "Line":
        """The same connections and patience for files, which take longer than a call; None is no deadline."""
        from publicgsb_sdk.downloads.line import Line  # noqa: PLC0415 - for whom it serves

        countdown = Countdown(math.inf if deadline_seconds is None else deadline_seconds, self._times.clock)
        http = streams(self._http)
        return Line(http, self._base_url, self._carried, self._times.timeout_seconds, self._rule, countdown)

    def _carried(self) -> Mapping[str, str]:
        """What a try carries besides its own; a key that is a function is asked for anew."""
        if self._key is None:
            return self._headers
        return {**self._headers, "authorization": f"Bearer {checked(self._key())}"}

    async def _admitted(self, meter: Meter | None, deadline: AsyncDeadline) -> None:
        """Wait for room in the windows. A wait that does not fit is not begun."""
        try:
            while meter is not None and (wait := meter.begin()):
                if deadline.left() <= 0:
                    raise deadline.exceeded()
                if wait > AGAIN_SECONDS and wait >= deadline.left():
                    raise RateLimited(
                        f"The windows of the key have room again in {wait:.1f} seconds, and the deadline is nearer.",
                        hint="Allow more time with Client(deadline=…), or ask more slowly.",
                        details={"reason": "paced"},
                        retry_after=wait,
                    )
                await self._times.sleep(min(wait, max(0.0, deadline.left())))
        except BaseException:
            _end(meter)
            raise

    async def _attempt(
        self,
        call: Call,
        carried: Mapping[str, str],
        deadline: AsyncDeadline,
        sink: BinaryIO | None,
        upload: "AsyncUpload | None",
    ) -> Answer:
        seconds = self._times.timeout_seconds if upload is None else upload.patience(self._times.timeout_seconds)
        async with self._http.stream(
            call.method,
            self._base_url + call.path,
            headers=call.headers(carried),
            content=call.body if upload is None else upload.pieces(deadline),
            timeout=timeout(min(seconds, deadline.left())),
        ) as response:
            is_file = sink is not None and response.is_success
            body = b"" if is_file else await _whole(response, deadline)
            if is_file and sink is not None:
                await _pour(response, sink, deadline)
            return Answer(response.status_code, lowered(response.headers), body)


def _end(meter: Meter | None) -> None:
    if meter is not None:
        meter.end()


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
