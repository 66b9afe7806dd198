"""Look-ups under way together share a statement, and nothing else."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from tests.schema.conftest import SECRET

from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Internal, Unavailable
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.serving import coalesce
from publicgsb.schema.serving.coalesce import Coalescer
from publicgsb.schema.sql.binding import Bound
from publicgsb.schema.sql.builder import Statement
from publicgsb.schema.sql.prepare import arguments, prepare
from publicgsb.schema.types.graft import graft, static_schema

AIRPORT = (
    "query($k: String!, $n: Int) { air { airport(by: {icao: $k}) { icao departures(first: $n) { nodes { day } } } } }"
)
FLIGHT = "query($d: Date!, $n: Int!) { fly { flight(by: {day_number: {day: $d, number: $n}}) { origin } } }"


class Asked:
    """Plans as the endpoint does; `join` hands a look-up to the coalescer."""

    def __init__(self, registry: Registry, connections: Connections) -> None:
        self.registry = registry
        self.coalescer = Coalescer(connections)
        self.plans = PlanCache(graft(registry, static_schema()).core)

    def join(self, document: str, given: dict[str, Any], records: int = 1) -> "asyncio.Future[Sequence[Any] | None]":
        statement, values = self.prepared(document, given)
        return self.coalescer.join(statement, values, records)

    def prepared(self, document: str, given: dict[str, Any]) -> tuple[Statement, list[Any]]:
        family = self.plans.family(document, None)
        variables = family.variables(given)
        plan, _ = family.plan(self.registry, variables)
        prepared = prepare(plan, self.registry, variables, {})
        assert prepared.statement is not None
        bound = Bound(variables, {}, prepared.releases, prepared.versions, SECRET)
        return prepared.statement, arguments(prepared.statement, bound)


@pytest.fixture
async def asked(world: Connections) -> Asked:
    async with world.use() as connection:
        return Asked(await load_registry(connection), world)


async def test_each_member_gets_the_record_of_its_own_key(asked: Asked) -> None:
    keys = ["OIIE", "NONE", "OIYY", "OIIE", "LTFM"]
    rows = await asyncio.gather(*(asked.join(AIRPORT, {"k": key, "n": 2}) for key in keys))
    assert [row and row[1][:15] for row in rows] == [
        key and f'{{"icao":"{key}",' for key in ["OIIE", None, "OIYY", "OIIE", "LTFM"]
    ]
    assert (asked.coalescer.statements, asked.coalescer.members) == (1, 5)


async def test_a_key_of_several_columns_is_matched_as_a_whole(asked: Asked) -> None:
    wanted = [("2026-01-02", 1), ("2026-01-01", 2), ("2026-01-03", 2)]
    rows = await asyncio.gather(*(asked.join(FLIGHT, {"d": day, "n": number}) for day, number in wanted))
    assert [row and row[1] for row in rows] == ['{"origin":"OIYY"}', '{"origin":"OIIE"}', None]


async def test_members_with_other_arguments_than_the_key_are_asked_apart(asked: Asked) -> None:
    rows = await asyncio.gather(*(asked.join(AIRPORT, {"k": "OIIE", "n": n}) for n in (1, 2)))
    assert [row[1].count("day") for row in rows if row] == [1, 2]
    assert asked.coalescer.statements == 2


async def test_while_statements_are_under_way_the_next_members_gather(asked: Asked) -> None:
    first = [asked.join(AIRPORT, {"k": "OIIE", "n": 1})]
    while asked.coalescer.statements == 0:
        await asyncio.sleep(0)
    lanes = [asked.join(AIRPORT, {"k": "OIII", "n": 1}) for _ in range(coalesce.LANES - 1)]
    while asked.coalescer.statements < coalesce.LANES:
        await asyncio.sleep(0)
    late = [asked.join(AIRPORT, {"k": "OIYY", "n": 1}) for _ in range(50)]
    await asyncio.gather(*first, *lanes, *late)
    assert asked.coalescer.statements == coalesce.LANES + 1


async def test_one_that_leaves_does_not_cancel_the_others(asked: Asked) -> None:
    leaving, staying = (asked.join(AIRPORT, {"k": key, "n": 1}) for key in ("OIIE", "OIYY"))
    while asked.coalescer.statements == 0:
        await asyncio.sleep(0)
    leaving.cancel()
    row = await staying
    assert row is not None
    assert "OIYY" in row[1]


async def test_a_batch_reserves_no_more_records_than_one_operation_may(asked: Asked) -> None:
    await asyncio.gather(*(asked.join(AIRPORT, {"k": "OIIE", "n": 1}, records=4_000) for _ in range(8)))
    assert asked.coalescer.statements == 4


async def test_a_statement_that_breaks_is_told_to_every_member_and_forgotten(
    asked: Asked, world: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    statement, values = asked.prepared(AIRPORT, {"k": "OIIE", "n": 1})
    async with world.use() as connection:
        await connection.execute("drop schema released cascade")
    outcomes = await asyncio.gather(
        *(asked.coalescer.join(statement, values, 1) for _ in range(3)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [Internal] * 3
    assert "a batch of look-ups failed" in caplog.text
    assert not asked.coalescer.is_busy


async def test_too_many_that_wait_are_refused_at_once(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coalesce, "WAITING_MAX", 3)
    joined = [asked.join(AIRPORT, {"k": "OIIE", "n": 1}) for _ in range(3)]
    with pytest.raises(Unavailable):
        asked.join(AIRPORT, {"k": "OIIE", "n": 1})
    await asyncio.gather(*joined)


async def test_a_statement_is_charged_to_its_members_evenly(asked: Asked) -> None:
    statement, values = asked.prepared(AIRPORT, {"k": "OIIE", "n": 1})
    heard: list[int] = []
    await asyncio.gather(*(asked.coalescer.join(statement, values, 1, heard.append) for _ in range(4)))
    assert len(heard) == 4
    assert max(heard) - min(heard) <= 1
    assert sum(heard) > 0


async def test_one_that_leaves_is_charged_all_the_same(asked: Asked) -> None:
    """A caller that hangs up early must not make the database work for nothing."""
    statement, values = asked.prepared(AIRPORT, {"k": "OIIE", "n": 1})
    heard: list[int] = []
    leaving, staying = (asked.coalescer.join(statement, values, 1, heard.append) for _ in range(2))
    while asked.coalescer.statements == 0:
        await asyncio.sleep(0)
    leaving.cancel()
    await staying
    assert len(heard) == 2
