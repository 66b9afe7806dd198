"""How many statements an operation costs, counted by PostgreSQL itself (pg_stat_statements), over HTTP."""

import asyncio
from typing import Any

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.schema.serving.endpoint import GraphQLEndpoint
from publicgsb.schema.serving.execute import Runner
from tests.app import Service

NESTED = """{ air { airports { nodes { icao country { name airports(first: 2) { totalCount nodes { icao } } }
    departures(first: 3, orderBy: DELAY_DESC) { totalCount pageInfo { hasNextPage endCursor }
      nodes { number destAirport { city arrivals { totalCount } } } } } } } }"""
MANY_ROOTS = (
    '{ air { a: airports(first: 2) { nodes { icao } } b: airport(by: {icao: "OIIE"}) { city } '
    "c: airports(where: {city: {isNull: true}}) { totalCount } } "
    "geo { countries(orderBy: NAME_DESC, last: 2) { edges { cursor node { code airports { totalCount } } } } } "
    'fly { flights(first: 1) { totalCount } f: flight(by: {day_number: {day: "2026-01-01", number: 1}}) { fare } } '
    "agencies { slug } }"
)
LOOK_UP = '{ air { airport(by: {icao: "OIIE"}) { city country { name } departures { totalCount } } } }'


async def statements(service: Service) -> int:
    """Executions so far, in this test's own database, of what reads a released table."""
    async with service.connections.use() as connection:
        return int(
            await connection.fetchval(
                "select coalesce(sum(calls), 0) from pg_stat_statements(true)"
                " where dbid = (select oid from pg_database where datname = current_database())"
                " and query ~ 'released\\.' and query !~ 'pg_stat_statements'"
            )
        )


def _runner(service: Service) -> Runner:
    endpoint = next(route.endpoint for route in service.app.routes if getattr(route, "path", "") == "/graphql")  # type: ignore[attr-defined]
    assert isinstance(endpoint, GraphQLEndpoint)
    return endpoint.runner


@pytest.fixture(autouse=True)
async def counting(connections: Connections) -> None:
    """In this database alone: what thousands of tests ask would push one another out of the server's list."""
    async with connections.use() as connection:
        loaded = await connection.fetchval("show shared_preload_libraries")
        if "pg_stat_statements" not in loaded:
            pytest.skip("the server that was given does not count statements")
        await connection.execute("create extension pg_stat_statements schema public")
        name = await connection.fetchval("select current_database()")
        await connection.execute(f"alter database \"{name}\" set pg_stat_statements.track = 'all'")


@pytest.mark.parametrize("document", [NESTED, MANY_ROOTS, LOOK_UP], ids=["nested", "many roots", "look-up"])
async def test_an_operation_of_any_shape_is_one_statement_and_none_from_memory(
    service: Service, key: str, document: str
) -> None:
    kept = _runner(service).kept
    for expected in (1, 0, 0):
        before, hits = await statements(service), kept.hits
        answer = await service.ask(key, document)
        assert "errors" not in answer.json(), answer.text
        assert (await statements(service) - before, kept.hits - hits) == (expected, 1 - expected)


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("{", {}),
    ("{ air { airports { nodes { nope } } } }", {}),
    ("{ air { airports(where: {}) { totalCount } } }", {}),
    ("{ air { airports(first: 1001) { totalCount } } }", {}),
    ("{ air { airports(first: 1000) { nodes { departures(first: 1000) { totalCount } } } } }", {}),
    ('{ air { airports(after: "made up") { totalCount } } }', {}),
    ('{ air { airports(where: {icao: {eq: "\\u0000"}}) { totalCount } } }', {}),
    ("query($n: Int!) { air { airports(first: $n) { totalCount } } }", {"n": "x"}),
    ("{ rateLimit(dryRun: true) { cost } air { airports { nodes { icao } } } }", {}),
    ("{ me { plan } datasets { id } }", {}),
]


@pytest.mark.parametrize(("document", "variables"), REFUSED)
async def test_what_is_refused_or_reads_no_record_touches_no_table(
    service: Service, key: str, document: str, variables: dict[str, Any]
) -> None:
    before = await statements(service)
    for _ in range(2):
        await service.ask(key, document, variables)
    agency = await service.agency_key("air")
    assert (await service.ask(agency, LOOK_UP)).status_code == 403
    assert (await service.ask("nobody", LOOK_UP)).status_code == 401
    assert await statements(service) == before


async def test_look_ups_under_way_together_cost_one_statement_for_each_batch(service: Service, key: str) -> None:
    coalescer = _runner(service).coalescer
    document = "query($k: String!) { air { airport(by: {icao: $k}) { city } } }"
    await service.ask(key, document, {"k": "OIIE"})
    before, batches, members = await statements(service), coalescer.statements, coalescer.members
    codes = ("OIII", "OIYY", "LTFM", "NONE", "NULL") * 3
    answers = []
    for at in range(0, 15, 4):  # so many at a time as the plan allows
        answers += await asyncio.gather(*(service.ask(key, document, {"k": code}) for code in codes[at : at + 4]))
    assert [answer.status_code for answer in answers] == [200] * 15
    assert await statements(service) - before == coalescer.statements - batches < 15
    again = coalescer.members - members
    assert 5 <= again <= 15
    await asyncio.gather(*(service.ask(key, document, {"k": code}) for code in ("OIII", "NONE")))
    assert coalescer.members - members == again  # from memory; also that there is nothing
    assert await statements(service) - before == coalescer.statements - batches


async def test_a_statement_more_would_be_counted(service: Service, key: str) -> None:
    before = await statements(service)
    for code in ("OIIE", "OIII", "OIYY"):
        await service.ask(key, LOOK_UP.replace("OIIE", code))
    assert await statements(service) - before == 3
