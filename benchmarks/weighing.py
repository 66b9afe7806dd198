"""What operations cost a caller and what they cost the database, measured in turns."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from asyncpg.prepared_stmt import PreparedStatement

from benchmarks.backend import Backend
from benchmarks.priced import Operation
from benchmarks.rounds import WrongAnswerError
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.database import Connection
from publicgsb.quotas.prices import POINTS_PER_REQUEST, RECORDS_PER_POINT
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.price import price, read, used
from publicgsb.schema.planning.weigh import Price, parents_of
from publicgsb.schema.sql.binding import Bound
from publicgsb.schema.sql.builder import Statement, build, is_look_up
from publicgsb.schema.sql.prepare import arguments, prepare
from publicgsb.schema.types.graft import graft, static_schema

_SECRET = b"0123456789abcdef"
_WARM = 6  # PostgreSQL settles on a plan for all values after the fifth


@dataclass(frozen=True, slots=True)
class Weighed:
    operation: Operation
    points: int  # charged in the end: what was reserved and not read is refunded
    reserved: int
    records: tuple[int, ...]  # read, by level
    lists: int  # opened, one for each record above
    ms: float

    @property
    def beside_records(self) -> int:
        """Points for anything but the request and its records."""
        return self.points - POINTS_PER_REQUEST - sum(self.records) // RECORDS_PER_POINT


@dataclass(frozen=True, slots=True)
class _Ready:
    operation: Operation
    plan: Plan
    cost: Price
    statement: Statement
    prepared: "PreparedStatement[Any]"
    values: Sequence[Any]


async def weigh(
    operations: Sequence[Operation], registry: Registry, connection: Connection, times: int
) -> list[Weighed]:
    """Raises WrongAnswerError when one read more records than were reserved for it, or cost more points."""
    plans = PlanCache(graft(registry, static_schema()).core)
    backend = await Backend.of(connection)
    ready = [await _ready(one, registry, plans, connection) for one in operations]
    worked: list[list[float]] = [[] for _ in ready]
    counts: list[Mapping[int, int]] = [{} for _ in ready]
    for turn in range(_WARM + times):
        for at, one in enumerate(ready):
            began = backend.worked_ms()
            row = await one.prepared.fetchrow(*one.values)
            ms = backend.worked_ms() - began
            assert row is not None
            counts[at] = {level: row[column] or 0 for level, column in one.statement.counts}
            if turn >= _WARM:
                worked[at].append(ms)
    return [
        _weighed(one, read_, statistics.median(found)) for one, read_, found in zip(ready, counts, worked, strict=True)
    ]


async def _ready(operation: Operation, registry: Registry, plans: PlanCache, connection: Connection) -> _Ready:
    family = plans.family(operation.document, None)
    variables = family.variables(operation.variables)
    plan, _ = family.plan(registry, variables)
    cost = price(plan, variables, registry)
    bound = prepare(plan, registry, variables, {})
    # A look-up alone, as one caller's question; served, it may be asked with those of others.
    statement = build(plan, bound.releases) if is_look_up(plan) else bound.statement
    assert statement is not None
    values = arguments(statement, Bound(variables, {}, bound.releases, bound.versions, _SECRET))
    # A connection that is held for the whole measurement keeps what it prepared.
    return _Ready(operation, plan, cost, statement, await connection.prepare(statement.text), values)


def _weighed(one: _Ready, counts: Mapping[int, int], ms: float) -> Weighed:
    records = read(one.plan, counts)
    points = used(one.plan, one.cost, counts)
    if points > one.cost.points or any(n > most for n, most in zip(records, one.cost.records, strict=True)):
        raise WrongAnswerError(f"more was read than reserved: {one.operation.document}")
    lists = sum(parents_of(level, records) for level in one.plan.levels if level.first is not None)
    return Weighed(one.operation, points, one.cost.points, tuple(records), lists, ms)
