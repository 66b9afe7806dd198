"""The use cases on a real database: who may change what, and what is written down."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from publicgsb.apikeys.format import parse
from publicgsb.apikeys.model import KEYS_MAX, OPERATOR, KeyState, OrganisationState, Owner
from publicgsb.apikeys.organisations import Organisations
from publicgsb.apikeys.selection import Selection
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, NotFound, Unauthenticated
from publicgsb.platform.kernel.ids import ApplicationId, KeyId, OrganisationId

from .conftest import Worker


async def _owner(keys: ApiKeys) -> Owner:
    return await keys.owner((await keys.register("Rah", "rah@example.ir", "cheap travel")).owner_token.text)


async def test_registering_gives_an_organisation_on_plan_open_that_can_work_at_once(
    keys: ApiKeys, worker: Worker
) -> None:
    made = await keys.register("راه", "rah@example.ir", "سفر ارزان")
    assert (made.organisation.plan, made.organisation.state) == ("open", OrganisationState.ACTIVE)
    assert (await worker.keyring.authenticate(made.key.secret)).organisation_id == made.organisation.id
    assert (await keys.owner(made.owner_token.text)).organisation == made.organisation


async def test_secrets_are_neither_printed_nor_stored(keys: ApiKeys, connections: Connections) -> None:
    made = await keys.register("Rah", "rah@example.ir", "cheap travel")
    async with connections.use() as connection:
        tables = ("organisation", "person", "application", "api_key", "audit", "event")
        stored = [str(row) for table in tables for row in await connection.fetch(f"select * from gsb.{table}")]
    for text in (repr(made), *stored):
        assert made.key.secret[13:45] not in text
        assert made.owner_token.text not in text


async def test_an_application_has_several_keys_and_at_most_ten_that_work_of_a_kind(keys: ApiKeys) -> None:
    owner = await _owner(keys)
    made = [await keys.create_key(owner) for _ in range(KEYS_MAX - 1)]
    with pytest.raises(Conflict) as refusal:
        await keys.create_key(owner)
    assert refusal.value.details["reason"] == "keys_max"
    await keys.revoke_key(made[0].key.id, "lost", owner.actor)
    await keys.create_key(owner)
    assert parse((await keys.create_key(owner, kind=KeyKind.TEST)).secret).kind is KeyKind.TEST


async def test_keys_created_at_the_same_moment_are_counted_one_by_one(keys: ApiKeys) -> None:
    owner = await _owner(keys)
    made = await asyncio.gather(*(keys.create_key(owner) for _ in range(KEYS_MAX + 3)), return_exceptions=True)
    assert sum(isinstance(each, Conflict) for each in made) == 4


async def test_rotating_keeps_the_account_and_lets_the_old_key_work_for_the_overlap(
    keys: ApiKeys, worker: Worker
) -> None:
    made = await keys.register("Rah", "rah@example.ir", "cheap travel")
    owner = await keys.owner(made.owner_token.text)
    before = await worker.keyring.authenticate(made.key.secret)
    rotated = await keys.rotate_key(owner, made.key.key.id, timedelta(hours=1))
    old = await worker.keyring.authenticate(made.key.secret)
    new = await worker.keyring.authenticate(rotated.new.secret)
    assert before.account == old.account == new.account
    assert rotated.old.state is KeyState.RETIRING
    assert rotated.old.retire_at is not None
    assert timedelta(0) < rotated.old.retire_at - datetime.now(UTC) <= timedelta(hours=1)


async def test_a_rotation_without_overlap_ends_the_old_key_at_once(keys: ApiKeys, worker: Worker) -> None:
    made = await keys.register("Rah", "rah@example.ir", "cheap travel")
    owner = await keys.owner(made.owner_token.text)
    await worker.keyring.authenticate(made.key.secret)
    await keys.create_key(owner)  # two work already, and still a rotation without overlap fits
    await keys.rotate_key(owner, made.key.key.id, timedelta(0))
    with pytest.raises(Unauthenticated) as refusal:
        await worker.keyring.authenticate(made.key.secret)
    assert refusal.value.details["reason"] == "expired"


async def test_a_rotation_that_would_make_three_working_secrets_of_a_key_changes_nothing(keys: ApiKeys) -> None:
    owner = await _owner(keys)
    (key,) = await keys.list_keys(owner.organisation.id)
    second = (await keys.rotate_key(owner, key.id)).new
    before = await keys.list_keys(owner.organisation.id)
    with pytest.raises(Conflict) as refusal:
        await keys.rotate_key(owner, second.key.id)
    assert refusal.value.details["reason"] == "secrets_max"
    assert await keys.list_keys(owner.organisation.id) == before


async def test_a_key_that_is_retiring_or_revoked_is_not_rotated(keys: ApiKeys) -> None:
    owner = await _owner(keys)
    (key,) = await keys.list_keys(owner.organisation.id)
    rotated = await keys.rotate_key(owner, key.id)
    await keys.revoke_key(rotated.new.key.id, "lost", owner.actor)
    for key_id in (key.id, rotated.new.key.id):
        with pytest.raises(Conflict):
            await keys.rotate_key(owner, key_id)


async def test_the_keys_of_another_organisation_answer_like_missing_ones(keys: ApiKeys) -> None:
    mine, other = await _owner(keys), await _owner(keys)
    (key,) = await keys.list_keys(other.organisation.id)
    for key_id in (key.id, KeyId("00000000")):
        with pytest.raises(NotFound) as refusal:
            await keys.revoke_key(key_id, "spite", mine.actor)
        with pytest.raises(NotFound) as rotation:
            await keys.rotate_key(mine, key_id)
        assert refusal.value.as_problem("r") == rotation.value.as_problem("r")
    with pytest.raises(NotFound):
        await keys.create_key(mine, application_id=ApplicationId(key.application_id or 0))


async def test_revoking_twice_keeps_the_first_reason_and_is_written_down_once(
    keys: ApiKeys, connections: Connections
) -> None:
    owner = await _owner(keys)
    (key,) = await keys.list_keys(owner.organisation.id)
    first = await keys.revoke_key(key.id, "leaked", owner.actor)
    second = await keys.revoke_key(key.id, "again", OPERATOR)
    assert second.key == first.key
    assert second.key.revoked_reason == "leaked"
    async with connections.use() as connection:
        assert await connection.fetchval("select count(*) from gsb.audit where action = 'key.revoke'") == 1


async def test_a_revocation_says_pending_while_a_live_worker_has_not_heard(
    keys: ApiKeys, connections: Connections
) -> None:
    owner = await _owner(keys)
    (key,) = await keys.list_keys(owner.organisation.id)
    async with connections.use() as connection:
        await connection.execute(
            "insert into gsb.worker (boot_id, kind, pid, host, seen_seq, heartbeat_at)"
            " values (gen_random_uuid(), 'api', 1, 'deaf', 0, now() + interval '1 minute')"
        )
    assert not (await keys.revoke_key(key.id, "lost", owner.actor)).spread.is_everywhere


async def test_the_owner_token_of_a_suspended_organisation_is_refused(
    keys: ApiKeys, organisations: Organisations
) -> None:
    made = await keys.register("Rah", "rah@example.ir", "cheap travel")
    owner = await keys.owner(made.owner_token.text)
    await organisations.suspend(made.organisation.id, "abuse", OPERATOR)
    with pytest.raises(Unauthenticated, match="is suspended: abuse") as refusal:
        await keys.owner(made.owner_token.text)
    assert refusal.value.details["reason"] == "suspended"
    with pytest.raises(Unauthenticated):
        await keys.create_key(owner)  # an owner who was let in a moment before


async def test_a_renewed_owner_token_voids_the_earlier_ones(keys: ApiKeys) -> None:
    made = await keys.register("Rah", "rah@example.ir", "cheap travel")
    renewed = await keys.renew_owner_token(made.organisation.id, OPERATOR)
    assert (await keys.owner(renewed.text)).organisation.id == made.organisation.id
    with pytest.raises(Unauthenticated) as refusal:
        await keys.owner(made.owner_token.text)
    assert refusal.value.details["reason"] == "revoked"


async def test_an_agency_key_names_a_person_and_has_no_plan(keys: ApiKeys, worker: Worker, agency_id: int) -> None:
    issued = await keys.create_agency_key(agency_id, "Sara", "sara@aviation.ir", OPERATOR)
    caller = await worker.keyring.authenticate(issued.secret)
    assert (caller.kind, caller.agency_id, caller.account, caller.plan) == (KeyKind.AGENCY, agency_id, (0, 0), "")
    second = await keys.create_agency_key(agency_id, "Sara", "SARA@aviation.ir", OPERATOR)
    assert (await worker.keyring.authenticate(second.secret)).person_id == caller.person_id
    assert [key.id for key in await keys.list_agency_keys(agency_id)] == [second.key.id, issued.key.id]
    assert (await keys.identity(caller)).agency_slug == "aviation"


async def test_what_does_not_exist_is_not_found(keys: ApiKeys, organisations: Organisations) -> None:
    nothing = OrganisationId(404)
    with pytest.raises(NotFound):
        await keys.create_agency_key(404, "Sara", "sara@aviation.ir", OPERATOR)
    with pytest.raises(NotFound):
        await organisations.suspend(nothing, "abuse", OPERATOR)
    with pytest.raises(NotFound):
        await organisations.approve(nothing, OPERATOR)
    with pytest.raises(NotFound):
        await keys.renew_owner_token(nothing, OPERATOR)


async def test_organisations_are_listed_newest_first_and_by_state(keys: ApiKeys, organisations: Organisations) -> None:
    first, second = (await _owner(keys)).organisation, (await _owner(keys)).organisation
    await organisations.suspend(first.id, "abuse", OPERATOR)
    assert [each.id for each in await organisations.list()] == [second.id, first.id]
    assert [each.id for each in await organisations.list(OrganisationState.SUSPENDED)] == [first.id]


async def test_an_application_that_an_operator_adds_has_keys_and_an_account_of_its_own(
    keys: ApiKeys, organisations: Organisations, worker: Worker, connections: Connections
) -> None:
    owner, another = await _owner(keys), await _owner(keys)
    second = await organisations.add_application(owner.organisation.id, "Second", OPERATOR)
    first, its = await keys.create_key(owner), await keys.create_key(owner, application_id=second.id)
    callers = [await worker.keyring.authenticate(key.secret) for key in (first, its)]
    assert callers[1].account == (owner.organisation.id, second.id) != callers[0].account
    with pytest.raises(NotFound):
        await keys.create_key(another, application_id=second.id)
    selection = Selection(application_id=second.id)
    assert (await keys.revoke_keys(selection, "gone", owner.actor)).key_ids == (its.key.id,)
    with pytest.raises(NotFound):
        await organisations.add_application(OrganisationId(404), "Third", OPERATOR)
    async with connections.use() as connection:
        told = await connection.fetchrow("select actor, subject from gsb.audit where action = 'application.add'")
    assert tuple(told or ()) == ("operator", f"organisation:{owner.organisation.id}")


async def test_every_change_leaves_one_line_in_the_audit(
    keys: ApiKeys, connections: Connections, organisations: Organisations
) -> None:
    owner = await _owner(keys)
    (key,) = await keys.list_keys(owner.organisation.id)
    await keys.rotate_key(owner, key.id)
    await keys.revoke_key(key.id, "lost", owner.actor)
    await organisations.suspend(owner.organisation.id, "abuse", OPERATOR)
    await organisations.approve(owner.organisation.id, OPERATOR)
    await keys.renew_owner_token(owner.organisation.id, OPERATOR)
    async with connections.use() as connection:
        lines = await connection.fetch("select actor, action from gsb.audit order by id")
    person = owner.actor.name
    assert [tuple(line) for line in lines] == [
        (person, "organisation.register"),
        (person, "key.create"),
        (person, "key.create"),
        (person, "key.rotate"),
        (person, "key.revoke"),
        ("operator", "organisation.suspend"),
        ("operator", "organisation.approve"),
        ("operator", "owner_token.renew"),
    ]
