"""What one caller holds up is not what another waits for: connections, slots, points."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.app import Service, running
from tests.attacks.direct import Direct
from tests.journeys.load import slots, unlimited, until
from tests.journeys.wire import Wire, wired_database
from tests.schema.worlds import found

READERS = 4
SLOTS = 3
PAGE = "query Page($n: Int) { air { airports(first: $n) { nodes { icao } } } }"
LOOK_UP = "query Up($k: String!) { air { airport(by: {icao: $k}) { icao } } }"


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[tuple[Wire, str]]:
    async with wired_database(database_url) as wired:
        yield wired


@pytest.fixture
async def service(
    settings: Settings, connections: Connections, state_dir: Path, wire: tuple[Wire, str]
) -> AsyncIterator[Service]:
    """Its queries are answered through the wire, by a few connections; three requests of a key run at once."""
    await found(connections, state_dir)
    await unlimited(connections)
    await slots(connections, SLOTS)
    narrow = {"reader_url": SecretStr(wire[1]), "reader_connections": READERS, "kept_answers_bytes": 0}
    async with running(settings.model_copy(update=narrow), connections) as service:
        reader = reader_of(service)
        for connection in [await reader.acquire() for _ in range(READERS)]:  # all are open before the wire is held
            reader.release(connection)
        try:
            yield service
        finally:
            wire[0].let_go()


def reader_of(service: Service) -> Connections:
    reader: Connections = service.app._endpoint._parts.reader  # type: ignore[attr-defined]
    return reader


def busy(service: Service) -> int:
    return len(reader_of(service)._busy)


async def ledger_and_facts(service: Service, connections: Connections) -> tuple[int, int, int]:
    """Points that the ledger has as used, those of the facts, and how many requests there were."""
    endpoint: Any = service.app._endpoint  # type: ignore[attr-defined]
    await endpoint._parts.purses.close()
    await endpoint._parts.facts.close()
    async with connections.use() as connection:
        used = await connection.fetchval(
            "select coalesce(sum(used), 0)::int8 from gsb.quota_account where policy = 'month'"
        )
        row = await connection.fetchrow(
            "select coalesce(sum(points), 0)::int8 as points, coalesce(sum(requests), 0)::int8 as requests"
            " from gsb.usage_fact where dataset_id = 0"
        )
    assert row is not None
    return used, row["points"], row["requests"]


async def test_one_key_cannot_take_what_answers_another(service: Service, key: str, wire: tuple[Wire, str]) -> None:
    other = await service.data_key()
    for one in (key, other):
        assert (await service.ask(one, PAGE, {"n": 1})).status_code == 200
    wire[0].hold()
    greedy = [asyncio.create_task(service.ask(key, PAGE, {"n": n})) for n in range(2, 42)]
    await until(lambda: busy(service) == SLOTS and sum(task.done() for task in greedy) >= len(greedy) - 3 * SLOTS)
    modest = asyncio.create_task(service.ask(other, PAGE, {"n": 50}))
    await until(lambda: busy(service) == SLOTS + 1)
    wire[0].let_go()
    assert (await modest).status_code == 200
    answers = await asyncio.gather(*greedy)
    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(answers) - len(refused) >= SLOTS
    for answer in refused:
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["extensions"]["details"]["policy"]) == (429, "concurrency")
        assert int(answer.headers["retry-after"]) >= 1


async def test_a_caller_that_does_not_read_holds_no_connection(service: Service, key: str) -> None:
    direct = Direct(service.app, key)
    unread = asyncio.Event()
    stuck = []
    for n in range(1, 3 * READERS):  # more than there are connections, and slots of the key
        stuck.append(asyncio.create_task(direct.post(PAGE, {"n": n}, unread)))
        await until(lambda: direct.answering == len(stuck))
    assert busy(service) == 0
    assert (await service.ask(key, PAGE, {"n": 99})).status_code == 200
    unread.set()
    assert {(await one).status for one in stuck} == {200}


@pytest.mark.parametrize("document", [PAGE, LOOK_UP], ids=["page", "look-up"])
async def test_a_caller_that_leaves_gives_its_connection_back_and_is_settled_once(
    service: Service, key: str, connections: Connections, wire: tuple[Wire, str], document: str
) -> None:
    asked = {"n": 2, "k": "OIIE"}
    price = (await service.ask(key, document, asked)).json()["extensions"]["cost"]["actual"]
    usual = (await service.ask(key, document, asked)).json()["extensions"]["cost"]["actual"]
    wire[0].hold()
    leaving = [asyncio.create_task(service.ask(key, document, asked)) for _ in range(SLOTS)]
    await until(lambda: busy(service) >= 1)
    for one in leaving:
        one.cancel()
    await asyncio.gather(*leaving, return_exceptions=True)
    wire[0].let_go()
    await until(lambda: busy(service) == 0)
    again: list[httpx2.Response] = [await service.ask(key, document, asked) for _ in range(2 * READERS)]
    assert {answer.status_code for answer in again} == {200}
    used, points, requests = await ledger_and_facts(service, connections)
    assert used == points == price + usual * (1 + 2 * READERS)
    others = requests - 2 - 2 * READERS
    assert 1 <= others <= SLOTS  # who left before anything was reserved has left nothing


async def test_a_table_that_is_locked_is_503_and_refunded(service: Service, key: str, connections: Connections) -> None:
    assert (await service.ask(key, PAGE, {"n": 1})).status_code == 200
    async with connections.transaction() as connection:
        table = await connection.fetchval("select table_name from gsb.release where table_name ~ 'airports'")
        await connection.execute(f'lock table released."{table}" in access exclusive mode')
        answer = await service.ask(key, PAGE, {"n": 2})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["details"]["reason"]) == (503, "lock")
    assert answer.headers["retry-after"] == "1"
    used, points, _ = await ledger_and_facts(service, connections)
    assert used == points


async def test_more_than_the_database_can_take_is_answered_or_refused_and_every_point_is_accounted_for(
    service: Service, connections: Connections, wire: tuple[Wire, str]
) -> None:
    """Nobody gets anything but an answer or a refusal that says when to come back."""
    reader_of(service)._waiting_max = READERS
    keys = [await service.data_key() for _ in range(3 * READERS)]
    for key in keys:
        assert (await service.ask(key, PAGE, {"n": 1})).status_code == 200
    wire[0].hold()
    asked = [asyncio.create_task(service.ask(key, PAGE, {"n": n})) for key in keys for n in range(2, 2 + SLOTS)]
    await until(lambda: sum(task.done() for task in asked) == len(asked) - 2 * READERS)
    wire[0].let_go()
    answers = await asyncio.gather(*asked)
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(200) == 2 * READERS  # those that ran, and those that waited
    assert statuses.count(503) == len(asked) - 2 * READERS
    for answer in answers:
        if answer.status_code == 503:
            assert answer.json()["errors"][0]["extensions"]["details"]["reason"] == "overload"
            assert answer.headers["retry-after"] == "1"
    costs = [answer.json()["extensions"]["cost"]["actual"] for answer in answers if answer.status_code == 200]
    used, points, requests = await ledger_and_facts(service, connections)
    assert used == points >= sum(costs)
    assert requests == len(keys) + len(asked)
