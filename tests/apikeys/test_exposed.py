"""A key that somebody found is ended by showing it, and nobody learns from the answer whether it was one."""

import logging
from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from publicgsb.apikeys.asking import Endpoint
from publicgsb.apikeys.exposed import KEYS_MAX, REASON, ExposedKey, ExposedKeys
from publicgsb.apikeys.exposed_http import routes
from publicgsb.apikeys.format import checksum, draw
from publicgsb.apikeys.model import OPERATOR, IssuedKey, KeyState
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, Unauthenticated

from .conftest import PEPPER, StartWorker, Worker

URL = "/api/v1/keys/revoke-exposed"


class Mailer:
    def __init__(self) -> None:
        self.told: list[ExposedKey] = []
        self.is_down = False

    async def __call__(self, key: ExposedKey) -> None:
        self.told.append(key)
        if self.is_down:
            raise ConnectionError(f"no route for {key.email}")


@pytest.fixture
def mailer() -> Mailer:
    return Mailer()


@pytest.fixture
def exposed(connections: Connections, mailer: Mailer) -> ExposedKeys:
    return ExposedKeys(connections, PEPPER, notify=mailer)


@pytest.fixture
async def client(exposed: ExposedKeys) -> AsyncIterator[httpx2.AsyncClient]:
    async def problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, GsbError)
        return JSONResponse(error.as_problem("req_test"), error.http_status)

    def unlimited(endpoint: Endpoint) -> Endpoint:
        return endpoint

    app = Starlette(routes=routes(exposed, unlimited), exception_handlers={GsbError: problem})
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://gsb") as client:
        yield client


async def _issued(keys: ApiKeys) -> IssuedKey:
    return (await keys.register("Rah", "rah@example.ir", "cheap travel")).key


def _forged(issued: IssuedKey) -> str:
    """Well-formed, with the id of a key and another secret."""
    body = issued.secret[:13] + draw(KeyKind.LIVE).text[13:45]
    return body + checksum(body)


async def test_a_key_that_was_copied_with_the_end_of_its_line_is_ended_all_the_same(
    keys: ApiKeys, client: httpx2.AsyncClient, worker: Worker
) -> None:
    """The answer is the same whatever came, so nobody would learn that a key works on because of a space."""
    issued = await _issued(keys)
    assert (await client.post(URL, json={"keys": [f"  {issued.secret}\r\n"]})).status_code == 202
    with pytest.raises(Unauthenticated) as refusal:
        await worker.keyring.authenticate(issued.secret)
    assert refusal.value.details["reason"] == "revoked"


async def test_no_worker_accepts_an_exposed_key_once_it_was_shown(
    keys: ApiKeys, exposed: ExposedKeys, start_worker: StartWorker
) -> None:
    workers = [await start_worker(), await start_worker()]
    issued = await _issued(keys)
    for each in workers:
        await each.keyring.authenticate(issued.secret)
    ended = await exposed.revoke([issued.secret])
    assert ended.spread.is_everywhere
    for each in workers:
        assert each.keyring.cached(issued.secret) is None
        with pytest.raises(Unauthenticated) as refused:
            await each.keyring.authenticate(issued.secret)
        assert refused.value.details["reason"] == "revoked"


async def test_only_the_whole_key_ends_it(keys: ApiKeys, exposed: ExposedKeys, worker: Worker) -> None:
    issued = await _issued(keys)
    ended = await exposed.revoke([_forged(issued), issued.secret[:-1], f"x{issued.secret}", issued.key.id, ""])
    assert ended.keys == ()
    assert (await worker.keyring.authenticate(issued.secret)).plan == "open"


async def test_a_forged_text_of_the_same_id_does_not_hide_the_key(keys: ApiKeys, exposed: ExposedKeys) -> None:
    issued = await _issued(keys)
    texts = [issued.secret, *(_forged(issued) for _ in range(20))]
    assert [key.id for key in (await exposed.revoke(texts)).keys] == [issued.key.id]


async def test_the_answer_is_the_same_whatever_was_found(
    client: httpx2.AsyncClient, keys: ApiKeys, worker: Worker
) -> None:
    good, gone = await _issued(keys), await _issued(keys)
    await keys.revoke_key(gone.key.id, "lost", OPERATOR)
    shown = (good.secret, gone.secret, _forged(gone), draw(KeyKind.TEST).text, "nonsense")
    answers = [await client.post(URL, json={"keys": [text]}) for text in shown]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, '{"status":"accepted","received":1}')}
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1


async def test_each_kind_of_call_sends_one_event_and_waits_for_it(
    connections: Connections, exposed: ExposedKeys, keys: ApiKeys, worker: Worker
) -> None:
    issued = await _issued(keys)

    async def events() -> int:
        async with connections.use() as connection:
            return int(await connection.fetchval("select seq from gsb.event_clock"))

    before = await events()
    found, not_found = await exposed.revoke([issued.secret]), await exposed.revoke([issued.secret])
    assert await events() == before + 2
    assert (found.spread.is_everywhere, not_found.spread.is_everywhere) == (True, True)
    assert (len(found.keys), len(not_found.keys)) == (1, 0)


async def test_the_owner_is_told_once_and_an_outage_of_the_mail_is_logged_without_an_address(
    client: httpx2.AsyncClient, keys: ApiKeys, mailer: Mailer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mailer.is_down = True
    issued = await _issued(keys)
    for _ in range(2):
        await client.post(URL, json={"keys": [issued.secret, issued.secret]})
    assert [(key.id, key.email) for key in mailer.told] == [(issued.key.id, "rah@example.ir")]
    assert "ConnectionError" in caplog.text
    assert "rah@example.ir" not in caplog.text
    assert issued.secret[13:45] not in caplog.text


async def test_the_audit_names_the_key_and_its_holder(
    keys: ApiKeys, exposed: ExposedKeys, connections: Connections
) -> None:
    registered = await keys.register("Rah", "rah@example.ir", "cheap travel")
    await exposed.revoke([registered.key.secret])
    key_id = registered.key.key.id
    async with connections.use() as connection:
        row = await connection.fetchrow("select actor, subject from gsb.audit where action = 'key.revoke'")
    assert row is not None
    assert (row["actor"], row["subject"]) == (f"holder:{key_id}", f"key:{key_id}")
    (listed,) = await keys.list_keys(registered.organisation.id)
    assert (listed.state, listed.revoked_reason) == (KeyState.REVOKED, REASON)


async def test_a_thousand_keys_at_once_are_taken_and_agency_keys_too(
    exposed: ExposedKeys, keys: ApiKeys, agency_id: int, worker: Worker
) -> None:
    agency_key = await keys.create_agency_key(agency_id, "Sara", "sara@aviation.ir", OPERATOR)
    texts = [draw(KeyKind.LIVE).text for _ in range(KEYS_MAX - 1)]
    assert [key.email for key in (await exposed.revoke([*texts, agency_key.secret])).keys] == ["sara@aviation.ir"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "members"),
        ({"keys": "gsbl_"}, "members"),
        ({"keys": [1]}, "members"),
        ({"keys": ["a"], "why": "b"}, "members"),
        ({"keys": []}, "keys_max"),
        ({"keys": ["a"] * (KEYS_MAX + 1)}, "keys_max"),
    ],
)
async def test_a_body_of_another_shape_is_refused(client: httpx2.AsyncClient, body: object, reason: str) -> None:
    answer = await client.post(URL, json=body)
    assert (answer.status_code, answer.json()["details"]["reason"]) == (400, reason)
