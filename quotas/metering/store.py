"""The only file of metering that talks to PostgreSQL. Takes a connection, never a pool, and never commits."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.quotas.metering"
_USAGE_SUMS = load(_HERE, "sql/usage_sums.sql")
_DATASET_DAYS = load(_HERE, "sql/dataset_days.sql")
_DATASET_FIELDS = load(_HERE, "sql/dataset_fields.sql")
_LEASE_BREACHES = load(_HERE, "sql/lease_breaches.sql")
_FACT_BREACHES = load(_HERE, "sql/fact_breaches.sql")
_INCIDENT_NOTE = load(_HERE, "sql/incident_note.sql")
_INCIDENTS_OPEN = load(_HERE, "sql/incidents_open.sql")
_INCIDENT_CLOSE = load(_HERE, "sql/incident_close.sql")
_CHECK_LOCK = load(_HERE, "sql/check_lock.sql")


@dataclass(frozen=True, slots=True)
class UsageSum:
    """One group of a sum; None where it was not asked by that. `dataset_id` -1: answers that touched no dataset."""

    application_id: int | None
    key_id: str | None
    dataset_id: int | None
    day: date | None
    requests: int
    points: int
    bytes: int
    errors: int
    database_us: int = 0


@dataclass(frozen=True, slots=True)
class DatasetDay:
    day: date
    organisations: int
    requests: int
    points: int
    bytes: int
    errors: int


@dataclass(frozen=True, slots=True)
class FieldUse:
    major: int
    field: str
    organisations: int
    requests: int


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that must never be. `subject` names it the same each time it is found."""

    kind: str
    subject: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Incident:
    id: int
    kind: str
    subject: str
    details: Mapping[str, Any]
    first_seen: datetime
    last_seen: datetime


async def usage_sums(
    connection: Connection,
    organisation_id: int,
    application_id: int,
    since: date,
    until: date,
    *,
    by_application: bool,
    by_key: bool,
    by_dataset: bool,
    by_day: bool,
    most: int,
) -> list[UsageSum]:
    rows = await connection.fetch(
        _USAGE_SUMS, organisation_id, application_id, since, until, by_application, by_key, by_dataset, by_day, most
    )
    return [UsageSum(**dict(row)) for row in rows]


async def dataset_days(connection: Connection, dataset_id: int, since: date, until: date) -> list[DatasetDay]:
    return [DatasetDay(**dict(row)) for row in await connection.fetch(_DATASET_DAYS, dataset_id, since, until)]


async def dataset_fields(connection: Connection, dataset_id: int, since: date, until: date) -> list[FieldUse]:
    return [FieldUse(**dict(row)) for row in await connection.fetch(_DATASET_FIELDS, dataset_id, since, until)]


async def breaches(connection: Connection) -> list[Breach]:
    found = []
    for row in await connection.fetch(_LEASE_BREACHES):
        subject = f"{row['organisation_id']}/{row['application_id']}/{row['policy']}/{row['period_start']:%Y-%m-%d}"
        numbers = {name: row[name] for name in ("lim", "allotted", "used", "leases", "closed")}
        found.append(Breach("leases", subject, numbers))
    for row in await connection.fetch(_FACT_BREACHES):
        subject = f"{row['application_id']}/{row['month']:%Y-%m}"
        found.append(Breach("facts", subject, {"facts": row["facts"], "allotted": row["allotted"]}))
    return found


async def check_lock(connection: Connection) -> bool:
    return bool(await connection.fetchval(_CHECK_LOCK))


async def incident_note(connection: Connection, breach: Breach) -> bool:
    """True when nobody knew of it yet."""
    details = json.dumps(dict(breach.details))
    return bool(await connection.fetchval(_INCIDENT_NOTE, breach.kind, breach.subject, details))


async def incidents_open(connection: Connection) -> list[Incident]:
    rows = await connection.fetch(_INCIDENTS_OPEN)
    return [Incident(**{**dict(row), "details": json.loads(row["details"])}) for row in rows]


async def incident_close(connection: Connection, incident_id: int) -> tuple[str, str] | None:
    row = await connection.fetchrow(_INCIDENT_CLOSE, incident_id)
    return None if row is None else (row["kind"], row["subject"])
