"""The caller's own account, and the price of what is asked."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from math import ceil
from typing import Annotated

import strawberry
from strawberry.types import Info

from publicgsb.platform.kernel.granted import Granted
from publicgsb.quotas.metering.store import UsageSum
from publicgsb.quotas.metering.usage import DAYS_MAX, UsageBy, UsageQuestion, this_month
from publicgsb.quotas.model import PolicyUnit, Standing
from publicgsb.quotas.prices import POINTS_PER_NEW_OPERATION, POINTS_PER_REQUEST
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
    reset_seconds: int | None = strawberry.field(
        description="Of a window, which slides: seconds until its oldest points are free again; 0 where none is used."
    )


strawberry.enum(UsageBy, name="UsageBy", description="By what usage is summed.")


@strawberry.type(
    description="What was used, of one group. Points and bytes of an answer over several datasets are shared evenly by "
    "them, to the unit; its request and its errors count at each."
)
class Usage:
    application: int | None = strawberry.field(description="Null unless summed by APPLICATION.")
    key: str | None = strawberry.field(description="The id of a key; null unless summed by KEY.")
    dataset: str | None = strawberry.field(
        description="Null unless summed by DATASET, and for answers that touched no dataset."
    )
    day: date | None = strawberry.field(description="In UTC; null unless summed by DAY.")
    requests: BigInt
    points: BigInt
    bytes: BigInt
    errors: BigInt
    database_ms: BigInt = strawberry.field(
        description="Milliseconds that the database worked: what the application's budget of a minute is spent on."
    )


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

    @strawberry.field(
        description="What the organisation used, exactly, up to a second or two ago; this month by dataset unless told "
        f"otherwise. Both days are included, and lie at most {DAYS_MAX} days apart."
    )
    async def usage(
        self,
        info: Info[StaticContext, None],
        since: Annotated[date | None, strawberry.argument(name="from", description="In UTC.")] = None,
        until: Annotated[date | None, strawberry.argument(name="to", description="In UTC.")] = None,
        by: Annotated[
            list[UsageBy] | None, strawberry.argument(description="[DATASET] when left out; [] for one sum.")
        ] = None,
    ) -> list[Usage]:
        month_began, today = this_month()
        groups = frozenset([UsageBy.DATASET] if by is None else by)
        question = UsageQuestion(since or min(month_began, until or today), until or today, groups)
        names = {entry.id: entry.name for entry in info.context.registry.datasets.values()}
        return [_usage(row, names) for row in await info.context.account.usage(info.context.caller, question)]


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
    policies: list[PolicyStanding] = strawberry.field(
        description="Every policy of the plan, the month among them, with what is left of it beside this request."
    )
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
        policies=[_standing(row) for row in standings],
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
        reset_seconds=None if row.frees_ms is None else ceil(row.frees_ms / 1000),
    )


def _usage(row: UsageSum, names: dict[int, str]) -> Usage:
    return Usage(
        application=row.application_id,
        key=row.key_id,
        dataset=names.get(row.dataset_id) if row.dataset_id else None,
        day=row.day,
        requests=BigInt(row.requests),
        points=BigInt(row.points),
        bytes=BigInt(row.bytes),
        errors=BigInt(row.errors),
        database_ms=BigInt(row.database_us // 1000),
    )
