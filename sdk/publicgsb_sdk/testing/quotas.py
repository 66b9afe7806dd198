"""What a caller may spend: a window of a minute and a month, each only where the test sets it."""

import math
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from publicgsb_sdk.testing.clock import Clock
from publicgsb_sdk.testing.refusals import Refusal

MINUTE = 60.0
UNLIMITED = 2**31 - 1


class Quotas:
    """Charges in the order in which it is asked."""

    def __init__(self, clock: Clock, per_minute: int | None, per_month: int | None) -> None:
        self._clock = clock
        self.per_minute = per_minute
        self.per_month = per_month
        self._spent = deque[tuple[float, int]]()
        self._month: str = ""
        self._month_spent = 0

    def take(self, points: int) -> None:
        """Raises the refusal of what does not fit; nothing is charged then."""
        self._turn()
        if self.per_minute is not None:
            self._take_of_minute(points, self.per_minute)
        if self.per_month is not None and self._month_spent + points > self.per_month:
            resets = self.resets_at
            raise Refusal(
                "QUOTA_EXHAUSTED",
                f"{points} points were asked for, and {self.remaining} are left of month until {_told(resets)}.",
                hint="Wait for the next period, or ask for a larger plan: GET /api/v1/plans lists them.",
                retry_after=max(1, math.ceil((resets - self._clock.now).total_seconds())),
                policy="month",
                cost=points,
                remaining=self.remaining,
                limit=self.per_month,
                resetsAt=_told(resets),
            )
        self._spent.append((self._clock.seconds, points))
        self._month_spent += points

    def settle(self, reserved: int, actual: int) -> None:
        """What was reserved and not used comes back."""
        if self._spent and reserved > actual:
            at, points = self._spent.pop()
            self._spent.append((at, points - (reserved - actual)))
            self._month_spent -= reserved - actual

    def charge_refusal(self) -> None:
        """A refused document costs a point, if there is one."""
        with suppress(Refusal):
            self.take(1)

    @property
    def remaining(self) -> int | None:
        """Of the month; None without a limit."""
        self._turn()
        return None if self.per_month is None else max(0, self.per_month - self._month_spent)

    @property
    def resets_at(self) -> datetime:
        """When the next month begins, in UTC."""
        now = self._clock.now
        year, month = (now.year + 1, 1) if now.month == 12 else (now.year, now.month + 1)
        return now.replace(year=year, month=month, day=1, hour=0, minute=0, second=0, microsecond=0)

    def standings(self) -> list[dict[str, Any]]:
        """Each policy with what is left of it, as REST tells it."""
        found: list[dict[str, Any]] = []
        if self.per_minute is not None:
            room, _ = self._room(self.per_minute)
            found.append(
                {
                    "name": "minute",
                    "kind": "window",
                    "unit": "points",
                    "limit": self.per_minute,
                    "windowSeconds": int(MINUTE),
                    "remaining": room,
                    "resetsAt": None,
                }
            )
        if self.per_month is not None:
            found.append(
                {
                    "name": "month",
                    "kind": "period",
                    "unit": "points",
                    "limit": self.per_month,
                    "period": "month",
                    "remaining": self.remaining,
                    "resetsAt": _told(self.resets_at),
                }
            )
        return found

    def headers(self) -> dict[str, str]:
        """`RateLimit` and `RateLimit-Policy`."""
        policies: list[str] = []
        rooms: list[str] = []
        if self.per_minute is not None:
            room, seconds = self._room(self.per_minute)
            policies.append(f'"minute";q={self.per_minute};w=60;gsb-unit="points"')
            rooms.append(f'"minute";r={room};t={math.ceil(seconds)}')
        if self.per_month is not None:
            left = (self.resets_at - self._clock.now).total_seconds()
            policies.append(f'"month";q={self.per_month};gsb-unit="points"')
            rooms.append(f'"month";r={self.remaining};t={math.ceil(left)}')
        return {"ratelimit-policy": ", ".join(policies), "ratelimit": ", ".join(rooms)} if policies else {}

    def _take_of_minute(self, points: int, limit: int) -> None:
        if points > limit:
            raise Refusal(
                "QUERY_TOO_COSTLY",
                f"{points} points were asked for, and minute allows {limit} at most: this can never pass.",
                hint="Ask for fewer records or levels at once; GET /pricing lists what costs how much.",
                policy="minute",
                cost=points,
                limit=limit,
            )
        room, _ = self._room(limit)
        if points > room:
            wait = self._wait_for(points - room)
            raise Refusal(
                "RATE_LIMITED",
                f"minute allows {limit} points in 60 seconds, and {points} more do not fit yet.",
                hint="Wait for Retry-After; the RateLimit header says what is left.",
                retry_after=max(1, math.ceil(wait)),
                policy="minute",
                cost=points,
                limit=limit,
            )

    def _room(self, limit: int) -> tuple[int, float]:
        """What fits now, and after how many seconds more will."""
        self._turn()
        used = [(at, points) for at, points in self._spent if points]
        more_in = used[0][0] + MINUTE - self._clock.seconds if used else 0.0
        return max(0, limit - sum(points for _, points in used)), max(0.0, more_in)

    def _wait_for(self, points: int) -> float:
        freed = 0
        for at, spent in self._spent:
            freed += spent
            if freed >= points:
                return at + MINUTE - self._clock.seconds
        return MINUTE

    def _turn(self) -> None:
        """Forget what is past."""
        while self._spent and self._spent[0][0] + MINUTE <= self._clock.seconds:
            self._spent.popleft()
        month = self._clock.now.date().isoformat()[:7]
        if month != self._month:
            self._month, self._month_spent = month, 0


@dataclass(frozen=True, slots=True)
class Fact:
    """One answer, as usage counts it."""

    day: str
    datasets: tuple[str, ...]
    points: int
    bytes: int
    is_error: bool


def _told(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
