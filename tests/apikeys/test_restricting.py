"""What a key is held to changes on every worker, for all its secrets and for the tokens that stand on it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from publicgsb.apikeys.model import KEY_LIFETIME_MAX, OPERATOR, IssuedKey, Owner
from publicgsb.apikeys.organisations import Organisations
from publicgsb.apikeys.restricting import RestrictionChange
from publicgsb.apikeys.restrictions import UNRESTRICTED, Restrictions
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.addresses import read_networks
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, NotFound, Unauthenticated
from publicgsb.platform.kernel.ids import KeyId
from publicgsb.platform.server.audit import Filters, entries

from .conftest import StartWorker, Worker

OPEN = frozenset({"open"})
TO_OPEN = RestrictionChange(frozenset({"levels"}), Restrictions(levels=OPEN))
HERE = read_networks(["192.0.2.0/24"])


@pytest.fixture
async def owner(keys: ApiKeys) -> Owner:
    return await keys.owner((await keys.register("Rah", "rah@example.ir", "cheap travel")).owner_token.text)


@pytest.fixture
async def issued(keys: ApiKeys, owner: Owner) -> IssuedKey:
    return await keys.create_key(owner, restrictions=Restrictions(networks=HERE))


async def test_every_worker_holds_the_key_to_it_once_it_is_everywhere(
    keys: ApiKeys, owner: Owner, issued: IssuedKey, start_worker: StartWorker
) -> None:
    workers = [await start_worker(), await start_worker()]
    for each in workers:
        assert (await each.keyring.authenticate(issued.secret)).levels is None
    done = await keys.restrict_key(issued.key.id, TO_OPEN, "less will do", owner.actor)
    assert (done.spread.is_everywhere, done.spread.workers) == (True, 2)
    for each in workers:
        assert each.keyring.cached(issued.secret) is None
        caller = await each.keyring.authenticate(issued.secret)
        assert (caller.levels, caller.networks) == (OPEN, HERE)


async def test_what_is_not_named_stays_and_what_is_none_is_lifted(
    keys: ApiKeys, owner: Owner, issued: IssuedKey
) -> None:
    await keys.restrict_key(issued.key.id, TO_OPEN, "less will do", owner.actor)
    lifted = RestrictionChange(frozenset({"networks", "datasets"}))
    held = (await keys.restrict_key(issued.key.id, lifted, "it moved", owner.actor)).key.restrictions
    assert held == Restrictions(levels=OPEN)
    lifted = RestrictionChange(frozenset({"levels"}))
    assert (await keys.restrict_key(issued.key.id, lifted, "all", owner.actor)).key.restrictions == UNRESTRICTED


async def test_a_secret_that_is_being_replaced_is_held_to_the_same(
    keys: ApiKeys, owner: Owner, issued: IssuedKey, worker: Worker
) -> None:
    rotated = await keys.rotate_key(owner, issued.key.id)
    for key_id in (issued.key.id, rotated.new.key.id):
        to = RestrictionChange(frozenset({"levels"}), Restrictions(levels=frozenset({"open", "registered"})))
        await keys.restrict_key(issued.key.id, to, "reset", owner.actor)
        done = await keys.restrict_key(key_id, TO_OPEN, "less will do", owner.actor)
        assert (done.key.id, set(done.key_ids)) == (key_id, {issued.key.id, rotated.new.key.id})
        for secret in (issued.secret, rotated.new.secret):
            assert (await worker.keyring.authenticate(secret)).levels == OPEN


async def test_another_key_of_the_same_application_is_left_alone(
    keys: ApiKeys, owner: Owner, issued: IssuedKey, worker: Worker
) -> None:
    other = await keys.create_key(owner)
    assert (await keys.restrict_key(issued.key.id, TO_OPEN, "less", owner.actor)).key_ids == (issued.key.id,)
    assert (await worker.keyring.authenticate(other.secret)).levels is None


async def test_a_nearer_end_is_obeyed_and_a_rotation_does_not_undo_it(
    keys: ApiKeys, owner: Owner, issued: IssuedKey
) -> None:
    week = RestrictionChange(lifetime=timedelta(days=7))
    done = await keys.restrict_key(issued.key.id, week, "a trial", owner.actor)
    assert done.key.expires_at is not None
    assert timedelta(0) < datetime.now(UTC) + timedelta(days=7) - done.key.expires_at < timedelta(minutes=5)
    new = (await keys.rotate_key(owner, issued.key.id)).new.key
    assert new.expires_at is not None
    assert new.expires_at - new.created_at < timedelta(days=7, minutes=5)


async def test_no_key_is_prolonged_beyond_the_longest_life(
    keys: ApiKeys, owner: Owner, issued: IssuedKey, connections: Connections
) -> None:
    longest = RestrictionChange(lifetime=KEY_LIFETIME_MAX)
    async with connections.use() as connection:
        await connection.execute("update gsb.api_key set created_at = created_at - interval '1 day'")
    with pytest.raises(InvalidRequest) as refused:
        await keys.restrict_key(issued.key.id, longest, "for ever", owner.actor)
    assert refused.value.details["problems"] == [{"member": "expiresInDays", "problem": "leads beyond that"}]


async def test_a_key_that_works_no_more_or_is_anothers_is_not_changed(
    keys: ApiKeys, owner: Owner, issued: IssuedKey
) -> None:
    stranger = await keys.owner((await keys.register("Other", "o@example.ir", "spite")).owner_token.text)
    for key_id in (issued.key.id, KeyId("00000000")):
        with pytest.raises(NotFound):
            await keys.restrict_key(key_id, TO_OPEN, "spite", stranger.actor)
    await keys.revoke_key(issued.key.id, "lost", owner.actor)
    with pytest.raises(Conflict) as refused:
        await keys.restrict_key(issued.key.id, TO_OPEN, "late", owner.actor)
    assert refused.value.details["reason"] == "ended"


async def test_a_dataset_that_does_not_exist_changes_nothing(
    keys: ApiKeys, owner: Owner, issued: IssuedKey, connections: Connections
) -> None:
    misspelt = RestrictionChange(frozenset({"datasets"}), Restrictions(datasets=frozenset({"air/airprots"})))
    with pytest.raises(InvalidRequest):
        await keys.restrict_key(issued.key.id, misspelt, "to one", owner.actor)
    assert await entries(connections, Filters(action="key.restrict")) == []
    (listed, *_) = await keys.list_keys(owner.organisation.id)
    assert listed.restrictions == issued.key.restrictions


async def test_the_audit_keeps_before_and_after_and_a_repetition_is_not_written_down(
    keys: ApiKeys, owner: Owner, issued: IssuedKey, connections: Connections
) -> None:
    for _ in range(2):
        done = await keys.restrict_key(issued.key.id, TO_OPEN, "less will do", owner.actor)
        assert done.spread.is_everywhere
    (entry,) = await entries(connections, Filters(action="key.restrict"))
    ends: Any = issued.key.expires_at
    common = {"datasets": None, "addresses": "192.0.2.0/24", "expires_at": ends.isoformat(timespec="seconds")}
    assert (entry.before, entry.after) == ({**common, "levels": None}, {**common, "levels": "open"})
    assert (entry.actor, entry.reason) == (owner.actor.name, "less will do")


async def test_its_organisation_is_told(
    keys: ApiKeys, owner: Owner, issued: IssuedKey, connections: Connections
) -> None:
    await keys.restrict_key(issued.key.id, TO_OPEN, "less will do", OPERATOR)
    async with connections.use() as connection:
        rows = await connection.fetch("select kind, organisation_id, payload->>'key' as key from gsb.outbox")
    assert [tuple(row) for row in rows] == [("key.restricted", owner.organisation.id, issued.key.id)]


async def test_an_operator_may_hold_the_keys_of_a_suspended_organisation_to_less_and_its_owner_may_not(
    keys: ApiKeys, owner: Owner, issued: IssuedKey, organisations: Organisations
) -> None:
    await organisations.suspend(owner.organisation.id, "abuse", OPERATOR)
    with pytest.raises(Unauthenticated):
        await keys.restrict_key(issued.key.id, TO_OPEN, "less", owner.actor)
    assert (await keys.restrict_key(issued.key.id, TO_OPEN, "less", OPERATOR)).key.restrictions.levels == OPEN


async def test_an_agencys_key_is_changed_by_the_operator_and_by_no_organisation(
    keys: ApiKeys, owner: Owner, agency_id: int, worker: Worker
) -> None:
    made = await keys.create_agency_key(agency_id, "Sara", "sara@aviation.ir", OPERATOR)
    with pytest.raises(NotFound):
        await keys.restrict_key(made.key.id, TO_OPEN, "spite", owner.actor)
    await keys.restrict_key(made.key.id, TO_OPEN, "open data only", OPERATOR)
    assert (await worker.keyring.authenticate(made.secret)).levels == OPEN
