"""What the database spent in the current minute for each account and for each key, as one worker knows it.

Pure rules with the clock passed in. Minutes are those of the database's clock, so that they begin for all workers at
once; in between a worker counts on by its own monotonic one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from publicgsb.quotas.model import Account

MINUTE_SECONDS = 60
TOLD_FROM_US = 50_000  # more is told to the others; so telling is at most 40 rows for a second of a connection
BEHIND_SECONDS_MAX = 1.0

S = TypeVar("S")


class Counted(Generic[S]):
    """Microseconds of one minute by subject, an account or a key: one's own, and what others told."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._own: dict[S, int] = {}
        self._others: Mapping[S, int] = {}
        self._told: dict[S, int] = {}
        self._dear: set[S] = set()

    def charge(self, subject: S, us: int) -> None:
        used = self._own[subject] = self._own.get(subject, 0) + us
        if used >= TOLD_FROM_US:
            self._dear.add(subject)

    def used_us(self, subject: S) -> int:
        return self._own.get(subject, 0) + self._others.get(subject, 0)

    def untold(self) -> dict[S, int]:
        told = self._told
        return {
            subject: self._own[subject]
            for subject in self._dear
            if self._own[subject] - told.get(subject, 0) >= TOLD_FROM_US
        }

    def note_told(self, told: Mapping[S, int], others: Mapping[S, int]) -> None:
        self._told.update(told)
        self._others = others


@dataclass(frozen=True, slots=True)
class Sums:
    """Microseconds of a minute, as workers tell them to each other."""

    accounts: Mapping[Account, int] = field(default_factory=dict)
    keys: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.accounts or self.keys)


class CurrentMinute:
    """`now` is monotonic seconds. What a minute has counted is gone with it."""

    def __init__(self, clock: float, now: float) -> None:
        self._ahead = clock - now
        self._ends = 0.0  # monotonic
        self.number = 0  # since 1970
        self._accounts = Counted[Account]()
        self._keys = Counted[str]()
        self._begin(now)

    def set_clock(self, clock: float, now: float) -> None:
        """By a clock that was read no later than `now`: a minute rather ends late here than early.

        One that is a little behind is waited for, and nothing that was counted is lost; one that is set is followed.
        """
        behind = self.number * MINUTE_SECONDS - clock
        self._ahead = clock - now + (behind if 0 < behind < BEHIND_SECONDS_MAX else 0)
        if behind >= BEHIND_SECONDS_MAX:
            self._begin(now)
        else:
            self._ends = (self.number + 1) * MINUTE_SECONDS - self._ahead

    def roll(self, now: float) -> None:
        """Begin the minute that it is."""
        if now >= self._ends:
            self._begin(now)

    def charge(self, account: Account, key_id: str, us: int) -> None:
        """On the way of each request that asks the database, so no clock is read: of what ends with the minute, some
        may count for the one before until somebody asks what is used.
        """
        self._accounts.charge(account, us)
        self._keys.charge(key_id, us)

    def used_us(self, account: Account, now: float) -> int:
        self.roll(now)
        return self._accounts.used_us(account)

    def key_used_us(self, key_id: str, now: float) -> int:
        self.roll(now)
        return self._keys.used_us(key_id)

    def key_seems_spent(self, key_id: str, limit_us: int) -> bool:
        """Asked for each request, so no clock is read: `key_used_us` knows whether that minute is over."""
        return self._keys.used_us(key_id) >= limit_us

    def seconds_left(self, now: float) -> float:
        self.roll(now)
        return self._ends - now

    @property
    def ends_at(self) -> int:
        """By the clock, in seconds since 1970."""
        return (self.number + 1) * MINUTE_SECONDS

    def untold(self, now: float) -> Sums:
        """What has grown since it was told, of accounts and keys that are worth it."""
        self.roll(now)
        return Sums(self._accounts.untold(), self._keys.untold())

    def note_told(self, minute: int, told: Sums, others: Sums) -> None:
        """The others know `told`, and have spent `others`, in that minute; if it is over by now, nobody cares."""
        if minute == self.number:
            self._accounts.note_told(told.accounts, others.accounts)
            self._keys.note_told(told.keys, others.keys)

    def _begin(self, now: float) -> None:
        self.number = int((now + self._ahead) // MINUTE_SECONDS)
        self._ends = (self.number + 1) * MINUTE_SECONDS - self._ahead
        self._accounts.clear()
        self._keys.clear()
