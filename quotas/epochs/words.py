"""The words that both stores of windows share: what is asked for, how it is laid out, what comes back."""

import math
from dataclasses import dataclass
from enum import Enum

from publicgsb.quotas.model import WINDOW_SECONDS_MIN, Account, Plan, Policy

HORIZON_MS = 100  # a granted unit may be used this long; windows are kept longer by as much
SLOT_TTL_MS = 30_000  # a slot of a worker that died comes back after this; no request lasts as long
PARTS = 20  # a window is kept in so many sub-buckets and the current one
PARTS_SHORT = 100  # of a window that is too short to take units ahead
MARK = 1 << 44  # more milliseconds than any clock here shows


class Verdict(Enum):
    GRANTED = 1
    NO_ROOM = 0
    NEVER_FITS = -1
    NO_SLOT = -2
    HELD = -3  # no epoch is open at the moment: wait for it and ask again


@dataclass(frozen=True, slots=True)
class Slots:
    """What a worker runs now and wants to run besides; `minimum` 0 only tells the count."""

    running: int
    want: int
    minimum: int


NO_SLOTS = Slots(0, 0, 0)


@dataclass(frozen=True, slots=True)
class WindowState:
    """What is left of a window now, and when its oldest units expire (0: it is empty)."""

    remaining: int
    reset_ms: int


@dataclass(frozen=True, slots=True)
class WindowGrant:
    """`granted` units and `slots`, usable until HORIZON_MS after `sent_at`; or why none."""

    verdict: Verdict
    granted: int
    slots: int
    granted_ms: int  # the store's clock
    wait_ms: int
    policy: Policy | None  # the one that refused
    slots_used: int  # by all workers
    states: tuple[WindowState, ...]
    sent_at: float = 0.0  # monotonic seconds of this worker
    mark: int = 0  # names epoch and moment when units of this grant are given back


HELD = WindowGrant(Verdict.HELD, 0, 0, 0, 0, None, 0, ())


@dataclass(frozen=True, slots=True)
class WindowShape:
    """One window of one account as both stores lay it out: units by the sub-bucket (`width_ms`) of their grant."""

    key: str
    limit: int
    width_ms: int
    parts: int

    @property
    def keep_ms(self) -> int:
        return self.width_ms * (self.parts + 1)


@dataclass(frozen=True, slots=True)
class Shape:
    """The windows and slots of one account under one plan, laid out once and asked of many times."""

    plan: Plan
    windows: tuple[WindowShape, ...]
    slots_key: str | None
    slot_limit: int
    redis_keys: tuple[str, ...]
    redis_arguments: tuple[int, ...]  # n, then limit, width_ms and parts of each window

    @property
    def keep_seconds(self) -> float:
        """For how long a unit counts in the longest window."""
        return max((window.keep_ms for window in self.windows), default=0) / 1000


def epoch_key(organisation_id: int) -> str:
    return f"{{o:{organisation_id}}}:epoch"


def window_key(account: Account, policy: Policy) -> str:
    """The hash tag keeps all keys of an organisation on one node of a cluster."""
    return f"{{o:{account[0]}}}:w:{policy.name}:{policy.window_seconds}:{account[1]}"


def slots_key(account: Account, policy: Policy) -> str:
    return f"{{o:{account[0]}}}:c:{policy.name}:{account[1]}"


def shape_of(account: Account, plan: Plan) -> Shape:
    windows = tuple(_window(account, policy) for policy in plan.windows)
    limit = plan.concurrency
    slots = slots_key(account, limit) if limit else None
    return Shape(
        plan,
        windows,
        slots,
        limit.limit if limit else 0,
        (epoch_key(account[0]), *(window.key for window in windows), *((slots,) if slots else ())),
        (len(windows), *(number for one in windows for number in (one.limit, one.width_ms, one.parts))),
    )


def takes_ahead(plan: Plan) -> bool:
    """Whether units may be taken before they are needed: not when a window would feel 100 ms."""
    return all(_seconds(policy) >= WINDOW_SECONDS_MIN for policy in plan.windows)


def read_reply(reply: list[int], plan: Plan, *, sent_at: float, epoch: int) -> WindowGrant:
    """The reply of either store, which is the same."""
    verdict = Verdict(reply[0])
    if verdict is Verdict.HELD:
        return HELD
    index = reply[5]
    policy = plan.concurrency if verdict is Verdict.NO_SLOT else plan.windows[index - 1] if index else None
    states = tuple(WindowState(reply[i], reply[i + 1]) for i in range(7, len(reply), 2))
    return WindowGrant(
        verdict, reply[1], reply[2], reply[3], reply[4], policy, reply[6], states, sent_at, epoch * MARK + reply[3]
    )


def _window(account: Account, policy: Policy) -> WindowShape:
    is_short = _seconds(policy) < WINDOW_SECONDS_MIN
    parts, horizon = (PARTS_SHORT, 0) if is_short else (PARTS, HORIZON_MS)
    width = math.ceil((_seconds(policy) * 1000 + horizon) / parts)
    return WindowShape(window_key(account, policy), policy.limit, width, parts)


def _seconds(policy: Policy) -> int:
    assert policy.window_seconds is not None
    return policy.window_seconds
