"""The only file of quotas that talks to PostgreSQL. Takes a connection, never a pool, and never commits."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.ids import BootId
from publicgsb.platform.kernel.sql import load
from publicgsb.quotas.model import Account, Period, Plan, Policy, PolicyUnit, plan_from_json, plan_to_json

_HERE = "publicgsb.quotas"
_PLANS_ALL = load(_HERE, "sql/plans_all.sql")
_PLAN_SET = load(_HERE, "sql/plan_set.sql")
_ACCOUNT_OPEN = load(_HERE, "sql/account_open.sql")
_ACCOUNT_STANDING = load(_HERE, "sql/account_standing.sql")
_PERIOD_END = load(_HERE, "sql/period_end.sql")
_LEASE_GRANT = load(_HERE, "sql/lease_grant.sql")
_LEASE_SETTLE = load(_HERE, "sql/lease_settle.sql")
_RECLAIM_LOCK = load(_HERE, "sql/reclaim_lock.sql")
_WORKERS_FENCE = load(_HERE, "sql/workers_fence.sql")
_LEASES_FORFEIT = load(_HERE, "sql/leases_forfeit.sql")
_WORKER_IS_ALIVE = load(_HERE, "sql/worker_is_alive.sql")
_FACTS_ADD = load(_HERE, "sql/facts_add.sql")
_OPERATION_ADD = load(_HERE, "sql/operation_add.sql")
_OPERATION_FIELD_ADD = load(_HERE, "sql/operation_field_add.sql")
_USAGE_BY_APPLICATION = load(_HERE, "sql/usage_by_application.sql")
_USAGE_BY_DATASET = load(_HERE, "sql/usage_by_dataset.sql")


@dataclass(frozen=True, slots=True)
class Granted:
    """What a lease holds after a grant: `amount` is the whole of it, and the database's word is final."""

    amount: int
    room: int
    period_end: datetime
    seconds_left: float


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """`seconds_left` by the database's clock: a worker's may be ahead of it."""

    used: int
    reserved: int
    allotted: int
    period_end: datetime
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Reclaimed:
    """What a reclaimer did: workers declared dead, leases forfeited, unreported units in them."""

    workers: int
    leases: int
    units: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One usage fact; `dataset_id` 0 is the whole answer, the others a dataset that it touched.

    `application_id` is that of the account: negated for test keys. What a release before wrote knows no `database_us`.
    """

    seq: int
    second: datetime
    application_id: int
    key_id: str
    dataset_id: int
    release_id: int
    operation_hash: str
    requests: int
    points: int
    bytes: int
    errors: int
    ms: int
    database_us: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """A sum of facts, of test keys too; `dataset_id` 0 for whole answers."""

    application_id: int
    dataset_id: int
    requests: int
    points: int
    bytes: int
    errors: int
    ms: int


async def plans_all(connection: Connection) -> list[Plan]:
    return [plan_from_json(row["name"], json.loads(row["policies"])) for row in await connection.fetch(_PLANS_ALL)]


async def plan_set(connection: Connection, plan: Plan) -> None:
    """What a release before cannot read stands in a column that it leaves alone: of milliseconds, and of each key."""
    policies: list[dict[str, Any]] = []
    brakes: list[dict[str, Any]] = []
    key_brakes: list[dict[str, Any]] = []
    for policy in plan_to_json(plan):
        of_time = key_brakes if "per_key" in policy else brakes
        (of_time if policy["unit"] == PolicyUnit.MILLISECONDS else policies).append(policy)
    await connection.execute(_PLAN_SET, plan.name, *map(json.dumps, (policies, brakes, key_brakes)))


async def account_open(connection: Connection, account: Account, policy: Policy) -> bool:
    """True when the account of this period did not exist before, or had another limit."""
    status = await connection.execute(_ACCOUNT_OPEN, *account, policy.name, _period(policy).value, policy.limit)
    return status == "INSERT 0 1"


async def worker_is_alive(connection: Connection, boot_id: BootId) -> bool:
    return bool(await connection.fetchval(_WORKER_IS_ALIVE, boot_id))


async def account_standing(connection: Connection, account: Account, policy: Policy) -> AccountStanding:
    period = _period(policy).value
    row = await connection.fetchrow(_ACCOUNT_STANDING, *account, policy.name, period)
    if row is None:
        row = await connection.fetchrow(_PERIOD_END, period)
        assert row is not None
        return AccountStanding(0, 0, 0, row["period_end"], row["seconds_left"])
    return AccountStanding(row["used"], row["reserved"], row["allotted"], row["period_end"], row["seconds_left"])


async def lease_grant(
    connection: Connection,
    lease_id: UUID,
    boot_id: BootId,
    account: Account,
    policy: Policy,
    *,
    used: int,
    want: int,
    minimum: int,
) -> Granted | None:
    """Grow (or open) a lease by `minimum` up to `want` units, or change nothing and return None."""
    row = await connection.fetchrow(
        _LEASE_GRANT, lease_id, boot_id, *account, policy.name, _period(policy).value, policy.limit,
        used, max(want, minimum), minimum,
    )  # fmt: skip
    return None if row is None else Granted(row["amount"], row["room"], row["period_end"], row["seconds_left"])


async def lease_settle(connection: Connection, lease_id: UUID, used: int) -> int | None:
    """Close a lease; returns the units given back, None when it was closed before."""
    returned: int | None = await connection.fetchval(_LEASE_SETTLE, lease_id, used)
    return returned


async def reclaim(connection: Connection, dead_after_seconds: float) -> Reclaimed:
    """Fence silent workers and forfeit what they hold; does nothing while another reclaimer is at it."""
    if not await connection.fetchval(_RECLAIM_LOCK):
        return Reclaimed(0, 0, 0)
    fenced = await connection.fetch(_WORKERS_FENCE, dead_after_seconds)
    row = await connection.fetchrow(_LEASES_FORFEIT)
    assert row is not None
    return Reclaimed(len(fenced), row["leases"], row["units"])


async def facts_add(connection: Connection, boot_id: BootId, facts: Sequence[Fact]) -> None:
    await connection.execute(
        _FACTS_ADD,
        boot_id,
        [fact.seq for fact in facts],
        [fact.second for fact in facts],
        [fact.application_id for fact in facts],
        [fact.key_id for fact in facts],
        [fact.dataset_id for fact in facts],
        [fact.release_id for fact in facts],
        [fact.operation_hash for fact in facts],
        [fact.requests for fact in facts],
        [fact.points for fact in facts],
        [fact.bytes for fact in facts],
        [fact.errors for fact in facts],
        [fact.ms for fact in facts],
        [fact.database_us for fact in facts],
    )


async def audit(connection: Connection, actor: str, action: str, subject: str, details: Mapping[str, object]) -> None:
    told: dict[str, Any] = dict(details)
    await record(connection, actor, action, subject, reason=told.pop("reason", None), **told)


async def operation_add(connection: Connection, operation_hash: str) -> bool:
    return await connection.fetchval(_OPERATION_ADD, operation_hash) is not None


async def operation_fields_add(
    connection: Connection, operation_hash: str, fields: Sequence[tuple[int, int, str]]
) -> None:
    await connection.execute(
        _OPERATION_FIELD_ADD,
        operation_hash,
        [dataset_id for dataset_id, _, _ in fields],
        [major for _, major, _ in fields],
        [field for _, _, field in fields],
    )


async def usage_by_application(
    connection: Connection, since: datetime, until: datetime, application_id: int | None
) -> list[Usage]:
    rows = await connection.fetch(_USAGE_BY_APPLICATION, since, until, application_id)
    return [Usage(**dict(row)) for row in rows]


async def usage_by_dataset(
    connection: Connection, since: datetime, until: datetime, application_id: int | None
) -> list[Usage]:
    rows = await connection.fetch(_USAGE_BY_DATASET, since, until, application_id)
    return [Usage(**dict(row)) for row in rows]


def _period(policy: Policy) -> Period:
    assert policy.period is not None, f"policy {policy.name} has no period"
    return policy.period
