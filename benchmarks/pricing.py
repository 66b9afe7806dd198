"""Whether prices are honest: the points of many different operations beside the milliseconds that they take."""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.effort import Effort
from benchmarks.place import Place
from benchmarks.priced import Operation, operations
from benchmarks.ranks import correlation
from benchmarks.results import Result
from benchmarks.rounds import WrongAnswerError
from benchmarks.scatter import plot
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.server.demo.sources import Say
from publicgsb.quotas.prices import POINTS_PER_REQUEST, RECORDS_PER_POINT
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.price import price, used
from publicgsb.schema.planning.weigh import parents_of
from publicgsb.schema.sql.binding import Bound
from publicgsb.schema.sql.builder import build
from publicgsb.schema.sql.prepare import arguments, prepare
from publicgsb.schema.types.graft import graft, static_schema

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "prices.svg"
_SECRET = b"0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Weighed:
    """An operation with what it costs a caller and what it costs the database."""

    operation: Operation
    points: int  # charged in the end: what was reserved and not read is refunded
    reserved: int
    records: tuple[int, ...]  # read, by level
    counts: int  # of records under a filter, that stop at 10,000
    ms: float


async def measure(place: Place, effort: Effort, say: Say) -> Result:
    """Raises WrongAnswerError when an operation read more records than were reserved for it."""
    registry = await place.registry()
    plans = PlanCache(graft(registry, static_schema()).core)
    chosen = operations()[:: effort.of(1, 3)]
    # As the reader's connections are set, but without a limit that would hide a dear operation.
    reader = Connections(place.database_url, size=1, server_settings={"max_parallel_workers_per_gather": "0"})
    try:
        async with reader.use() as connection:
            weighed = [await _weigh(one, registry, plans, connection, effort.of(9, 2)) for one in chosen]
    finally:
        await reader.close()
    found = correlation([one.points for one in weighed], [one.ms for one in weighed])
    say(f"{len(weighed)} operations: rank correlation {found:.3f}")
    target = place.settings.state_dir / "prices.svg" if effort.is_quick else PICTURE
    target.write_text(_picture(weighed, found), encoding="utf-8")
    return Result({"prices": found}, _section(weighed, found))


async def _weigh(
    operation: Operation, registry: Registry, plans: PlanCache, connection: Connection, times: int
) -> Weighed:
    family = plans.family(operation.document, None)
    variables = family.variables(operation.variables)
    plan, _ = family.plan(registry, variables)
    cost = price(plan, variables)
    prepared = prepare(plan, registry, variables, {})
    statement = build(plan, prepared.releases)  # alone, as one caller's question
    values = arguments(statement, Bound(variables, {}, prepared.releases, prepared.versions, _SECRET))
    seconds = []
    for _ in range(times + 1):
        began = time.perf_counter()
        row = await connection.fetchrow(statement.text, *values)
        seconds.append(time.perf_counter() - began)
    assert row is not None
    read = {level: row[column] or 0 for level, column in statement.counts}
    if any(count > cost.records[level] for level, count in read.items()):
        raise WrongAnswerError(f"more was read than reserved: {operation.document}")
    records: list[int] = []
    counts = 0
    for index, level in enumerate(plan.levels):
        parents = parents_of(level, records)
        records.append(read.get(index, parents))
        counts += parents * len(level.counts)
    ms = min(seconds) * 1000
    return Weighed(operation, used(plan, cost, read), cost.points, tuple(records), counts, ms)


def _picture(weighed: Sequence[Weighed], found: float) -> str:
    series: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in weighed:
        series[one.operation.kind].append((one.points, one.ms))
    return plot(
        f"{len(weighed)} operations: price and database time, rank correlation {found:.2f}",
        "points", "milliseconds in the database", series,
    )  # fmt: skip


# Other ways to price, to see which weights would order operations better.
_OTHERS: Mapping[str, Callable[[Weighed], float]] = {
    "as charged": lambda one: one.points,
    "as reserved": lambda one: one.reserved,
    "a point for each count under a filter": lambda one: _per_level(one, RECORDS_PER_POINT) + one.counts,
    "a point for each count, 50 records per point": lambda one: _per_level(one, 50) + one.counts,
    "a point for each count, 20 records per point": lambda one: _per_level(one, 20) + one.counts,
    "records of all levels counted together": lambda one: _together(one, RECORDS_PER_POINT),
    "all levels together, a point for each count": lambda one: _together(one, RECORDS_PER_POINT) + one.counts,
    "all levels together, a point for each count, 20 records per point": lambda one: _together(one, 20) + one.counts,
}


def _per_level(one: Weighed, each: int) -> float:
    return POINTS_PER_REQUEST + sum(count // each for count in one.records)


def _together(one: Weighed, each: int) -> float:
    return POINTS_PER_REQUEST + sum(one.records) // each


def _section(weighed: Sequence[Weighed], found: float) -> str:
    by_kind: defaultdict[str, list[Weighed]] = defaultdict(list)
    for one in weighed:
        by_kind[one.operation.kind].append(one)
    kinds = "\n".join(
        f"| {kind} | {len(ones)} | {min(one.points for one in ones)}–{max(one.points for one in ones)} "
        f"| {min(one.ms for one in ones):.2f}–{max(one.ms for one in ones):.2f} "
        f"| {1000 * statistics.median(one.ms / one.points for one in ones):,.0f} |"
        for kind, ones in by_kind.items()
    )
    times = [one.ms for one in weighed]
    others = "\n".join(
        f"| {name} | {correlation([rule(one) for one in weighed], times):.3f} |" for name, rule in _OTHERS.items()
    )
    return f"""## Honest prices

{len(weighed)} different operations on the demo's data: the points that they are charged in the end, and the time of
their statement alone on a held connection, the best of several, which other work on the machine disturbs least. None
read more records than it had reserved. Rank correlation (Spearman): **{found:.3f}**.

![Price and database time of each operation](prices.svg)

| operations | how many | points | ms | µs per point, median |
|---|---|---|---|---|
{kinds}

What other weights would give on the same figures:

| weights | rank correlation |
|---|---|
{others}
"""
