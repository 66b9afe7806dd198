"""How files are asked for: over which connections, with which patience, and who may stop it."""

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2

from publicgsb_sdk.call import connection_failed, timeout
from publicgsb_sdk.countdown import Countdown
from publicgsb_sdk.errors import GsbError
from publicgsb_sdk.retry import Rule


class Stopped(Exception):
    """Another part has failed, or nobody waits any more: this one leaves what it has for the next time."""


@dataclass(frozen=True, slots=True)
class Line:
    """One service. The key is shown to nobody else, and not where the address is signed."""

    http: Any  # httpx2.Client, or what asks an asynchronous one
    base_url: str
    headers: Callable[[], Mapping[str, str]]  # with the key of now
    timeout_seconds: float
    rule: Rule
    deadline: Countdown
    stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def asked(self, url: str, headers: Mapping[str, str], *, is_signed: bool) -> Generator[httpx2.Response, None, None]:
        """A file or a stretch of it, as it lies: never packed on the way."""
        self.check()
        shown = {} if is_signed or not self._is_ours(url) else dict(self.headers())
        sent = {**shown, **headers, "accept": "*/*", "accept-encoding": "identity"}
        wait = timeout(min(self.timeout_seconds, self.deadline.left()))
        with ExitStack() as opened:
            try:
                stream = self.http.stream("GET", url, headers=sent, timeout=wait, follow_redirects=False)
                response = opened.enter_context(stream)
            except (httpx2.InvalidURL, RuntimeError) as broken:  # the client is closed, for one
                raise connection_failed(self.base_url, broken) from broken
            yield response

    def check(self) -> None:
        """Raises when it is not to go on."""
        if self.stop.is_set():
            raise Stopped
        if self.deadline.left() <= 0:
            raise self.deadline.exceeded()

    def wait(self, seconds: float, error: GsbError) -> None:
        """Before another try; raises the error at once where the time does not suffice."""
        left = self.deadline.left()
        if left <= 0:
            raise self.deadline.exceeded() from error
        if seconds >= left:
            raise error
        if self.stop.wait(seconds):
            raise Stopped

    def _is_ours(self, url: str) -> bool:
        ours, asked = urlsplit(self.base_url), urlsplit(url)
        return (ours.scheme, ours.netloc) == (asked.scheme, asked.netloc)
