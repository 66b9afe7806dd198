"""An operator's word that callers have no more time than this: reasoned, in the audit, and told to those it hurts."""

from datetime import UTC, date, datetime

from publicgsb.datasets import registry_store
from publicgsb.datasets.notices import store
from publicgsb.datasets.notices.model import Announced, Notice, Standing, UsersOf
from publicgsb.datasets.notices.service import announced_of, breaking, everywhere, standing, told_of
from publicgsb.datasets.notices.telling import announced_by, tell_users
from publicgsb.datasets.registry import DatasetEntry, Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases import store as releases
from publicgsb.datasets.releases.deprecating import set_deprecation
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest
from publicgsb.platform.kernel.texts import is_storable

REASON_LENGTH_MAX = 2_000


async def override(
    connections: Connections,
    agency: str,
    dataset: str,
    actor: str,
    reason: str,
    users_of: UsersOf,
    *,
    sunset_on: date | None = None,
) -> Announced:
    """Callers have no more time, by an operator's word: `sunset_on` (today) becomes the last day of what was announced.

    Of what was not announced the next release may take the place of the old contract, under the same name; whoever uses
    it is told that as well.
    """
    text = _reason(reason)
    today = datetime.now(UTC).date()
    if sunset_on is not None and sunset_on < today:
        raise InvalidRequest("The last day is today or later.", reason="sunset")
    async with connections.use() as connection:
        seen = await standing(connection, agency, dataset, users_of)
    async with connections.transaction() as connection:
        await registry_store.lock(connection)
        registry = await load_registry(connection)
        entry = registry.dataset(agency, dataset)
        notice = await store.open_notice(connection, entry.id)
        if notice is None:
            if sunset_on is not None:
                raise Conflict(f"No end of {entry.name} was announced.", reason="not_announced")
            return await _let_through(connection, registry, entry, actor, text, seen)
        done, change = await _shorten(connection, registry, entry, notice, sunset_on or today, actor, text, seen)
    return await everywhere(connections, change, done)


async def _shorten(
    connection: Connection,
    registry: Registry,
    entry: DatasetEntry,
    notice: Notice,
    last_day: date,
    actor: str,
    reason: str,
    seen: Standing,
) -> tuple[Announced, registry_store.Change]:
    if entry.deprecation is None or notice.sunset_on is None or last_day >= notice.sunset_on:
        raise InvalidRequest(
            f"{entry.name} ends on {notice.sunset_on} anyway.",
            hint=f"`gsb dataset deprecate {entry.name}` postpones its end.",
            reason="sunset",
        )
    await store.set_override(connection, notice.id, last_day, actor, reason)
    successor = registry.dataset(*(entry.deprecation.successor or notice.successor).split("/"))
    await set_deprecation(connection, entry.id, last_day, successor.id, entry.deprecation.reason)
    version = await registry_store.next_version(connection, schema_changed=True)
    await record(
        connection,
        actor,
        "contract.override",
        entry.name,
        before={"sunset": notice.sunset_on.isoformat()},
        after={"sunset": last_day.isoformat()},
        reason=reason,
    )
    told = announced_by(notice, entry.contract.version, last_day)
    await tell_users(connection, told, seen.users, notice.id, again=True)
    change = await registry_store.announce_version(connection, version)
    return announced_of(registry, entry, told, seen.users), change


async def _let_through(
    connection: Connection, registry: Registry, entry: DatasetEntry, actor: str, reason: str, seen: Standing
) -> Announced:
    _, found = await breaking(connection, registry, entry.agency.slug, entry.slug, seen)
    target = await releases.target(connection, entry.agency.slug, entry.slug)
    await store.allow(connection, target.contract_id, actor, reason)
    await record(
        connection,
        actor,
        "contract.override",
        entry.name,
        before={"version": found.old.version},
        after={"version": found.new.version, "sha256": found.new.sha256},
        reason=reason,
        breaks=list(found.breaks),
    )
    told = told_of(entry, found, None, None)
    await tell_users(connection, told, seen.users)
    return announced_of(registry, entry, told, seen.users)


def _reason(text: str) -> str:
    stripped = text.strip()
    if not stripped or len(stripped) > REASON_LENGTH_MAX or not is_storable(stripped):
        raise InvalidRequest(f"A reason has 1 to {REASON_LENGTH_MAX} characters.", reason="reason")
    return stripped
