"""The caller's own account, and the price of what is asked."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import strawberry
from strawberry.types import Info

from publicgsb.platform.kernel.granted import Granted
from publicgsb.quotas.model import PolicyUnit, Standing
from publicgsb.quotas.prices import POINTS_PER_NEW_OPERATION, POINTS_PER_REQUEST
from publicgsb.quotas.store import Usage
from publicgsb.schema.types.prices import PriceLevel
from publicgsb.schema.types.static import BigInt, StaticContext


@strawberry.type(description="How much of one policy is left.")
class PolicyStanding:
    policy: str
    unit: str
    limit: BigInt
    remaining: BigInt
    window_seconds: int | None
    resets_at: datetime | None


@strawberry.type(description="What was asked of one dataset this month.")
class DatasetUsage:
    dataset: str
    requests: BigInt
    points: BigInt
    bytes: BigInt
    errors: BigInt


@strawberry.type(description="A right to restricted data that this key has.")
class OwnGrant:
    dataset: str = strawberry.field(description="Its id, agency/dataset.")
    fields: list[str] | None = strawberry.field(description="Columns; null: all that is restricted in it.")
    state: str = strawberry.field(description="`active`, or `expired` once `until` has passed: renew it by reopening.")
    until: datetime


@strawberry.type(description="The caller's own account; free of charge.")
class Me:
    @strawberry.field(description="The organisation's number.")
    def organisation(self, info: Info[StaticContext, None]) -> int:
        return info.context.caller.organisation_id

    @strawberry.field
    def application(self, info: Info[StaticContext, None]) -> int:
        return info.context.caller.application_id

    @strawberry.field(description="The id of the key that asked.")
    def key(self, info: Info[StaticContext, None]) -> str:
        return info.context.caller.key_id

    @strawberry.field
    def plan(self, info: Info[StaticContext, None]) -> str:
        return info.context.caller.plan

    @strawberry.field(description="Its rights to restricted data, by dataset.")
    def grants(self, info: Info[StaticContext, None]) -> list[OwnGrant]:
        now = time.time()
        rights = sorted(info.context.caller.granted.items())
        return [_grant(dataset, one, now) for dataset, granted in rights for one in granted]

    @strawberry.field(description="Every policy of the plan, with what is left of it.")
    async def quota(self, info: Info[StaticContext, None]) -> list[PolicyStanding]:
        return [_standing(row) for row in await info.context.account.quota(info.context.caller)]

    @strawberry.field(description="This month, by dataset.")
    async def usage(self, info: Info[StaticContext, None]) -> list[DatasetUsage]:
        names = {entry.id: entry.name for entry in info.context.registry.datasets.values()}
        rows = await info.context.account.usage(info.context.caller)
        return [_usage(row, names[row.dataset_id]) for row in rows if row.dataset_id in names]


@strawberry.type(description="What this request costs, and what is left this month.")
class RateLimit:
    cost: int = strawberry.field(
        description=f"Points that this operation reserves: {POINTS_PER_REQUEST} and those of its levels. "
        f"A document that was never seen before costs {POINTS_PER_NEW_OPERATION} more, once."
    )
    records: int = strawberry.field(description="Records that it reserves, over all levels.")
    limit: int = strawberry.field(description="Points per month.")
    remaining: int
    resets_at: datetime | None
    levels: list[PriceLevel] = strawberry.field(description="Where the price comes from, and how each level is read.")
    statements: int = strawberry.field(description="SQL statements that answer all record fields together.")


async def rate_limit(context: StaticContext) -> RateLimit:
    standings = await context.account.quota(context.caller)
    month = next(row for row in standings if row.policy.period and row.policy.unit is PolicyUnit.POINTS)
    return RateLimit(
        cost=context.points,
        records=context.records,
        limit=month.policy.limit,
        remaining=month.remaining,
        resets_at=month.resets_at,
        levels=list(context.levels()),
        statements=context.statements,
    )


def _grant(dataset: tuple[str, str], granted: Granted, now: float) -> OwnGrant:
    return OwnGrant(
        dataset="/".join(dataset),
        fields=None if granted.columns is None else sorted(granted.columns),
        state="active" if now < granted.ends_at else "expired",
        until=datetime.fromtimestamp(granted.ends_at, UTC),
    )


def _standing(row: Standing) -> PolicyStanding:
    return PolicyStanding(
        policy=row.policy.name,
        unit=row.policy.unit.value,
        limit=BigInt(row.policy.limit),
        remaining=BigInt(row.remaining),
        window_seconds=row.policy.window_seconds,
        resets_at=row.resets_at,
    )


def _usage(row: Usage, name: str) -> DatasetUsage:
    return DatasetUsage(
        dataset=name,
        requests=BigInt(row.requests),
        points=BigInt(row.points),
        bytes=BigInt(row.bytes),
        errors=BigInt(row.errors),
    )
