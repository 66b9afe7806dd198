"""Keeping within the windows of a plan by what the service says of them, so that it has nothing to refuse.

Knows `RateLimit` and `RateLimit-Policy`, and what this client has spent itself. Room is never thought to be more than
it is as long as nobody else asks by the same key: what is under way counts in full, and what was spent is free again
only when the window and the last of its parts have passed since the answer.
"""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

AGAIN_SECONDS = 0.05  # after which to look whether something that is under way has come back
FIRST_SECONDS = 2.0  # for so long the first request goes alone; one that hangs must not hold up all others
PARTS = 20  # in so many parts a window slides
ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"((?:\s*;\s*[a-z][a-z0-9-]*=(?:\d+|"[^"]*"))*)')
Item: TypeAlias = dict[str, int | str]
PARAMETER = re.compile(r';\s*([a-z][a-z0-9-]*)=(?:(\d+)|"([^"]*)")')


@dataclass(slots=True)
class Window:
    """One window as far as it is known here."""

    limit: int
    seconds: float
    room: int
    heard_at: float
    more_at: float
    spent: deque[tuple[float, int]] = field(default_factory=deque[tuple[float, int]])  # (until when it counts, points)
    counted: int = 0  # the points of those

    def wait(self, points: int, under_way: int, now: float) -> float:
        """0 when there is room for so many points beside those under way, else seconds until asking again may help."""
        while self.spent and self.spent[0][0] <= now:
            self.counted -= self.spent.popleft()[1]
        if points > self.limit:
            return 0.0  # it never fits, which is for the service to say
        if self.limit - self.counted - under_way < points:
            return AGAIN_SECONDS if under_way or not self.spent else self.spent[0][0] - now
        if self.room - under_way < points and now < self.more_at:  # others ask by the same key
            return AGAIN_SECONDS if under_way else self.more_at - now
        return 0.0

    def hear(self, room: int, more_in: int, spent: int, sent_at: float, now: float) -> None:
        """What an answer said. One that was overtaken by another may not know of what that one cost."""
        self.room = room if sent_at >= self.heard_at else min(room, self.room - spent)
        self.heard_at, self.more_at = now, now + more_in
        if spent:
            self.spent.append((now + self.seconds * (1 + 1 / PARTS), spent))
            self.counted += spent


class Pace:
    """The windows of one key, for all threads and tasks of a client and of those made from it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[str, Window] = {}
        self._at_once_max: int | None = None
        self._has_heard = False
        self._began_at = 0.0  # when the first of those under way was sent
        self._running = 0
        self._points = 0

    def now(self) -> float:
        """Seconds by the clock that the windows go by."""
        return self._clock()

    def wait(self, points: int) -> float:
        """0 when a request of so many points may go, and is then under way; else seconds after which to ask again.

        The very first request goes alone, for a while: before its answer nothing is known.
        """
        with self._lock:
            now = self._clock()
            if self._running and not self._has_heard and now - self._began_at < FIRST_SECONDS:
                return AGAIN_SECONDS
            if self._at_once_max is not None and self._running >= self._at_once_max:
                return AGAIN_SECONDS
            wait = max((window.wait(points, self._points, now) for window in self._windows.values()), default=0.0)
            if wait <= 0:
                self._began_at = self._began_at if self._running else now
                self._running += 1
                self._points += points
            return wait

    def back(self, points: int, spent: int, sent_at: float, headers: Mapping[str, str]) -> None:
        """A request came back, or broke: then without headers, and what it may have cost counts as spent."""
        with self._lock:
            self._running -= 1
            self._points -= points
            now = self._clock()
            rooms = read_items(headers.get("ratelimit", ""))
            for name, about in read_items(headers.get("ratelimit-policy", "")).items():
                self._learn(name, about, rooms.get(name), now)
            self._has_heard = self._has_heard or bool(headers)
            for name, window in self._windows.items():
                room = rooms.get(name, {})
                left = room.get("r")
                known = left if isinstance(left, int) else window.room - spent
                more_in = room.get("t")
                window.hear(known, more_in if isinstance(more_in, int) else 0, spent, sent_at, now)

    def _learn(self, name: str, about: Item, room: Item | None, now: float) -> None:
        limit, seconds = about.get("q"), about.get("w")
        if not isinstance(limit, int):
            return
        if about.get("qu") == "concurrent-requests":
            self._at_once_max = max(1, limit)
        elif about.get("gsb-unit") == "points" and isinstance(seconds, int):
            if name in self._windows:
                self._windows[name].limit = limit
            elif room is not None:
                self._windows[name] = Window(limit, float(seconds), limit, now, now)


def read_items(text: str) -> dict[str, Item]:
    """The items of a structured list by name, each with its parameters; what is no such item is passed over."""
    return {
        name: {key: int(number) if number else words for key, number, words in PARAMETER.findall(parameters)}
        for name, parameters in ITEM.findall(text)
    }
