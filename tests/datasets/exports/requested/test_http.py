"""An export: asked for once, made by the jobs process, downloaded by whoever asked, as long as they may."""

import asyncio
import io
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import httpx2
import pyarrow.parquet as pq
import pytest
from tests.audited import refuse_what_is_not_audited
from tests.datasets.exports.conftest import NAME, ROWS, Declare, Document, Documents, Release
from tests.datasets.test_http import House

from publicgsb.datasets.exports.due import make_due
from publicgsb.datasets.exports.objects import Objects
from publicgsb.datasets.exports.requested.making import ATTEMPTS_MAX, make_requested
from publicgsb.datasets.exports.requested.model import KEPT_BYTES_MAX, KEPT_MAX, WAITING_MAX
from publicgsb.datasets.exports.sweep import sweep_files
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.audit import Filters, entries

URL = "/api/v1/exports"
Ask: TypeAlias = Callable[..., Awaitable[httpx2.Response]]

KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from publicgsb.datasets.exports.due import make_due
from publicgsb.datasets.exports.objects import Objects, open_objects
from publicgsb.datasets.exports.requested.making import make_requested
from publicgsb.platform.kernel.database import Connections

async def put(self, sha256, file):
    os.kill(os.getpid(), signal.SIGKILL)

Objects.put = put
url, state_dir = sys.argv[1], Path(sys.argv[2])

async def main():
    connections, objects = Connections(url, size=2), open_objects(None, state_dir)
    while not await make_requested(connections, objects, state_dir):  # the server has yet to notice the last death
        await asyncio.sleep(0.02)

