"""More requests than a worker can answer: those inside are answered, the rest is told so at once, and it passes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from publicgsb.schema.serving.admission import PLACES_PER_CONNECTION, WAITING_PER_PLACE, Admission
from tests.app import Service, running
from tests.attacks.test_shares import PAGE, ledger_and_facts, reader_of
from tests.journeys.load import slots, unlimited, until
from tests.journeys.wire import Wire, wired_database
from tests.schema.worlds import found

READERS = 1
PLACES = READERS * PLACES_PER_CONNECTION
ROOM = PLACES * (1 + WAITING_PER_PLACE)


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[tuple[Wire, str]]:
    async with wired_database(database_url) as wired:
        yield wired


@pytest.fixture
def more() -> dict[str, Any]:
    return {}


@pytest.fixture
async def service(
    settings: Settings, connections: Connections, state_dir: Path, wire: tuple[Wire, str], more: dict[str, Any]
) -> AsyncIterator[Service]:
    """Its queries are answered by one connection through the wire."""
    await found(connections, state_dir)
    await unlimited(connections)
    narrow = {"reader_url": SecretStr(wire[1]), "reader_connections": READERS, "kept_answers_bytes": 0}
    async with running(settings.model_copy(update=narrow | more), connections) as service:
        reader_of(service).release(await reader_of(service).acquire())  # it is open before the wire is held
        try:
            yield service
        finally:
            wire[0].let_go()


def admission_of(service: Service) -> Admission:
    admission: Admission = service.app._endpoint._parts.admission  # type: ignore[attr-defined]
    return admission


async def many(service: Service, key: str, number: int) -> "list[asyncio.Task[httpx2.Response]]":
    """So many requests under way, each of them where it will stay while the wire is held."""
    admission = admission_of(service)
    before = _present(admission)
    asked = [asyncio.create_task(service.ask(key, PAGE, {"n": n})) for n in range(1, number + 1)]
    await until(lambda: _present(admission) - before + sum(task.done() for task in asked) == number)
    return asked


def _present(admission: Admission) -> int:
    return PLACES - admission._free + len(admission._waiting)


def check_refused(answer: httpx2.Response) -> None:
    (error,) = answer.json()["errors"]
    told = error["extensions"]
    assert (answer.status_code, told["code"], told["details"]["reason"]) == (503, "UNAVAILABLE", "overload")
    assert told["requestId"] == answer.headers["x-request-id"]
    assert answer.headers["retry-after"] in {"1", "2", "3"}


async def test_what_finds_no_room_is_refused_at_once_and_costs_nothing(
    service: Service, key: str, connections: Connections, wire: tuple[Wire, str]
) -> None:
    assert (await service.ask(key, PAGE, {"n": 1})).status_code == 200
    wire[0].hold()
    inside = await many(service, key, ROOM)
    for answer in [await service.ask(key, PAGE, {"n": n}) for n in range(1, 6)]:
        check_refused(answer)
    assert not any(task.done() for task in inside)
    wire[0].let_go()
    answers = await asyncio.gather(*inside)
    assert {answer.status_code for answer in answers} == {200}
    again = [await service.ask(key, PAGE, {"n": n}) for n in range(1, 6)]
    assert {answer.status_code for answer in again} == {200}
    used, points, requests = await ledger_and_facts(service, connections)
    assert used == points
    assert requests == 1 + ROOM + 5
    assert dict(admission_of(service).refused) == {"queue": 5}


@pytest.mark.parametrize("more", [{"wait_ms_max": 0}])
async def test_while_somebody_has_waited_too_long_nobody_else_comes_in(
    service: Service, key: str, wire: tuple[Wire, str]
) -> None:
    wire[0].hold()
    inside = await many(service, key, PLACES + 1)
    check_refused(await service.ask(key, PAGE, {"n": 9}))
    wire[0].let_go()
    assert {answer.status_code for answer in await asyncio.gather(*inside)} == {200}
    assert (await service.ask(key, PAGE, {"n": 9})).status_code == 200
    assert dict(admission_of(service).refused) == {"wait": 1}


async def test_other_routes_are_answered_and_the_refusals_counted(
    service: Service, key: str, wire: tuple[Wire, str]
) -> None:
    wire[0].hold()
    inside = await many(service, key, ROOM + 2)
    assert (await service.http.get("/health/live")).status_code == 200
    assert (await service.http.get("/health/ready")).status_code == 200
    metrics = (await service.http.get("/metrics")).text
    (counted,) = [line for line in metrics.splitlines() if line.startswith("gsb_data_refused_total{")]
    assert 'reason="queue"' in counted
    assert counted.endswith(" 2.0")
    wire[0].let_go()
    await asyncio.gather(*inside)


async def test_a_caller_that_waits_for_its_own_slots_keeps_nobody_out(
    service: Service, key: str, connections: Connections, wire: tuple[Wire, str]
) -> None:
    await slots(connections, 1)
    await service.caught_up()
    admission = admission_of(service)
    wire[0].hold()
    greedy = [asyncio.create_task(service.ask(key, PAGE, {"n": n})) for n in range(1, 20)]
    await until(lambda: admission._free == PLACES - 1 and not admission._waiting)
    modest = asyncio.create_task(service.ask(await service.data_key(), PAGE, {"n": 50}))
    await until(lambda: admission._free == PLACES - 2)
    wire[0].let_go()
    assert (await modest).status_code == 200
    answers = await asyncio.gather(*greedy)
    assert {answer.status_code for answer in answers} <= {200, 429}
    assert _present(admission) == 0


async def test_a_caller_that_is_slow_to_send_keeps_nobody_out(service: Service, key: str) -> None:
    admission = admission_of(service)
    asked, rest = asyncio.Event(), asyncio.Event()
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        asked.set()
        await rest.wait()
        return {"type": "http.request", "body": b'{"query": "{ __typename }"}', "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", f"Bearer {key}".encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    slow = asyncio.create_task(service.app(scope, receive, send))
    await asked.wait()
    assert _present(admission) == 0
    rest.set()
    await slow
    assert sent[0]["status"] == 200
    assert _present(admission) == 0


async def test_one_that_is_cancelled_anywhere_leaves_its_place(
    service: Service, key: str, wire: tuple[Wire, str]
) -> None:
    wire[0].hold()
    inside = await many(service, key, PLACES + 3)
    for task in inside:
        task.cancel()
    await asyncio.gather(*inside, return_exceptions=True)
    wire[0].let_go()
    await until(lambda: _present(admission_of(service)) == 0)
    assert (await service.ask(key, PAGE, {"n": 9})).status_code == 200
