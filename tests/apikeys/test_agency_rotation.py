"""An agency's key is rotated like an application's: by the operator, and by itself. What came after it ends with it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from publicgsb.apikeys.asking import Dependencies
from publicgsb.apikeys.exposed import ExposedKeys
from publicgsb.apikeys.http import routes
from publicgsb.apikeys.model import OPERATOR, IssuedKey, KeyState, Role
from publicgsb.apikeys.people.service import People
from publicgsb.apikeys.restricting import RestrictionChange
from publicgsb.apikeys.restrictions import Restrictions
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, GsbError, NotFound, Unauthenticated
from publicgsb.platform.kernel.ids import KeyId

from .conftest import PEPPER, Worker

OPEN = Restrictions(levels=frozenset({"open"}))


@pytest.fixture
async def made(keys: ApiKeys, agency_id: int) -> IssuedKey:
    return await keys.create_agency_key(agency_id, "Sara", "sara@aviation.ir", OPERATOR, role=Role.REVIEWER)


@pytest.fixture
async def client(keys: ApiKeys, people: People, worker: Worker) -> AsyncIterator[httpx2.AsyncClient]:
    async def problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, GsbError)
        return JSONResponse(error.as_problem("req_test"), error.http_status)

    dependencies = Dependencies(keys, worker.keyring, lambda endpoint: endpoint, people)
    app = Starlette(routes=routes(dependencies), exception_handlers={GsbError: problem})
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://gsb.test") as client:
        yield client


async def _rotate(client: httpx2.AsyncClient, key: Any, key_id: str, **body: int) -> httpx2.Response:
    return await client.post(f"/api/v1/keys/{key_id}/rotate", headers={"x-api-key": key}, json=body)


async def _working(keys: ApiKeys, agency_id: int) -> set[KeyId]:
    return {key.id for key in await keys.list_agency_keys(agency_id) if key.works_at(datetime.now(UTC))}


async def test_rotating_keeps_person_role_restrictions_and_life_and_lets_the_old_key_work_for_the_overlap(
    keys: ApiKeys, agency_id: int, worker: Worker
) -> None:
    lifetime = timedelta(days=30)
    made = await keys.create_agency_key(
        agency_id, "Sara", "sara@aviation.ir", OPERATOR, role=Role.REVIEWER, lifetime=lifetime, restrictions=OPEN
    )
    before = await worker.keyring.authenticate(made.secret)
    rotated = await keys.rotate_for(OPERATOR, made.key.id, timedelta(hours=1))
    old = await worker.keyring.authenticate(made.secret)
    new = await worker.keyring.authenticate(rotated.new.secret)
    assert (new.agency_id, new.person_id, new.role) == (before.agency_id, before.person_id, "reviewer")
    assert (rotated.new.key.restrictions, rotated.new.key.line) == (OPEN, made.key.id)
    assert rotated.new.key.expires_at == rotated.new.key.created_at + lifetime
    assert rotated.old.retire_at is not None
    assert timedelta(0) < rotated.old.retire_at - datetime.now(UTC) <= timedelta(hours=1)
    assert ([name for name, _ in old.notice], new.notice) == ([b"deprecation", b"sunset"], ())


async def test_a_rotation_without_overlap_ends_the_old_key_at_once(
    keys: ApiKeys, worker: Worker, made: IssuedKey
) -> None:
    await worker.keyring.authenticate(made.secret)
    await keys.rotate_for(OPERATOR, made.key.id, timedelta(0))
    with pytest.raises(Unauthenticated) as refusal:
        await worker.keyring.authenticate(made.secret)
    assert refusal.value.details["reason"] == "expired"


async def test_a_rotation_that_would_make_three_working_secrets_of_a_key_changes_nothing(
    keys: ApiKeys, agency_id: int, made: IssuedKey
) -> None:
    second = (await keys.rotate_for(OPERATOR, made.key.id)).new
    before = await keys.list_agency_keys(agency_id)
    with pytest.raises(Conflict) as refusal:
        await keys.rotate_for(OPERATOR, second.key.id)
    assert refusal.value.details["reason"] == "secrets_max"
    assert await keys.list_agency_keys(agency_id) == before


async def test_a_key_that_is_retiring_revoked_or_not_there_is_not_rotated(keys: ApiKeys, made: IssuedKey) -> None:
    rotated = await keys.rotate_for(OPERATOR, made.key.id)
    await keys.revoke_key(rotated.new.key.id, "lost", OPERATOR)
    for key_id in (made.key.id, rotated.new.key.id):
        with pytest.raises(Conflict):
            await keys.rotate_for(OPERATOR, key_id)
    with pytest.raises(NotFound):
        await keys.rotate_for(OPERATOR, KeyId("00000000"))


async def test_an_operator_rotates_an_applications_key_for_whoever_asked_for_it(keys: ApiKeys, worker: Worker) -> None:
    made = await keys.register("Rah", "rah@example.ir", "cheap travel")
    before = await worker.keyring.authenticate(made.key.secret)
    new = (await keys.rotate_for(OPERATOR, made.key.key.id)).new
    after = await worker.keyring.authenticate(new.secret)
    assert (after.account, after.person_id) == (before.account, before.person_id)


async def test_an_agencys_key_rotates_itself_and_no_other_key_and_no_data_key_does(
    client: httpx2.AsyncClient, keys: ApiKeys, agency_id: int, made: IssuedKey
) -> None:
    rotated = await _rotate(client, made.secret, made.key.id, overlapHours=2)
    assert (rotated.status_code, rotated.json()["replaced"]["state"]) == (201, "retiring")
    new = rotated.json()["key"]
    data = (await keys.register("Rah", "rah@example.ir", "cheap travel")).key
    for secret, key_id in ((made.secret, new["id"]), (new["secret"], made.key.id), (data.secret, data.key.id)):
        answer = await _rotate(client, secret, key_id)
        assert (answer.status_code, answer.json()["code"]) == (403, "NOT_PERMITTED")
    again = await _rotate(client, made.secret, made.key.id)
    assert (again.status_code, again.json()["code"]) == (409, "CONFLICT")
    assert await _working(keys, agency_id) == {made.key.id, new["id"]}


async def test_a_secret_that_is_being_replaced_is_held_to_the_same(keys: ApiKeys, made: IssuedKey) -> None:
    new = (await keys.rotate_for(OPERATOR, made.key.id)).new.key
    change = RestrictionChange(frozenset({"levels"}), OPEN)
    for named in (made.key.id, new.id):
        done = await keys.restrict_key(named, change, "less will do", OPERATOR)
        assert done.key_ids == tuple(sorted((made.key.id, new.id)))


async def test_what_a_leaked_key_made_of_itself_ends_with_it_however_late_it_is_revoked(
    keys: ApiKeys, agency_id: int, worker: Worker, made: IssuedKey
) -> None:
    other = await keys.create_agency_key(agency_id, "Omid", "omid@aviation.ir", OPERATOR)
    second = (await keys.rotate_for(OPERATOR, made.key.id, timedelta(0))).new
    third = (await keys.rotate_for(OPERATOR, second.key.id)).new
    await worker.keyring.authenticate(third.secret)
    revoked = await keys.revoke_key(made.key.id, "leaked", OPERATOR)
    assert revoked.successors == tuple(sorted((second.key.id, third.key.id)))
    with pytest.raises(Unauthenticated):
        await worker.keyring.authenticate(third.secret)
    assert await _working(keys, agency_id) == {other.key.id}
    assert (await keys.revoke_key(made.key.id, "again", OPERATOR)).successors == ()


async def test_what_came_before_a_revoked_key_works_on_until_its_end(
    keys: ApiKeys, agency_id: int, made: IssuedKey
) -> None:
    second = (await keys.rotate_for(OPERATOR, made.key.id)).new
    assert (await keys.revoke_key(second.key.id, "lost", OPERATOR)).successors == ()
    assert await _working(keys, agency_id) == {made.key.id}


async def test_a_key_that_is_shown_to_us_takes_its_successors_with_it_only_while_it_works(
    keys: ApiKeys, connections: Connections, agency_id: int, made: IssuedKey
) -> None:
    exposed = ExposedKeys(connections, PEPPER)
    second = (await keys.rotate_for(OPERATOR, made.key.id, timedelta(0))).new
    await exposed.revoke([made.secret])  # replaced before: whoever finds it in an old file ends nothing by it
    assert await _working(keys, agency_id) == {second.key.id}
    third = (await keys.rotate_for(OPERATOR, second.key.id)).new
    ended = await exposed.revoke([second.secret, third.secret])
    assert {key.id for key in ended.keys} == {second.key.id, third.key.id}
    fourth = await keys.create_agency_key(agency_id, "Sara", "sara@aviation.ir", OPERATOR, role=Role.REVIEWER)
    await keys.rotate_for(OPERATOR, fourth.key.id)
    await exposed.revoke([fourth.secret])
    assert await _working(keys, agency_id) == set()


async def test_no_key_slips_past_the_removal_of_its_person(
    keys: ApiKeys, people: People, agency_id: int, made: IssuedKey
) -> None:
    (sara,) = await people.list_agency_people(agency_id)
    await asyncio.gather(
        keys.rotate_for(OPERATOR, made.key.id),
        people.remove_agency_person(agency_id, sara.id, "left", OPERATOR),
        return_exceptions=True,
    )
    assert {key.state for key in await keys.list_agency_keys(agency_id)} == {KeyState.REVOKED}
