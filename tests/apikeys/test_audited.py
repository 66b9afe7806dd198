"""Every use case of apikeys that changes something writes an entry, or cannot commit."""

from datetime import timedelta

import asyncpg
import pytest
from tests.audited import refuse_what_is_not_audited, use_cases

from publicgsb.apikeys.model import OPERATOR
from publicgsb.apikeys.organisations import Organisations
from publicgsb.apikeys.restricting import RestrictionChange
from publicgsb.apikeys.restrictions import Restrictions
from publicgsb.apikeys.selection import Selection
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.audit import Filters, entries, verify

READS = {"owner", "list_keys", "list_agency_keys", "identity"}


@pytest.fixture(autouse=True)
async def audited(connections: Connections, agency_id: int) -> None:
    await refuse_what_is_not_audited(connections)


async def test_a_change_without_an_entry_cannot_commit(connections: Connections) -> None:
    """The walk below would not notice anything otherwise."""
    async with connections.use() as connection:
        with pytest.raises(asyncpg.RaiseError, match="organisation was changed and no entry"):
            await connection.execute("insert into gsb.organisation (name, email, purpose) values ('a', 'b', 'c')")


async def test_every_change_of_keys_and_organisations_is_audited(
    keys: ApiKeys, connections: Connections, agency_id: int, organisations: Organisations
) -> None:
    walked: dict[str, str] = {}

    async def did(use_case: str, action: str) -> None:
        (newest,) = await entries(connections, Filters(limit=1))
        walked[use_case] = newest.action
        assert newest.action == action
        assert newest.before is not None or newest.after is not None

    made = await keys.register("Rah", "rah@example.ir", "cheap travel")
    await did("register", "key.create")
    owner = await keys.owner(made.owner_token.text)
    await keys.create_key(owner)
    await did("create_key", "key.create")
    await keys.rotate_key(owner, made.key.key.id, timedelta(0))
    await did("rotate_key", "key.rotate")
    await keys.rotate_for(OPERATOR, (await keys.create_key(owner)).key.id, timedelta(0))
    await did("rotate_for", "key.rotate")
    await keys.revoke_key(made.key.key.id, "lost", owner.actor)
    await did("revoke_key", "key.revoke")
    another = await keys.create_key(owner)
    change = RestrictionChange(frozenset({"levels"}), Restrictions(levels=frozenset({"open"})))
    await keys.restrict_key(another.key.id, change, "less will do", owner.actor)
    await did("restrict_key", "key.restrict")
    await keys.revoke_keys(Selection(organisation_id=owner.organisation.id), "closed", owner.actor)
    await did("revoke_keys", "key.revoke_many")
    await keys.create_agency_key(agency_id, "Sara", "sara@aviation.ir", OPERATOR)
    await did("create_agency_key", "key.create")
    await organisations.approve(made.organisation.id, OPERATOR)
    await did("approve", "organisation.approve")
    await organisations.suspend(made.organisation.id, "abuse", OPERATOR)
    await did("suspend", "organisation.suspend")
    await organisations.resume(made.organisation.id, "settled", OPERATOR)
    await did("resume", "organisation.resume")
    await organisations.add_application(made.organisation.id, "Second", OPERATOR)
    await did("add_application", "application.add")
    await keys.renew_owner_token(made.organisation.id, OPERATOR)
    await did("renew_owner_token", "owner_token.renew")
    assert set(walked) == (use_cases(ApiKeys) - READS) | (use_cases(Organisations) - {"list"})
    assert (await verify(connections)).problems == ()


async def test_an_entry_says_what_was_before_and_after_and_why(
    keys: ApiKeys, connections: Connections, organisations: Organisations
) -> None:
    made = await keys.register("Rah", "rah@example.ir", "cheap travel")
    await organisations.suspend(made.organisation.id, "abuse", OPERATOR)
    (entry,) = await entries(connections, Filters(action="organisation.suspend"))
    assert (entry.before, entry.after) == ({"plan": "open", "state": "active"}, {"plan": "open", "state": "suspended"})
    assert (entry.actor, entry.reason, entry.subject) == ("operator", "abuse", f"organisation:{made.organisation.id}")
