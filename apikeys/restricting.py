"""What a key is held to, changed while it works: on every worker, and for the tokens that stand on it already."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from publicgsb.apikeys import store
from publicgsb.apikeys.announcing import tell_keys
from publicgsb.apikeys.issuing import refuse_unknown
from publicgsb.apikeys.lines import lock_holder, working_line
from publicgsb.apikeys.model import KEY_LIFETIME_MAX, Actor, Key, Spread, no_such_key
from publicgsb.apikeys.restrictions import UNRESTRICTED, Restrictions
from publicgsb.apikeys.spread import spread_of, tell
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest
from publicgsb.platform.kernel.ids import KeyId

Held: TypeAlias = Literal["datasets", "levels", "networks"]


@dataclass(frozen=True, slots=True)
class RestrictionChange:
    """`given` names the parts of `to` that replace what there was, also by None: not restricted. The rest stays.

    `lifetime` counts from the change; None leaves the end of the key where it is.
    """

    given: frozenset[Held] = frozenset()
    to: Restrictions = field(default=UNRESTRICTED)
    lifetime: timedelta | None = None

    @property
    def is_nothing(self) -> bool:
        return not self.given and self.lifetime is None

    def applied_to(self, held: Restrictions) -> Restrictions:
        return replace(held, **{name: getattr(self.to, name) for name in self.given})


@dataclass(frozen=True, slots=True)
class Restricted:
    """The key as it is now; `key_ids`: every secret of its line that works, all held to the same."""

    key: Key
    key_ids: tuple[KeyId, ...]
    spread: Spread


async def restrict(
    connections: Connections, key_id: KeyId, change: RestrictionChange, reason: str, actor: Actor, now: datetime
) -> Restricted:
    """No process lets the key do more than this once it returns with `spread.is_everywhere`; twice does no harm.

    To its owner a line of rotations is one key: a secret that is being replaced is held to the same as its successor.
    Conflict for a key that works no more, InvalidRequest for datasets that do not exist and for an end too far away.
    """
    async with connections.transaction() as connection:
        named, line = await _locked_line(connection, key_id, actor, now)
        await refuse_unknown(connection, change.to, named.agency_id)
        _refuse_too_long(named, change, now)
        changed = {one.id: await _restrict_one(connection, one, change, reason, actor, now) for one in line}
        seq = await tell(connection, changed)
    return Restricted(changed[key_id], tuple(changed), await spread_of(connections, seq))


async def _locked_line(
    connection: Connection, key_id: KeyId, actor: Actor, now: datetime
) -> tuple[Key, tuple[Key, ...]]:
    """The key, and all secrets of its line that work, in order."""
    await lock_holder(connection, key_id, actor)
    named = await store.key_for_update(connection, key_id, actor.organisation_id)
    if named is None:
        raise no_such_key()
    if not named.works_at(now):
        raise Conflict("This key works no more, so there is nothing to hold it to.", reason="ended")
    return named, await working_line(connection, named, now)


def _refuse_too_long(named: Key, change: RestrictionChange, now: datetime) -> None:
    if change.lifetime is not None and now + change.lifetime > named.created_at + KEY_LIFETIME_MAX:
        raise InvalidRequest(
            f"A key works for {KEY_LIFETIME_MAX.days} days from when it was made, and no longer.",
            reason="members",
            hint="Rotate it: the new secret has a life of its own.",
            problems=[{"member": "expiresInDays", "problem": "leads beyond that"}],
        )


async def _restrict_one(
    connection: Connection, before: Key, change: RestrictionChange, reason: str, actor: Actor, now: datetime
) -> Key:
    restrictions = change.applied_to(before.restrictions)
    expires_at = before.expires_at
    if change.lifetime is not None:
        expires_at = min(now + change.lifetime, before.created_at + KEY_LIFETIME_MAX)
    if (restrictions, expires_at) == (before.restrictions, before.expires_at):
        return before
    after = await store.restrict_key(connection, before.id, restrictions, expires_at)
    await store.audit(
        connection,
        actor,
        "key.restrict",
        f"key:{before.id}",
        before=_held(before),
        after=_held(after),
        reason=reason,
    )
    await tell_keys(connection, "key.restricted", [before.id], reason=reason)
    return after


def _held(key: Key) -> dict[str, Any]:
    """All that this can change, as the audit keeps it; null: not restricted."""
    told: dict[str, str | None] = {"datasets": None, "levels": None, "addresses": None, **key.restrictions.told()}
    return {**told, "expires_at": key.expires_at.isoformat(timespec="seconds") if key.expires_at else None}
