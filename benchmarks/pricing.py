"""Whether prices are honest: the points of many different operations beside the milliseconds that they take."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks import dearer, priced
from benchmarks.effort import Effort
from benchmarks.place import Place
from benchmarks.ranks import correlation, ranks
from benchmarks.results import Result
from benchmarks.scatter import plot
from benchmarks.weighing import Weighed, weigh
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.demo.sources import Say
from publicgsb.quotas.prices import POINTS_PER_REQUEST, RECORDS_PER_POINT

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "prices.svg"
_WORST = 15


async def measure(place: Place, effort: Effort, say: Say) -> Result:
    """Raises WrongAnswerError when an operation read more records than were reserved for it."""
    registry = await place.registry()
    chosen = [*priced.operations(), *dearer.operations()][:: effort.of(1, 3)]
    # As the reader's connections are set, but without a limit that would hide a dear operation.
    reader = Connections(place.database_url, size=1, server_settings={"max_parallel_workers_per_gather": "0"})
    try:
        async with reader.use() as connection:
            weighed = await weigh(chosen, registry, connection, effort.of(9, 2))
    finally:
        await reader.close()
    found = correlation([one.points for one in weighed], [one.ms for one in weighed])
    say(f"{len(weighed)} operations: rank correlation {found:.3f}")
    target = place.settings.state_dir / "prices.svg" if effort.is_quick else PICTURE
    target.write_text(_picture(weighed, found), encoding="utf-8")
    return Result({"prices": found}, _section(weighed, found))


def _picture(weighed: Sequence[Weighed], found: float) -> str:
    series: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in weighed:
        series[one.operation.kind].append((one.points, one.ms))
    return plot(
        f"Price and database time of {len(weighed)} operations; rank correlation {found:.2f}",
        "points charged", "milliseconds of the database's CPU", series,
    )  # fmt: skip


# Other ways to price, to see which weights would order operations better.
_OTHERS: Mapping[str, Callable[[Weighed], float]] = {
    "as charged": lambda one: one.points,
    "as reserved, nothing refunded": lambda one: one.reserved,
    "the records of each level rounded down by themselves": lambda one: (
        POINTS_PER_REQUEST + sum(count // RECORDS_PER_POINT for count in one.records) + one.beside_records
    ),
    "records alone": lambda one: _by_records(one, RECORDS_PER_POINT) - one.beside_records,
    "50 records per point": lambda one: _by_records(one, 50),
    "20 records per point": lambda one: _by_records(one, 20),
    "each list opened counts as 5 records more": lambda one: _by_records(one, RECORDS_PER_POINT, 5),
    "each list opened counts as 20 records more": lambda one: _by_records(one, RECORDS_PER_POINT, 20),
}


def _by_records(one: Weighed, each: int, in_list: int = 0) -> int:
    return POINTS_PER_REQUEST + (sum(one.records) + in_list * one.lists) // each + one.beside_records


def _section(weighed: Sequence[Weighed], found: float) -> str:
    times = [one.ms for one in weighed]
    others = "\n".join(
        f"| {name} | {correlation([rule(one) for one in weighed], times):.3f} |" for name, rule in _OTHERS.items()
    )
    return f"""## Honest prices

{len(weighed)} different operations on the demo's data: the points that they are charged in the end, and the CPU of the
database's process for their statement, the median of several in turns; all of the data are in its memory. None read
more records than it had reserved, nor cost more points. Rank correlation (Spearman): **{found:.3f}**.

![Price and database time of each operation](prices.svg)

| operations | how many | points | ms | µs per point, median |
|---|---|---|---|---|
{_kinds(weighed)}

What other weights would give on the same figures:

| weights | rank correlation |
|---|---|
{others}

The {_WORST} whose rank by price is farthest from their rank by time, of {len(weighed)}:

| operation | points | ms | rank by price | by time |
|---|---|---|---|---|
{_worst(weighed)}
"""


def _kinds(weighed: Sequence[Weighed]) -> str:
    by_kind: defaultdict[str, list[Weighed]] = defaultdict(list)
    for one in weighed:
        by_kind[one.operation.kind].append(one)
    return "\n".join(
        f"| {kind} | {len(ones)} | {min(one.points for one in ones)}–{max(one.points for one in ones)} "
        f"| {min(one.ms for one in ones):.2f}–{max(one.ms for one in ones):.2f} "
        f"| {1000 * statistics.median(one.ms / one.points for one in ones):,.0f} |"
        for kind, ones in by_kind.items()
    )


def _worst(weighed: Sequence[Weighed]) -> str:
    by_price, by_time = ranks([one.points for one in weighed]), ranks([one.ms for one in weighed])
    rows = sorted(zip(weighed, by_price, by_time, strict=True), key=lambda row: -abs(row[1] - row[2]))
    return "\n".join(
        f"| `{one.operation.document}` | {one.points} | {one.ms:.2f} | {price:.0f} | {time:.0f} |"
        for one, price, time in rows[:_WORST]
    )
