"""Changing the registry: lock it, give it its next version, tell every process. All in the caller's transaction."""

from dataclasses import dataclass

from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.pulse import announce
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.datasets"
_LOCK = load(_HERE, "sql/registry_lock.sql")
_BUMP = load(_HERE, "sql/registry_bump.sql")


@dataclass(frozen=True, slots=True)
class Change:
    """A registry version and the event that announces it; wait for the event after commit."""

    version: int
    event_seq: int


async def lock(connection: Connection) -> None:
    """Only one change of the registry at a time, from here to commit."""
    await connection.fetchrow(_LOCK)


async def next_version(connection: Connection, *, schema_changed: bool) -> int:
    """Needs `lock` before it."""
    version: int = await connection.fetchval(_BUMP, int(schema_changed))
    return version


async def announce_version(connection: Connection, version: int) -> Change:
    """The last step of a change: the event's number is a lock too, and everybody wants it."""
    return Change(version, await announce(connection, "registry", {"version": version}))
