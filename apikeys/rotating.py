"""A new secret in place of one that works on for a while."""

from datetime import datetime, timedelta

from publicgsb.apikeys import store
from publicgsb.apikeys.announcing import tell_keys
from publicgsb.apikeys.issuing import Wanted, issue
from publicgsb.apikeys.lines import lock_holder, siblings
from publicgsb.apikeys.model import (
    KEY_LIFETIME,
    SECRETS_MAX,
    Actor,
    Key,
    KeyState,
    Rotated,
    no_such_key,
    working_lines,
)
from publicgsb.apikeys.moments import told
from publicgsb.apikeys.peppers import Peppers
from publicgsb.apikeys.spread import spread_of, tell
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict
from publicgsb.platform.kernel.ids import KeyId


async def rotate(
    connections: Connections,
    peppers: Peppers,
    key_id: KeyId,
    actor: Actor,
    overlap: timedelta,
    now: datetime,
    person_id: int | None = None,
) -> Rotated:
    """A new key in place of an active one, which works on for `overlap`: held to the same, made for as long, and on the
    same quota account. It names `person_id`, or whom the old one names.
    """
    async with connections.transaction() as connection:
        await lock_holder(connection, key_id, actor)
        old = await store.key_for_update(connection, key_id, actor.organisation_id)
        if old is None:
            raise no_such_key()
        if old.state is not KeyState.ACTIVE:
            raise Conflict(f"This key is {old.state.value} already.", hint="Rotate its replacement, or create a key.")
        retired = await store.retire_key(connection, key_id, now + overlap, now)
        await _refuse_third_secret(connection, old, now)
        wanted = Wanted(
            old.kind,
            old.label,
            _lifetime(old),
            await store.person_of_key(connection, key_id) if person_id is None else person_id,
            application_id=old.application_id,
            agency_id=old.agency_id,
            origin_id=old.line,
            restrictions=old.restrictions,
        )
        new = await issue(connection, peppers, actor, wanted, now)
        await store.audit(
            connection,
            actor,
            "key.rotate",
            f"key:{key_id}",
            before=old.standing,
            after=retired.standing,
            new_key=new.key.id,
        )
        await tell_keys(connection, "key.rotated", [key_id], newKey=new.key.id, worksUntil=told(retired.retire_at))
        seq = await tell(connection, [key_id])
    await spread_of(connections, seq)
    return Rotated(new, retired)


async def _refuse_third_secret(connection: Connection, old: Key, now: datetime) -> None:
    if working_lines(await siblings(connection, old), old.kind, now)[old.line] >= SECRETS_MAX:
        raise Conflict(
            f"{SECRETS_MAX} secrets of this key work already, and it may have no more.",
            reason="secrets_max",
            hint="Revoke the one that is retiring first, or rotate with overlapHours 0.",
        )


def _lifetime(old: Key) -> timedelta:
    """As long as the key before was made for: an end that its owner chose is not undone by a new secret."""
    return old.expires_at - old.created_at if old.expires_at else KEY_LIFETIME
