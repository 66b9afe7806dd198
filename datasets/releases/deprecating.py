"""A dataset on its way out: until when it is answered, why, and what to use instead.

What is on its way out is answered like any other. On its last day its agency withdraws it; nothing ends by itself.
"""

from datetime import UTC, date, datetime, time
from email.utils import format_datetime

from publicgsb.datasets import registry_store
from publicgsb.datasets.announcing import tell_everybody
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.notices import store as notices
from publicgsb.datasets.registry import DatasetEntry, Deprecation
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.model import Swapped
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, DatasetWithdrawn, InvalidRequest
from publicgsb.platform.kernel.pulse import barrier
from publicgsb.platform.kernel.sql import load

REASON_LENGTH_MAX = 500  # it stands in the schema

_SET = load("publicgsb.datasets.releases", "sql/dataset_deprecate.sql")


async def deprecate(
    connections: Connections,
    agency: str,
    dataset: str,
    sunset_on: date,
    reason: Label,
    actor: str,
    *,
    successor: str | None = None,
) -> Swapped:
    """Say it in the catalogue, in the schema (`@deprecated`) and to webhooks; said again, it changes what was said."""
    _check(sunset_on, reason)
    return await _set(connections, agency, dataset, (sunset_on, reason, successor), actor)


async def undeprecate(connections: Connections, agency: str, dataset: str, actor: str) -> Swapped:
    """It stays after all. Conflict for one that is not deprecated."""
    return await _set(connections, agency, dataset, None, actor)


async def _set(
    connections: Connections, agency: str, dataset: str, wanted: tuple[date, Label, str | None] | None, actor: str
) -> Swapped:
    async with connections.transaction() as connection:
        await registry_store.lock(connection)
        registry = await load_registry(connection)
        entry = registry.dataset(agency, dataset)
        if entry.tombstone is not None:
            raise DatasetWithdrawn(f"{entry.name} is withdrawn.")
        if wanted is None and entry.deprecation is None:
            raise Conflict(f"{entry.name} is not deprecated.")
        sunset_on, reason, successor = wanted or (None, None, None)
        successor = await _within_notice(connection, entry, sunset_on, successor)
        other = registry.dataset(*_parts(successor)) if successor else None
        if other is entry:
            raise InvalidRequest("A dataset is not its own successor.", reason="successor")
        await set_deprecation(connection, entry.id, sunset_on, other.id if other else None, reason)
        version = await registry_store.next_version(connection, schema_changed=entry.is_in_schema)
        after = {"sunset": sunset_on.isoformat() if sunset_on else None, "successor": successor}
        await record(
            connection,
            actor,
            "dataset.deprecate" if wanted else "dataset.undeprecate",
            entry.name,
            before=_told(entry.deprecation),
            after=after,
            reason=reason.en if reason else None,
        )
        kind, why = ("dataset.deprecated", {"fa": reason.fa, "en": reason.en}) if reason else ("dataset.kept", None)
        await tell_everybody(
            connection,
            kind,
            entry.name,
            **({"sunsetOn": after["sunset"], "successor": successor, "reason": why} if wanted else {}),
            registryVersion=version,
        )
        change = await registry_store.announce_version(connection, version)
    reached = await barrier(connections, change.event_seq)
    return Swapped(change.version, reached.workers, reached.behind, reached.took_ms)


async def set_deprecation(
    connection: Connection, dataset_id: int, sunset_on: date | None, successor_id: int | None, reason: Label | None
) -> None:
    """Nothing of it is told yet; without a last day all of it is taken back."""
    words = (reason.fa, reason.en) if reason else (None, None)
    await connection.execute(_SET, dataset_id, sunset_on, successor_id, *words)


async def _within_notice(
    connection: Connection, entry: DatasetEntry, sunset_on: date | None, successor: str | None
) -> str | None:
    """The successor. A dataset whose next major was announced ends no earlier than callers were told, or stays."""
    notice = await notices.open_notice(connection, entry.id)
    if notice is None:
        return successor
    if sunset_on is None:
        await notices.end(connection, entry.id)
        return None
    if sunset_on < notice.earliest_on:
        raise Conflict(
            f"Callers of {entry.name} were given notice until {notice.earliest_on}.",
            hint=f"An operator may say otherwise: `gsb contract override {entry.name} --reason …`.",
            reason="notice_period",
            earliest_on=notice.earliest_on.isoformat(),
        )
    return successor or notice.successor


def deprecation_headers(entry: DatasetEntry, base_url: str) -> dict[str, str]:
    """RFC 9745 and RFC 8594, on what is answered of one dataset: the last moment is the end of its last day in UTC."""
    deprecation = entry.deprecation
    if deprecation is None:
        return {}
    end = datetime.combine(deprecation.sunset_on, time(23, 59, 59), UTC)
    headers = {
        "Deprecation": f"@{int(deprecation.at.timestamp())}",
        "Sunset": format_datetime(end, usegmt=True),
    }
    if deprecation.successor:
        agency, dataset = _parts(deprecation.successor)
        headers["Link"] = f'<{base_url}/api/v1/agencies/{agency}/datasets/{dataset}>; rel="successor-version"'
    return headers


def _told(deprecation: Deprecation | None) -> dict[str, str | None] | None:
    if deprecation is None:
        return None
    return {"sunset": deprecation.sunset_on.isoformat(), "successor": deprecation.successor}


def _parts(name: str) -> tuple[str, str]:
    agency, _, dataset = name.partition("/")
    return agency, dataset


def _check(sunset_on: date, reason: Label) -> None:
    if sunset_on <= datetime.now(UTC).date():
        raise InvalidRequest("The last day lies in the future.", reason="sunset")
    check_reason(reason)


def check_reason(reason: Label) -> None:
    for text in (reason.fa, reason.en):
        if not text.strip() or len(text) > REASON_LENGTH_MAX:
            raise InvalidRequest(
                f"A reason has words in Persian and English, to {REASON_LENGTH_MAX} characters.", reason="reason"
            )
