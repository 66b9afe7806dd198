"""Many keys end in one transaction, those that were meant and no others."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from publicgsb.apikeys.bulk import NAMED_MAX
from publicgsb.apikeys.model import OPERATOR, IssuedKey, KeyState, Owner
from publicgsb.apikeys.restrictions import Restrictions
from publicgsb.apikeys.selection import Selection
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, Unauthenticated
from publicgsb.platform.server.audit import Filters, entries

from .conftest import Worker


async def _owner(keys: ApiKeys) -> Owner:
    return await keys.owner((await keys.register("Rah", "rah@example.ir", "cheap travel")).owner_token.text)


async def _dataset(connections: Connections, agency_id: int, slug: str) -> None:
    async with connections.transaction() as connection:
        dataset_id = await connection.fetchval(
            "insert into gsb.dataset (agency_id, slug) values ($1, $2) returning id", agency_id, slug
        )
        contract_id = await connection.fetchval(
            "insert into gsb.contract (dataset_id, version, sha256, document)"
            " values ($1, '1.0.0', '', '{}') returning id",
            dataset_id,
        )
        await connection.execute("update gsb.dataset set contract_id = $2 where id = $1", dataset_id, contract_id)


async def _working(keys: ApiKeys, *owners: Owner) -> list[int]:
    listed = [await keys.list_keys(owner.organisation.id) for owner in owners]
    return [sum(key.state is not KeyState.REVOKED for key in of_one) for of_one in listed]


async def test_every_key_of_an_organisation_or_application_ends_and_nobody_elses(keys: ApiKeys, worker: Worker) -> None:
    one, other, third = [await _owner(keys) for _ in range(3)]
    issued = [await keys.create_key(one) for _ in range(2)]
    for each in issued:
        await worker.keyring.authenticate(each.secret)
    done = await keys.revoke_keys(Selection(organisation_id=one.organisation.id), "closed", OPERATOR)
    assert (len(done.key_ids), done.spread.is_everywhere, done.spread.open) == (3, True, 0)
    assert [worker.keyring.cached(each.secret) for each in issued] == [None, None]
    (theirs,) = await keys.list_keys(other.organisation.id)
    await keys.revoke_keys(Selection(application_id=theirs.application_id), "closed", OPERATOR)
    assert await _working(keys, one, other, third) == [0, 0, 1]


async def test_the_keys_that_are_restricted_to_a_dataset_end(
    keys: ApiKeys, connections: Connections, agency_id: int
) -> None:
    owner = await _owner(keys)
    for slug in ("airports", "routes"):
        await _dataset(connections, agency_id, slug)
    held = [
        await keys.create_key(owner, restrictions=Restrictions(datasets=frozenset(names)))
        for names in (["aviation/airports"], ["aviation/airports", "aviation/routes"], ["aviation/routes"])
    ]
    done = await keys.revoke_keys(Selection(dataset="aviation/airports"), "withdrawn", OPERATOR)
    assert set(done.key_ids) == {held[0].key.id, held[1].key.id}


async def test_the_keys_of_an_agency_end_and_so_do_those_issued_before_a_moment(keys: ApiKeys, agency_id: int) -> None:
    owner = await _owner(keys)
    of_agency = await keys.create_agency_key(agency_id, "Sara", "sara@aviation.ir", OPERATOR)
    done = await keys.revoke_keys(Selection(agency_id=agency_id), "leaked", OPERATOR)
    assert done.key_ids == (of_agency.key.id,)
    later = await keys.create_key(owner)
    done = await keys.revoke_keys(Selection(issued_before=later.key.created_at), "old", OPERATOR)
    assert later.key.id not in done.key_ids
    assert await _working(keys, owner) == [1]


async def test_conditions_hold_together_and_an_owner_reaches_their_own_keys_only(keys: ApiKeys) -> None:
    mine, other = await _owner(keys), await _owner(keys)
    future = datetime.now(UTC) + timedelta(hours=1)
    await keys.revoke_keys(Selection(organisation_id=other.organisation.id), "spite", mine.actor)
    await keys.revoke_keys(Selection(issued_before=future), "old", mine.actor)
    assert await _working(keys, mine, other) == [0, 1]
    both = Selection(organisation_id=other.organisation.id, issued_before=future - timedelta(days=1))
    assert (await keys.revoke_keys(both, "old", OPERATOR)).key_ids == ()


async def test_no_condition_is_no_selection(keys: ApiKeys) -> None:
    with pytest.raises(InvalidRequest):
        await keys.revoke_keys(Selection(), "all", OPERATOR)


async def test_a_revocation_of_many_is_one_event_and_one_line_of_the_audit_that_names_them(
    keys: ApiKeys, connections: Connections
) -> None:
    owner = await _owner(keys)
    await keys.create_key(owner)
    async with connections.use() as connection:
        before = await connection.fetchval("select seq from gsb.event_clock")
        done = await keys.revoke_keys(Selection(organisation_id=owner.organisation.id), "closed", owner.actor)
        lines = await connection.fetch("select actor, details from gsb.audit where action = 'key.revoke_many'")
        assert await connection.fetchval("select seq from gsb.event_clock") == before + 1
    assert [line["actor"] for line in lines] == [owner.actor.name]
    assert all(key_id in lines[0]["details"] for key_id in done.key_ids)


async def test_the_line_of_the_audit_has_an_end_and_still_says_which_keys_they_were(
    keys: ApiKeys, connections: Connections, agency_id: int
) -> None:
    for number in range(NAMED_MAX + 5):
        await keys.create_agency_key(agency_id, "Sara", "sara@aviation.ir", OPERATOR, label=f"key {number}")
    done = await keys.revoke_keys(Selection(agency_id=agency_id), "leaked", OPERATOR)
    (entry,) = await entries(connections, Filters(limit=1))
    assert (entry.details["count"], entry.details["keys"].split()) == (NAMED_MAX + 5, list(done.key_ids[:NAMED_MAX]))
    async with connections.use() as connection:
        at = datetime.fromisoformat(entry.details["revoked_at"])
        rows = await connection.fetch('select id from gsb.api_key where revoked_at = $1 order by id collate "C"', at)
    ids = [row["id"] for row in rows]
    assert ids == list(done.key_ids)
    assert entry.details["sha256"] == sha256("\n".join(ids).encode()).hexdigest()


async def test_no_key_slips_through_while_others_are_made_and_ended(keys: ApiKeys, worker: Worker) -> None:
    """Whatever was answered before the revocation was asked for is ended by it."""
    owners = [await _owner(keys) for _ in range(4)]
    stop = asyncio.Event()
    made: list[IssuedKey] = []

    async def churn(owner: Owner) -> None:
        while not stop.is_set():
            issued = await keys.create_key(owner)
            made.append(issued)
            with suppress(Unauthenticated, Conflict):  # the revocation came first
                await worker.keyring.authenticate(issued.secret)
                await keys.rotate_key(owner, issued.key.id, timedelta(0))
            await keys.revoke_key(issued.key.id, "done", owner.actor)

    async with asyncio.TaskGroup() as group:
        for owner in owners:
            group.create_task(churn(owner))
        for _ in range(10):
            before = list(made)
            done = await keys.revoke_keys(Selection(issued_before=datetime.now(UTC)), "sweep", OPERATOR)
            assert done.spread.is_everywhere
            for issued in before[-4:]:
                with pytest.raises(Unauthenticated):
                    await worker.keyring.authenticate(issued.secret)
        stop.set()


async def test_how_many_workers_are_still_open_is_told(keys: ApiKeys, connections: Connections) -> None:
    owner = await _owner(keys)
    async with connections.use() as connection:
        await connection.execute(
            "insert into gsb.worker (boot_id, kind, pid, host, seen_seq, heartbeat_at)"
            " select gen_random_uuid(), 'api', 1, 'deaf', 0, now() + interval '1 minute' from generate_series(1, 3)"
        )
    done = await keys.revoke_keys(Selection(organisation_id=owner.organisation.id), "closed", OPERATOR)
    assert (done.spread.is_everywhere, done.spread.workers, done.spread.open) == (False, 3, 3)


def test_a_selection_tells_its_conditions() -> None:
    told: dict[str, Any] = Selection(agency_id=3, dataset="air/airports").told()
    assert told == {"agency": 3, "dataset": "air/airports"}
