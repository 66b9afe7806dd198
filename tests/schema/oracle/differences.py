"""What the compiled path said, and how it may differ from what should be said beside the data themselves."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from publicgsb.platform.kernel.errors import GsbError
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.price import read, used
from publicgsb.schema.planning.ties import shown
from publicgsb.schema.planning.weigh import Price, points_for
from publicgsb.schema.serving.kept import Records
from tests.schema.oracle import expected
from tests.schema.oracle.expected import Failure


class Difference(AssertionError):
    """Ready to paste: the operation, its variables, both answers and the SQL."""


@dataclass(slots=True)
class Got:
    """What the compiled path said."""

    refusal: GsbError | None = None
    data: Any = None
    failures: set[Failure] = field(default_factory=set)
    plan: Plan | None = None
    price: Price | None = None
    records: Records = field(default_factory=lambda: Records({}, {}))
    sql: str = ""


def same_failures(got: Got, wanted: expected.Answer) -> None:
    """Each error that graphql-core found, and no other except where the answer has no parent to find it at."""
    for missing in wanted.failures - got.failures:
        raise Difference(f"no error {missing}")
    for more in got.failures - wanted.failures:
        if _has_parent(got.data, more.path):
            raise Difference(f"an error too many: {more}")


def _has_parent(data: Any, path: tuple[str, ...]) -> bool:
    if isinstance(data, list):
        return any(_has_parent(one, path) for one in data)
    if data is None:
        return False
    return len(path) == 1 or _has_parent(data.get(path[0]), path[1:])


def priced_honestly(got: Got) -> None:
    """Nothing may read more records at a level than were reserved there, nor come to more points."""
    assert got.plan is not None
    assert got.price is not None
    if got.plan.is_free:
        return
    records = read(got.plan, got.records.counts)
    if any(count > reserved for count, reserved in zip(records, got.price.records, strict=True)):
        raise Difference(f"{records} records read of {got.price.records} reserved")
    ways = shown(got.plan, got.price.ways, got.price.records, records)
    points = points_for(got.plan, records, ways, got.records.counts) + got.price.introspected // 100
    if points > got.price.points or used(got.plan, got.price, got.records.counts) != points:
        raise Difference(f"{points} points used of {got.price.points} reserved")


def report(what: str, source: str, variables: Mapping[str, Any], got: Got, wanted: Any) -> str:
    right = wanted if isinstance(wanted, set) else {"data": wanted.data, "errors": sorted(wanted.failures)}
    return (
        f"{what}\n\n{source}\n\nvariables: {json.dumps(variables, ensure_ascii=False, default=str)}"
        f"\n\ncompiled: {json.dumps(got.data, ensure_ascii=False)} {sorted(got.failures)} {got.refusal!r}"
        f"\n\ngraphql-core: {right}\n\nSQL: {got.sql}"
    )
