"""What happens to keys and organisations is told to whom they belong, with the change or not at all."""

import json
from typing import Any

import pytest

from publicgsb.apikeys.announcing import tell_keys
from publicgsb.apikeys.model import OPERATOR
from publicgsb.apikeys.organisations import Organisations
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import NotFound
from publicgsb.platform.kernel.ids import KeyId, OrganisationId


async def _told(connections: Connections) -> list[tuple[str, int | None, int | None, dict[str, Any]]]:
    async with connections.use() as connection:
        rows = await connection.fetch("select kind, organisation_id, agency_id, payload from gsb.outbox order by id")
    return [(row["kind"], row["organisation_id"], row["agency_id"], json.loads(row["payload"])) for row in rows]


async def test_a_rotation_is_told_with_the_end_of_its_overlap(keys: ApiKeys, connections: Connections) -> None:
    made = await keys.register("راه", "rah@example.ir", "سفر")
    rotated = await keys.rotate_key(await keys.owner(made.owner_token.text), made.key.key.id)
    ((kind, organisation_id, _, told),) = await _told(connections)
    assert (kind, organisation_id) == ("key.rotated", made.organisation.id)
    assert (told["key"], told["newKey"]) == (made.key.key.id, rotated.new.key.id)
    assert told["worksUntil"].endswith("Z")
    assert rotated.new.secret not in str(told)


async def test_a_revocation_is_told_once_however_often_it_is_asked_for(keys: ApiKeys, connections: Connections) -> None:
    made = await keys.register("راه", "rah@example.ir", "سفر")
    for reason in ("leaked", "again"):
        await keys.revoke_key(made.key.key.id, reason, OPERATOR)
    ((kind, organisation_id, _, told),) = await _told(connections)
    assert (kind, organisation_id, told["reason"]) == ("key.revoked", made.organisation.id, "leaked")


async def test_an_agency_hears_of_its_keys(keys: ApiKeys, connections: Connections, agency_id: int) -> None:
    issued = await keys.create_agency_key(agency_id, "زهرا", "zahra@caa.example", OPERATOR)
    await keys.revoke_key(issued.key.id, "left the agency", OPERATOR)
    ((kind, organisation_id, told_agency, _),) = await _told(connections)
    assert (kind, organisation_id, told_agency) == ("key.revoked", None, agency_id)


async def test_an_organisation_hears_that_it_was_approved_suspended_and_resumed(
    keys: ApiKeys, connections: Connections, organisations: Organisations
) -> None:
    made = await keys.register("راه", "rah@example.ir", "سفر")
    await organisations.approve(made.organisation.id, OPERATOR)
    await organisations.suspend(made.organisation.id, "abuse", OPERATOR)
    await organisations.resume(made.organisation.id, "settled", OPERATOR)
    told = [(kind, payload["state"], payload["reason"]) for kind, _, _, payload in await _told(connections)]
    assert told == [
        ("organisation.approved", "active", None),
        ("organisation.suspended", "suspended", "abuse"),
        ("organisation.resumed", "active", None),
    ]


async def test_what_fails_is_not_told(keys: ApiKeys, connections: Connections, organisations: Organisations) -> None:
    with pytest.raises(NotFound):
        await organisations.suspend(OrganisationId(404), "abuse", OPERATOR)
    assert await _told(connections) == []


async def test_many_keys_are_told_by_one_statement(keys: ApiKeys, connections: Connections) -> None:
    made = [await keys.register("راه", f"rah{number}@example.ir", "سفر") for number in range(3)]
    async with connections.transaction() as connection:
        await tell_keys(connection, "key.expiring", [*(one.key.key.id for one in made), KeyId("nothing1")], days=7)
    told = await _told(connections)
    assert {organisation_id for _, organisation_id, _, _ in told} == {one.organisation.id for one in made}
    assert {payload["days"] for _, _, _, payload in told} == {7}
