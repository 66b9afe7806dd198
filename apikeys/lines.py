"""A line of rotations: to whoever holds it one key, whose secret changed. And the lock behind which lines change.

The organisation or the agency comes first and its keys after it, as everywhere: no rotation copies what a key was held
to before, no key slips past the removal of its person, and two changes never deadlock.
"""

from datetime import datetime

from publicgsb.apikeys import store
from publicgsb.apikeys.model import Actor, Key
from publicgsb.apikeys.organisations import locked, locked_active
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.ids import KeyId


async def lock_holder(connection: Connection, key_id: KeyId, actor: Actor) -> None:
    """Locks whom the key belongs to. An actor of an organisation locks that one, which has to be active, whosever the
    key is; anybody else locks it in any state, and nothing for a key that does not exist.
    """
    if actor.organisation_id is not None:
        await locked_active(connection, actor.organisation_id)
        return
    organisation_id, agency_id = await store.holder_of_key(connection, key_id)
    if organisation_id is not None:
        await locked(connection, organisation_id)
    elif agency_id is not None:
        await store.lock_agency(connection, agency_id)


async def siblings(connection: Connection, key: Key) -> tuple[Key, ...]:
    """All keys that the key's application or agency ever had, itself among them."""
    if key.application_id is not None:
        return await store.keys_of_application(connection, key.application_id)
    assert key.agency_id is not None, "a key is of one of the two"
    return await store.keys_of_agency(connection, key.agency_id)


async def working_line(connection: Connection, key: Key, now: datetime) -> tuple[Key, ...]:
    """Every secret of the key's line that works, by id."""
    line = [one for one in await siblings(connection, key) if one.line == key.line and one.works_at(now)]
    return tuple(sorted(line, key=lambda one: one.id))


async def working_successors(connection: Connection, key: Key, now: datetime) -> tuple[Key, ...]:
    """Those of an agency's line that came after the key: whoever had it could have made them, with nothing else."""
    if key.agency_id is None:
        return ()
    line = await working_line(connection, key, now)
    return tuple(one for one in line if one.id != key.id and one.created_at >= key.created_at)
