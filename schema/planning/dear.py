"""Why an operation is too costly, field by field, and which page size would let it run."""

from collections.abc import Callable, Sequence
from typing import Any

from publicgsb.platform.kernel.errors import QueryTooCostly
from publicgsb.schema.planning.limits import NODES_MAX, POINTS_MAX
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.walk import backward_levels
from publicgsb.schema.planning.weigh import Price, fits, points_by_level, priced

_NAMED = 5  # dear fields in one error
_TRIED = 3  # sizes proposed: each is searched for in ten steps over all levels


def too_costly(plan: Plan, sizes: Sequence[int | None], found: Price) -> QueryTooCostly:
    """The error, with the dearest fields and a way that fits, computed from this operation."""
    records = sum(found.records)
    over_records = records > NODES_MAX
    what = (
        f"return {records:,} records; at most {NODES_MAX:,} are allowed"
        if over_records
        else f"cost {found.points:,} points; at most {POINTS_MAX:,} are allowed"
    )
    dear = _dearest(plan, found, over_records)
    points = points_by_level(plan, found)
    cheaper = _cheaper(plan, sizes, found, dear)
    ways = f"{_proposal(cheaper)}{_beside(plan, dear[0])}"
    return QueryTooCostly(
        f"The operation could {what}. Most of it is {path_of(plan, dear[0])}.",
        hint=f"{ways} Read on with cursors; `rateLimit(dryRun: true)` prices a request for nothing.",
        reason="records" if over_records else "points",
        records=records,
        points=found.points,
        limit=NODES_MAX if over_records else POINTS_MAX,
        dear=[
            {"path": path_of(plan, index), "records": found.records[index], "points": points[index]}
            for index in dear[:_NAMED]
        ],
        cheaper=cheaper,
    )


def _dearest(plan: Plan, found: Price, by_records: bool) -> list[int]:
    """Levels, those that reserve or cost most first; a level on its own, without what lies below it."""
    weights = found.records if by_records else points_by_level(plan, found)
    return sorted(range(len(plan.levels)), key=lambda index: weights[index], reverse=True)


def path_of(plan: Plan, index: int) -> str:
    """Where the level stands in the answer, by response names."""
    return ".".join(plan.levels[index].path or plan.roots[plan.levels[index].root].path)


def _cheaper(plan: Plan, sizes: Sequence[int | None], over: Price, dear: Sequence[int]) -> list[dict[str, Any]]:
    """One changed page size that is enough, for up to three lists; else one size for all lists."""
    backward = backward_levels(plan)
    found: list[dict[str, Any]] = []
    for index in _on_the_way(plan, sizes, dear)[:_TRIED]:
        given = sizes[index] or 0
        best = _greatest(given - 1, lambda size, at=index: fits(priced(plan, _changed(sizes, at, size), over.ways)))  # type: ignore[misc]
        if best > 0:
            argument = "last" if index in backward else "first"
            found.append({"path": path_of(plan, index), "argument": argument, "given": given, "fits": best})
    if found:
        return found
    largest = max((size for size in sizes if size is not None), default=0)
    best = _greatest(
        largest, lambda size: fits(priced(plan, [None if old is None else min(old, size) for old in sizes], over.ways))
    )
    return [{"path": None, "argument": "first", "given": largest, "fits": best}]


def _on_the_way(plan: Plan, sizes: Sequence[int | None], dear: Sequence[int]) -> list[int]:
    """The lists that the dearest level multiplies through, itself first."""
    way: list[int] = []
    at: int | None = dear[0]
    while at is not None:
        if (sizes[at] or 0) > 1:
            way.append(at)
        at = plan.levels[at].parent
    return way


def _changed(sizes: Sequence[int | None], index: int, size: int) -> list[int | None]:
    return [size if at == index else old for at, old in enumerate(sizes)]


def _greatest(most: int, is_enough: Callable[[int], bool]) -> int:
    """The greatest of 1 … most for which it holds, 0 when there is none; what holds for one holds for all below."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if is_enough(middle) else (low, middle - 1)
    return low


def _beside(plan: Plan, index: int) -> str:
    """Of a shortcut, which looks at all rows that tie a record however few records it shows."""
    tie = plan.levels[index].tie
    return "" if tie is None else f" Or read the rows of {'/'.join(tie.via)} that tie them, page by page."


def _proposal(cheaper: Sequence[dict[str, Any]]) -> str:
    ways = [
        f"`{way['argument']}: {way['fits']}` at {way['path'] or 'every list'}" for way in cheaper if way["fits"] > 0
    ]
    return f"It fits with {', or with '.join(ways)}." if ways else "Ask for fewer lists in one operation."
