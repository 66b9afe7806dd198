"""Plans, policies and accounts: the words of quotas, with the rules that need no I/O.

A plan is a named set of policies. Every plan has exactly one policy of kind `period` in points (the month):
it is the ledger. Windows bound the speed, `concurrency` the number at once, a period in bytes the downloads, the minute
in milliseconds what the database may work for the account, or for each of its keys.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from publicgsb.platform.kernel.errors import InvalidRequest

# The quota subject: organisation and application, never the key, so that rotating a key refills nothing.
Account: TypeAlias = tuple[int, int]

# Units are handed out up to 100 ms ahead; a shorter window of a stored plan would feel that.
WINDOW_SECONDS_MIN = 10
LIMIT_MAX = 999_999_999_999_999  # the largest integer of a structured field; Lua counts exactly up to nine times that

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class PolicyKind(StrEnum):
    WINDOW = "window"  # strict sliding window of `window_seconds`
    PERIOD = "period"  # calendar minute, day or month in UTC
    CONCURRENCY = "concurrency"  # requests running at the same moment


class PolicyUnit(StrEnum):
    POINTS = "points"
    BYTES = "bytes"
    REQUESTS = "requests"
    MILLISECONDS = "milliseconds"  # for which the database worked; measured, where points are an estimate


_ENFORCED = {
    (PolicyKind.WINDOW, PolicyUnit.POINTS),
    (PolicyKind.PERIOD, PolicyUnit.POINTS),
    (PolicyKind.PERIOD, PolicyUnit.BYTES),
    (PolicyKind.CONCURRENCY, PolicyUnit.REQUESTS),
    (PolicyKind.PERIOD, PolicyUnit.MILLISECONDS),
}


class Period(StrEnum):
    """The values are PostgreSQL's names for `date_trunc` and intervals. Minutes are for milliseconds, and only they."""

    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Policy:
    """One limit. `window_seconds` only for windows, `period` only for periods.

    One in `shadow` denies nothing: `gsb plan shadow` counts from usage facts what it would have denied.
    """

    name: str
    kind: PolicyKind
    limit: int
    unit: PolicyUnit
    window_seconds: int | None = None
    period: Period | None = None
    shadow: bool = False
    per_key: bool = False  # bounds each key of the account by itself; of milliseconds alone

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InvalidRequest(f"The policy name {self.name!r} is not lower-case ASCII: it travels in headers.")
        if not 1 <= self.limit <= LIMIT_MAX:
            raise InvalidRequest(f"The limit of policy {self.name!r} must be 1 to {LIMIT_MAX}.")
        if (self.kind, self.unit) not in _ENFORCED:
            raise InvalidRequest(f"Policy {self.name!r}: nothing bounds {self.unit} by a {self.kind}.")
        if (self.kind is PolicyKind.WINDOW) != (self.window_seconds is not None):
            raise InvalidRequest(f"Policy {self.name!r}: window_seconds belongs to windows, and only there.")
        if (self.kind is PolicyKind.PERIOD) != (self.period is not None):
            raise InvalidRequest(f"Policy {self.name!r}: period belongs to period policies, and only there.")
        if (self.period is Period.MINUTE) != (self.unit is PolicyUnit.MILLISECONDS):
            raise InvalidRequest(f"Policy {self.name!r}: milliseconds are bounded by the minute, and nothing else is.")
        if self.per_key and self.unit is not PolicyUnit.MILLISECONDS:
            raise InvalidRequest(f"Policy {self.name!r}: only milliseconds are bounded for each key by itself.")