asyncio.run(main())
"""


@pytest.fixture
async def served(declare: Declare, every_type: Document, release: Release, house: House) -> None:
    every_type["fields"][0]["filters"] = ["eq", "in"]
    every_type["fields"][2]["filters"] = ["range", "isNull"]
    await declare(every_type)
    await release(NAME, ROWS)
    await house.refresh()


@pytest.fixture
def ask(client: httpx2.AsyncClient) -> Ask:
    async def asked(key: str = "data", idempotency: str = "one", **body: Any) -> httpx2.Response:
        headers = {"X-API-Key": key, "Idempotency-Key": idempotency}
        return await client.post(URL, json={"dataset": NAME} | body, headers=headers)

    return asked


async def _told(client: httpx2.AsyncClient, answer: httpx2.Response, key: str = "data") -> dict[str, Any]:
    assert answer.status_code in (200, 202), answer.text
    told: dict[str, Any] = (await client.get(answer.headers["location"], headers={"X-API-Key": key})).json()
    return told


async def test_some_fields_of_some_rows_become_a_file_that_is_metered_to_whoever_asked(
    served: None, client: httpx2.AsyncClient, house: House, ask: Ask, connections: Connections, state_dir: Path
) -> None:
    where = {"code": {"in": ["007", "008"]}, "whole": {"gte": -1}}
    answer = await ask(fields=["exact", "code"], where=where)
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert await make_requested(connections, house.objects, state_dir) == 1
    told = await _told(client, answer)
    assert (told["state"], told["rows"], told["where"]) == ("made", 2, where)
    (part,) = told["parts"]
    file = await client.get(part["url"])
    assert pq.read_table(io.BytesIO(file.content)).to_pylist() == [
        {"exact": Decimal("10.500"), "code": "007"},
        {"exact": Decimal("0.125"), "code": "008"},
    ]
    assert house.metered == [("k3", NAME, 1, part["bytes"])]
    again = await client.get(part["url"], headers={"Range": "bytes=0-3"})
    assert (again.status_code, again.content) == (206, b"PAR1")


@pytest.mark.parametrize(("format_", "content"), [("csv", b"name,code\r\n=1+1,008\r\n"), ("xlsx", b"PK")])
async def test_other_formats_hold_the_same(
    served: None, client: httpx2.AsyncClient, house: House, ask: Ask, connections: Connections, state_dir: Path,
    format_: str, content: bytes,
) -> None:  # fmt: skip
    answer = await ask(format=format_, fields=["name", "code"], where={"name": {"startsWith": "="}})
    await make_requested(connections, house.objects, state_dir)
    (part,) = (await _told(client, answer))["parts"]
    assert (part["rows"], (await client.get(part["url"])).content[: len(content)]) == (1, content)


async def test_the_same_wish_is_made_once_and_another_under_its_key_conflicts(served: None, ask: Ask) -> None:
    first, again = await ask(where={"code": {"eq": "007"}}), await ask(where={"code": {"eq": "007"}})
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert (await ask(where={"code": {"eq": "008"}})).status_code == 409
    assert (await ask(key="other", where={"code": {"eq": "008"}})).status_code == 202


@pytest.mark.parametrize(("kept", "size"), [(KEPT_MAX, 1), (1, KEPT_BYTES_MAX)])
async def test_only_so_much_is_kept_for_one_account_and_only_for_a_day(
    served: None, ask: Ask, connections: Connections, kept: int, size: int
) -> None:
    await ask()
    async with connections.use() as connection:
        await connection.execute(
            """
            update gsb.export_request
            set state = 'made', finished_at = now(), parts = jsonb_build_array(jsonb_build_array(
              'csv', 1, 1, $1::bigint, repeat('0', 64), 0))
            """,
            size,
        )
        await connection.execute(
            """
            insert into gsb.export_request
            select (jsonb_populate_record(request, jsonb_build_object('id', 'exp_' || n, 'idempotency_key', n))).*
            from gsb.export_request as request, generate_series(2, $1::int) as n
            """,
            kept,
        )
        refused = await ask(idempotency="more")
        assert (refused.status_code, refused.json()["details"]["reason"]) == (429, "exports")
        assert 86_000 < int(refused.headers["retry-after"]) <= 86_400
        assert (await ask()).status_code == 200
        assert (await ask(key="other")).status_code == 202
        await connection.execute("update gsb.export_request set finished_at = now() - interval '24 hours'")
    assert (await ask(idempotency="more")).status_code == 202


async def test_only_so_many_wait_for_one_account(served: None, ask: Ask) -> None:
    answers = [await ask(idempotency=f"{n}") for n in range(WAITING_MAX + 1)]
    assert [answer.status_code for answer in answers] == [202] * WAITING_MAX + [429]
    assert (await ask(key="other")).status_code == 202


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"dataset": "nothing"}, 400),
        ({"dataset": "standards/nothing"}, 404),
        ({"release": 9}, 404),
        ({"release": {}}, 404),
        ({"format": "pdf"}, 400),
        ({"fields": ["nothing"]}, 400),
        ({"fields": ["code", "code"]}, 400),
        ({"fields": "code"}, 400),
        ({"where": {"exact": {"eq": "1"}}}, 400),
        ({"where": []}, 400),
        ({"where": [1]}, 400),
        ({"limit": 5}, 400),
    ],
)
async def test_what_cannot_be_made_is_refused_at_once(
    served: None, ask: Ask, body: dict[str, Any], status: int
) -> None:
    assert (await ask(**body)).status_code == status


async def test_an_export_is_nobody_else_s(
    served: None, client: httpx2.AsyncClient, house: House, ask: Ask, connections: Connections, state_dir: Path
) -> None:
    answer = await ask()
    await make_requested(connections, house.objects, state_dir)
    location = answer.headers["location"]
    for key, status in (("data", 200), ("other", 404), ("nobody", 401)):
        for path in (location, f"{location}/part-00001.parquet"):
            assert (await client.get(path, headers={"X-API-Key": key})).status_code == status
    assert (await ask(key="agency-1", idempotency="two")).status_code == 403
    assert (await client.get(f"{URL}/exp_%00", headers={"X-API-Key": "data"})).status_code == 404


async def test_a_download_is_refused_once_the_release_is_recalled(
    served: None, client: httpx2.AsyncClient, house: House, ask: Ask, connections: Connections, state_dir: Path
) -> None:
    answer = await ask()
    await make_requested(connections, house.objects, state_dir)
    (part,) = (await _told(client, answer))["parts"]
    async with connections.use() as connection:
        await connection.execute("update gsb.release set state = 'recalled', gone_at = now()")
    await house.refresh()
    assert (await client.get(part["url"])).json()["code"] == "RELEASE_RECALLED"
    swept = await sweep_files(connections, house.objects, state_dir)
    assert swept is not None and swept.objects == 1


async def test_a_field_above_the_caller_s_level_is_neither_shown_nor_asked_for(
    client: httpx2.AsyncClient, house: House, declare: Declare, country: Documents, release: Release, ask: Ask
) -> None:
    document = country()
    document["fields"][1] |= {"access": "restricted", "legalGround": "IR-FOI-14"}
    await declare(document)
    await release(NAME, [["code", "name"], ["IR", "Iran"]])
    await house.refresh()
    assert (await ask(fields=["name"])).status_code == 400
    assert (await ask(where={"name": {"eq": "Iran"}})).status_code == 400
    assert (await ask()).json()["fields"] == ["code"]


async def test_files_of_an_export_stay_for_a_day_and_go_with_it(
    served: None, house: House, ask: Ask, connections: Connections, state_dir: Path
) -> None:
    await ask()
    await make_requested(connections, house.objects, state_dir)
    objects: Objects = house.objects
    assert await sweep_files(connections, objects, state_dir) is not None
    assert len([name async for name in objects.names()]) == 1
    async with connections.use() as connection:
        await connection.execute("update gsb.export_request set finished_at = now() - interval '25 hours'")
    await sweep_files(connections, objects, state_dir)
    assert [name async for name in objects.names()] == []


async def test_an_attempt_that_kills_its_process_is_begun_again_and_not_for_ever(
    served: None, client: httpx2.AsyncClient, ask: Ask, connections: Connections, database_url: str, house: House,
    state_dir: Path,
) -> None:  # fmt: skip
    answer = await ask()
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    for attempt in range(1, ATTEMPTS_MAX + 1):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", KILLED, database_url, str(state_dir), env=environment
        )
        assert await process.wait() == -signal.SIGKILL
        told = await _told(client, answer)
        assert (told["state"], told["parts"]) == ("queued", [])
        async with connections.use() as connection:
            assert await connection.fetchval("select attempts from gsb.export_request") == attempt
            await connection.execute("update gsb.export_request set try_at = now()")
    await refuse_what_is_not_audited(connections)
    async with asyncio.timeout(60):  # the server has yet to notice the last death
        while not await make_requested(connections, house.objects, state_dir):
            await asyncio.sleep(0.02)
    told = await _told(client, answer)
    assert (told["state"], told["error"]) == ("failed", {"code": "INTERNAL"})
    assert len(await entries(connections, Filters(action="export.fail"))) == 1


async def test_what_is_made_and_who_asks_is_audited(
    served: None, ask: Ask, connections: Connections, house: House, state_dir: Path
) -> None:
    await refuse_what_is_not_audited(connections)
    assert await make_due(connections, house.objects, state_dir) == 1
    assert (await ask()).status_code == 202
    assert await make_requested(connections, house.objects, state_dir) == 1
    written = [(entry.actor, entry.action) for entry in await entries(connections, Filters())][:3]
    assert written == [
        ("system:files", "export.make"), ("person:0 key:k3", "export.request"), ("system:files", "release.files"),
    ]  # fmt: skip


async def test_a_token_is_given_plain_addresses_and_a_key_held_to_others_none(
    served: None, client: httpx2.AsyncClient, house: House, ask: Ask, connections: Connections, state_dir: Path
) -> None:
    answer = await ask()
    await make_requested(connections, house.objects, state_dir)
    (part,) = (await _told(client, answer, "token"))["parts"]
    assert "?" not in part["url"]
    for key, status in (("token", 200), ("nobody", 401), ("elsewhere", 403)):
        assert (await client.get(part["url"], headers={"X-API-Key": key})).status_code == status
    refused = await client.get(answer.headers["location"], headers={"X-API-Key": "elsewhere"})
    assert (refused.status_code, refused.json()["details"]["reason"]) == (403, "key_dataset")


async def test_an_export_past_its_day_is_not_found_though_it_is_not_yet_swept(
    served: None, client: httpx2.AsyncClient, house: House, ask: Ask, connections: Connections, state_dir: Path
) -> None:
    answer = await ask()
    await make_requested(connections, house.objects, state_dir)
    (part,) = (await _told(client, answer))["parts"]
    async with connections.use() as connection:
        await connection.execute("update gsb.export_request set finished_at = now() - interval '24 hours'")
    assert (await client.get(part["url"])).status_code == 404
    assert (await client.get(answer.headers["location"], headers={"X-API-Key": "data"})).status_code == 404
