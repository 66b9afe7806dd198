"""The end of a person: their token is void at once, and keys that end with them are announced and waited for like any
revocation.
"""

from datetime import datetime

from publicgsb.apikeys.ending import end_key
from publicgsb.apikeys.model import Actor, Owner, Role
from publicgsb.apikeys.organisations import locked_active
from publicgsb.apikeys.people import store
from publicgsb.apikeys.people.model import Person, Removal, last_owner
from publicgsb.apikeys.people.steps import find
from publicgsb.apikeys.spread import spread_of, tell
from publicgsb.apikeys.store import audit, lock_agency
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.ids import KeyId


async def remove(
    connections: Connections, owner: Owner, person_id: int, reason: str, now: datetime, *, revoke_keys: bool
) -> Removal:
    """Never the last owner. A member may leave, and remove nobody else; their keys stay, unless `revoke_keys`."""
    if person_id != owner.person_id:
        owner.refuse_unless_owner()
    async with connections.transaction() as connection:
        await locked_active(connection, owner.organisation.id)
        people = await store.people_of_organisation(connection, owner.organisation.id)
        person = find(people, person_id)
        if person.role is Role.OWNER and sum(one.role is Role.OWNER for one in people) == 1:
            raise last_owner()
        ended, left, seq = await _end(connection, person, reason, owner.actor, now, revoke_keys=revoke_keys)
    return Removal(person, ended, left, await spread_of(connections, seq))


async def remove_of_agency(
    connections: Connections, agency_id: int, person_id: int, reason: str, actor: Actor, now: datetime
) -> Removal:
    """With every key that names them: behind the agency's lock nobody makes another one meanwhile."""
    async with connections.transaction() as connection:
        await lock_agency(connection, agency_id)
        person = find(await store.people_of_agency(connection, agency_id), person_id)
        ended, left, seq = await _end(connection, person, reason, actor, now, revoke_keys=True)
    return Removal(person, ended, left, await spread_of(connections, seq))


async def _end(
    connection: Connection, person: Person, reason: str, actor: Actor, now: datetime, *, revoke_keys: bool
) -> tuple[tuple[KeyId, ...], tuple[KeyId, ...], int]:
    """The keys that end with the person, those that stay, and the event to wait for after the commit."""
    keys = await store.keys_of_person(connection, person.id)
    ended = keys if revoke_keys else ()
    for key in ended:
        await end_key(connection, key, f"its person was removed: {reason}", actor, now)
    await store.remove_person(connection, person.id, now)
    await audit(connection, actor, "person.remove", f"person:{person.id}", before=person.standing, reason=reason)
    ended_ids = tuple(key.id for key in ended)
    left = tuple(key.id for key in keys if key.id not in ended_ids)
    return ended_ids, left, await tell(connection, ended_ids)
