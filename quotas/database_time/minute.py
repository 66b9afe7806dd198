"""What the database spent for each account in the current minute, as one worker knows it.

Pure rules with the clock passed in. Minutes are those of the database's clock, so that they begin for all workers at
once; in between a worker counts on by its own monotonic one.
"""

from collections.abc import Mapping

from publicgsb.quotas.model import Account

MINUTE_SECONDS = 60
TOLD_FROM_US = 50_000  # more is told to the others; so telling is at most 20 rows for a second of a connection
BEHIND_SECONDS_MAX = 1.0


class CurrentMinute:
    """`now` is monotonic seconds. What a minute has counted is gone with it."""

    def __init__(self, clock: float, now: float) -> None:
        self._ahead = clock - now
        self._ends = 0.0  # monotonic
        self.number = 0  # since 1970
        self._own: dict[Account, int] = {}
        self._others: Mapping[Account, int] = {}
        self._told: dict[Account, int] = {}
        self._dear: set[Account] = set()
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

    def charge(self, account: Account, us: int) -> None:
        """On the way of each request that asks the database, so no clock is read: of what ends with the minute, some
        may count for the one before until somebody asks what is used.
        """
        used = self._own[account] = self._own.get(account, 0) + us
        if used >= TOLD_FROM_US:
            self._dear.add(account)

    def used_us(self, account: Account, now: float) -> int:
        self.roll(now)
        return self._own.get(account, 0) + self._others.get(account, 0)

    def seconds_left(self, now: float) -> float:
        self.roll(now)
        return self._ends - now

    @property
    def ends_at(self) -> int:
        """By the clock, in seconds since 1970."""
        return (self.number + 1) * MINUTE_SECONDS

    def untold(self, now: float) -> dict[Account, int]:
        """What has grown since it was told, of accounts that are worth it."""
        self.roll(now)
        told = self._told
        return {
            account: self._own[account]
            for account in self._dear
            if self._own[account] - told.get(account, 0) >= TOLD_FROM_US
        }

    def note_told(self, minute: int, told: Mapping[Account, int], others: Mapping[Account, int]) -> None:
        """The others know `told`, and have spent `others`, in that minute; if it is over by now, nobody cares."""
        if minute == self.number:
            self._told.update(told)
            self._others = others

    def _begin(self, now: float) -> None:
        self.number = int((now + self._ahead) // MINUTE_SECONDS)
        self._ends = (self.number + 1) * MINUTE_SECONDS - self._ahead
        self._own, self._others, self._told, self._dear = {}, {}, {}, set()
