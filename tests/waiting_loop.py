"""An event loop whose clock runs only while it waits: what it tells is how long was waited, whatever the machine does.

A machine that is busy elsewhere wakes a process late and lets it work slowly. Neither is counted here: a timer that was
set for 25 ms takes 25 ms. A call that blocks is not counted either; whoever uses this looks for those in another way.
"""

import asyncio
import selectors
import time


class _Waiting(selectors.DefaultSelector):
    """`waited`: seconds so far, each wait counted by what was asked for at most."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        began = time.monotonic()
        found = super().select(timeout)
        if timeout:
            self.waited += min(timeout, time.monotonic() - began) if found else max(0.0, timeout)
        return found


class WaitingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._waiting = _Waiting()
        super().__init__(self._waiting)

    def time(self) -> float:
        return self._waiting.waited
