"""Policies tried on what was used: pure rules, one application at a time, in order of time.

Facts know whole seconds, so all requests of a second count at once, a window of w seconds is w whole seconds, and which
of the requests of one second would have been refused is not known, only how many. Real windows slide between seconds:
they may refuse a little earlier or later. Months and days are exact. Database time is that of facts; in truth what was
running when it was spent still ran. How many requests ran at once is taken from the
time that they took, as an average over the second: short peaks do not show.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from publicgsb.quotas.model import Period, Policy, PolicyKind, PolicyUnit


@dataclass(frozen=True, slots=True)
class Use:
    """One fact: requests of one operation in one second (of the epoch)."""

    second: int
    is_file: bool
    requests: int
    points: int
    bytes: int
    ms: int
    database_us: int = 0
    key_id: str = ""


@dataclass(slots=True)
class Refused:
    """What a policy would have refused to one application."""

    requests: int
    points: int
    bytes: int
    first: int
    last: int


# What is counted of one unit: milliseconds of a running request in a second, microseconds in one of the database.
_SCALES = {PolicyUnit.REQUESTS: 1000, PolicyUnit.MILLISECONDS: 1000}
_PERIODS = {Period.MINUTE: "%Y-%m-%dT%H:%M", Period.DAY: "%Y-%m-%d", Period.MONTH: "%Y-%m"}


class _Meter:
    """How much of one policy is used at a second."""

    def __init__(self, policy: Policy, before: int) -> None:
        self.policy = policy
        self._used = before
        self._period = ""
        self._has_begun = False
        self._entries: deque[tuple[int, int]] = deque()

    def units(self, use: Use) -> int:
        """What this use costs of it; 0 for what the policy does not count."""
        if self.policy.kind is PolicyKind.CONCURRENCY:
            return 0 if use.is_file else use.ms
        if self.policy.unit is PolicyUnit.BYTES:
            return use.bytes if use.is_file else 0
        return use.database_us if self.policy.unit is PolicyUnit.MILLISECONDS else use.points

    def room(self, second: int) -> int:
        policy = self.policy
        if policy.kind is PolicyKind.PERIOD:
            self._enter(second)
            return policy.limit * _SCALES.get(policy.unit, 1) - self._used
        # A second holds 1,000 ms of each of the requests that may run at once.
        span = policy.window_seconds or 1
        while self._entries and self._entries[0][0] <= second - span:
            self._used -= self._entries.popleft()[1]
        return policy.limit * _SCALES.get(policy.unit, 1) - self._used

    def add(self, second: int, units: int) -> None:
        self._used += units
        if self.policy.kind is not PolicyKind.PERIOD:
            self._entries.append((second, units))

    def _enter(self, second: int) -> None:
        assert self.policy.period is not None
        period = datetime.fromtimestamp(second, UTC).strftime(_PERIODS[self.policy.period])
        if period != self._period:
            if self._has_begun:
                self._used = 0
            self._period, self._has_begun = period, True


class _KeyMeters:
    """A policy of each key by itself: a meter for every key, which had used nothing before: it bounds minutes."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._of: dict[str, _Meter] = {}

    def of(self, use: Use) -> _Meter:
        return self._of.setdefault(use.key_id, _Meter(self.policy, 0))


class Trial:
    """All policies together for one application, all or nothing: what one refuses uses up none.

    `before` is what periods had used by `start`; `feed` takes uses in order of time, from `start` on.
    """

    def __init__(self, policies: Iterable[Policy], start: int, before: Mapping[str, int]) -> None:
        policies = list(policies)
        self._meters = [_Meter(policy, before.get(policy.name, 0)) for policy in policies if not policy.per_key]
        self._of_keys = [_KeyMeters(policy) for policy in policies if policy.per_key]
        for meter in self._meters:
            meter.room(start)  # what was used before belongs to the period of the start
        self.requests = 0
        self.points = 0
        self.refused: dict[str, Refused] = {}

    def feed(self, use: Use) -> None:
        self.requests += use.requests
        self.points += use.points
        fit, by = use.requests, None
        meters = [*self._meters, *(one.of(use) for one in self._of_keys)]
        for meter in meters:
            units = meter.units(use)
            room = max(0, meter.room(use.second)) if units else 0
            if units > room and (fits := room * use.requests // units) < fit:
                fit, by = fits, meter.policy
        for meter in meters:
            # Rounded up, and still within the room: fit / requests is at most room / units.
            if units := -(-meter.units(use) * fit // max(1, use.requests)):
                meter.add(use.second, units)
        if by is not None:
            _note(self.refused, by, use, use.requests - fit)


def _note(refused: dict[str, Refused], policy: Policy, use: Use, requests: int) -> None:
    one = refused.setdefault(policy.name, Refused(0, 0, 0, use.second, use.second))
    one.requests += requests
    one.points += use.points * requests // use.requests
    one.bytes += use.bytes * requests // use.requests if use.is_file else 0
    one.last = use.second