@dataclass(frozen=True, slots=True)
class Plan:
    """The policies of a plan, sorted once by what they bound."""

    name: str
    policies: tuple[Policy, ...]

    def __post_init__(self) -> None:
        names = [policy.name for policy in self.policies]
        if len(set(names)) != len(names):
            raise InvalidRequest(f"Plan {self.name!r} names a policy twice.")
        if len(self._of(PolicyKind.PERIOD, PolicyUnit.POINTS)) != 1:
            raise InvalidRequest(f"Plan {self.name!r} needs exactly one period in points.")
        if len(self._of(PolicyKind.PERIOD, PolicyUnit.BYTES)) > 1:
            raise InvalidRequest(f"Plan {self.name!r} has more than one period in bytes.")
        if len(self._of(PolicyKind.CONCURRENCY, PolicyUnit.REQUESTS)) > 1:
            raise InvalidRequest(f"Plan {self.name!r} has more than one concurrency limit.")
        brakes = [policy.per_key for policy in self._of(PolicyKind.PERIOD, PolicyUnit.MILLISECONDS)]
        if len(set(brakes)) != len(brakes):
            raise InvalidRequest(
                f"Plan {self.name!r} has more than one budget of database time, of all keys or of each."
            )

    @property
    def enforced(self) -> tuple[Policy, ...]:
        return tuple(policy for policy in self.policies if not policy.shadow)

    @property
    def shadows(self) -> tuple[Policy, ...]:
        return tuple(policy for policy in self.policies if policy.shadow)

    @property
    def ledger(self) -> Policy:
        """The period in points: what is paid and published."""
        return self._of(PolicyKind.PERIOD, PolicyUnit.POINTS)[0]

    @property
    def windows(self) -> tuple[Policy, ...]:
        return self._of(PolicyKind.WINDOW, PolicyUnit.POINTS)

    @property
    def concurrency(self) -> Policy | None:
        return next(iter(self._of(PolicyKind.CONCURRENCY, PolicyUnit.REQUESTS)), None)

    @property
    def bytes_period(self) -> Policy | None:
        return next(iter(self._of(PolicyKind.PERIOD, PolicyUnit.BYTES)), None)

    @property
    def database_time(self) -> Policy | None:
        """Of all keys of an account together."""
        return next((one for one in self._of(PolicyKind.PERIOD, PolicyUnit.MILLISECONDS) if not one.per_key), None)

    @property
    def key_database_time(self) -> Policy | None:
        """Of each key by itself."""
        return next((one for one in self._of(PolicyKind.PERIOD, PolicyUnit.MILLISECONDS) if one.per_key), None)

    def _of(self, kind: PolicyKind, unit: PolicyUnit) -> tuple[Policy, ...]:
        return tuple(policy for policy in self.enforced if policy.kind is kind and policy.unit is unit)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account stands with one policy: `limit = used + reserved + remaining` for periods in points and bytes.

    Of database time more than the limit may be used: by what was running when it was spent.
    `reserved` is set aside for workers and not yet spent; what the worker that tells it has set aside is left to it.
    `resets_at` only for periods; a window has no end, `frees_ms` until its oldest units are free (0: none is used).
    """

    policy: Policy
    used: int
    reserved: int
    remaining: int
    resets_at: datetime | None
    frees_ms: int | None = None


def plan_from_json(name: str, policies: Sequence[Mapping[str, Any]]) -> Plan:
    """The plan that a row of gsb.plan describes; raises InvalidRequest when it describes none."""
    return Plan(name, tuple(_policy_from_json(name, policy) for policy in policies))


def plan_to_json(plan: Plan) -> list[dict[str, Any]]:
    """As gsb.plan keeps them: the members of each Policy, without those that are not set."""
    return [
        {
            "name": policy.name,
            "kind": policy.kind.value,
            "limit": policy.limit,
            "unit": policy.unit.value,
            **({"window_seconds": policy.window_seconds} if policy.window_seconds else {}),
            **({"period": policy.period.value} if policy.period else {}),
            **({"shadow": True} if policy.shadow else {}),
            **({"per_key": True} if policy.per_key else {}),
        }
        for policy in plan.policies
    ]


def _policy_from_json(plan: str, members: Mapping[str, Any]) -> Policy:
    try:
        policy = Policy(
            name=str(members["name"]),
            kind=PolicyKind(members["kind"]),
            limit=int(members["limit"]),
            unit=PolicyUnit(members["unit"]),
            window_seconds=int(members["window_seconds"]) if "window_seconds" in members else None,
            period=Period(members["period"]) if "period" in members else None,
            shadow=members.get("shadow", False) is True,
            per_key=members.get("per_key", False) is True,
        )
    except (KeyError, ValueError, TypeError) as wrong:
        raise InvalidRequest(f"A policy of plan {plan!r} cannot be read: {wrong}.") from wrong
    if policy.window_seconds is not None and policy.window_seconds < WINDOW_SECONDS_MIN:
        raise InvalidRequest(f"Policy {policy.name!r}: a window lasts at least {WINDOW_SECONDS_MIN} seconds.")
    return policy
