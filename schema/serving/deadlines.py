"""One time limit for all requests, watched by one timer: `asyncio.timeout` would be a timer for each request."""

import asyncio
import time

SWEEPS_PER_LIMIT = 20  # a request ends at most a twentieth later than its limit


class Deadlines:
    """`enter()` before the work, `leave(task)` after it; True: its time ran out, and it was cancelled for that."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: dict[asyncio.Task[object], float] = {}
        self._late: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def enter(self) -> asyncio.Task[object]:
        task = asyncio.current_task()
        assert task is not None
        self._until[task] = time.monotonic() + self._seconds
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds / SWEEPS_PER_LIMIT, self._sweep)
        return task

    def leave(self, task: asyncio.Task[object]) -> bool:
        self._until.pop(task, None)
        if task not in self._late:
            return False
        self._late.discard(task)
        return task.uncancel() == 0

    def _sweep(self) -> None:
        now = time.monotonic()
        for task in [task for task, until in self._until.items() if until <= now]:
            del self._until[task]
            self._late.add(task)
            task.cancel()
        again = self._seconds / SWEEPS_PER_LIMIT
        self._timer = asyncio.get_running_loop().call_later(again, self._sweep) if self._until else None
