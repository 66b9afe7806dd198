"""The statements about keys and organisations: a connection in, frozen values out.

Nothing here opens or commits a transaction; the service does, once per use case.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from publicgsb.apikeys.format import NewKey, digest
from publicgsb.apikeys.model import (
    Actor,
    Application,
    Identity,
    Key,
    KeyState,
    Organisation,
    OrganisationKind,
    OrganisationState,
    Owner,
    Role,
)
from publicgsb.apikeys.peppers import Peppers
from publicgsb.apikeys.restrictions import UNRESTRICTED, Restrictions
from publicgsb.apikeys.rows import value_of
from publicgsb.apikeys.selection import Selection
from publicgsb.platform.kernel.addresses import Networks
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.errors import NotFound
from publicgsb.platform.kernel.ids import ApplicationId, KeyId, OrganisationId
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.apikeys"
_INSERT_ORGANISATION = load(_HERE, "sql/insert_organisation.sql")
_INSERT_PERSON = load(_HERE, "sql/insert_person.sql")
_AGENCY_PERSON = load(_HERE, "sql/agency_person.sql")
_INSERT_APPLICATION = load(_HERE, "sql/insert_application.sql")
_INSERT_KEY = load(_HERE, "sql/insert_key.sql")
_KEY_FOR_UPDATE = load(_HERE, "sql/key_for_update.sql")
_KEYS_OF_ORGANISATION = load(_HERE, "sql/keys_of_organisation.sql")
_KEYS_OF_APPLICATION = load(_HERE, "sql/keys_of_application.sql")
_KEYS_OF_AGENCY = load(_HERE, "sql/keys_of_agency.sql")
_APPLICATION = load(_HERE, "sql/application.sql")
_APPLICATIONS = load(_HERE, "sql/applications.sql")
_RETIRE_KEY = load(_HERE, "sql/retire_key.sql")
_RESTRICT_KEY = load(_HERE, "sql/restrict_key.sql")
_REVOKE_KEY = load(_HERE, "sql/revoke_key.sql")
_HOLDER_OF_KEY = load(_HERE, "sql/holder_of_key.sql")
_PERSON_OF_KEY = load(_HERE, "sql/person_of_key.sql")
_AGENCY_LOCK = load(_HERE, "sql/agency_lock.sql")
_AGENCIES_LOCK = load(_HERE, "sql/agencies_lock.sql")
_KEYS_LOCK = load(_HERE, "sql/keys_lock.sql")
_REVOKE_KEYS = load(_HERE, "sql/revoke_keys.sql")
_UNKNOWN_DATASETS = load(_HERE, "sql/unknown_datasets.sql")
_IDENTITY = load(_HERE, "sql/identity.sql")
_OWNER = load(_HERE, "sql/owner.sql")
_RENEW_OWNER_TOKENS = load(_HERE, "sql/renew_owner_tokens.sql")
_ORGANISATION_FOR_UPDATE = load(_HERE, "sql/organisation_for_update.sql")
_ORGANISATIONS = load(_HERE, "sql/organisations.sql")
_APPROVE_ORGANISATION = load(_HERE, "sql/approve_organisation.sql")
_SUSPEND_ORGANISATION = load(_HERE, "sql/suspend_organisation.sql")
_RESUME_ORGANISATION = load(_HERE, "sql/resume_organisation.sql")


async def insert_organisation(
    connection: Connection, name: str, email: str, purpose: str, now: datetime, kind: OrganisationKind
) -> Organisation:
    return organisation_of(await _one(connection, _INSERT_ORGANISATION, name, email, purpose, now, kind.value))


async def insert_owner(
    connection: Connection, name: str, email: str, organisation_id: OrganisationId
) -> tuple[int, int]:
    """The id and token generation of a new owner."""
    row = await _one(connection, _INSERT_PERSON, name, email, organisation_id, Role.OWNER.value)
    return row["id"], row["token_generation"]


async def agency_person(
    connection: Connection, agency_id: int, name: str, email: str, role: Role
) -> tuple[int, Role | None]:
    """The person of an agency with that address, made when absent or removed, and the role they had before, if any.

    NotFound when there is no such agency.
    """
    try:
        row = await _one(connection, _AGENCY_PERSON, name, email, agency_id, role.value)
    except asyncpg.ForeignKeyViolationError:
        raise NotFound("There is no such agency.", hint="gsb dataset list shows the agencies.") from None
    return row["id"], Role(row["role_before"]) if row["role_before"] else None


async def insert_application(connection: Connection, organisation_id: OrganisationId, name: str) -> Application:
    return _application(await _one(connection, _INSERT_APPLICATION, organisation_id, name))


async def insert_key(
    connection: Connection,
    new: NewKey,
    peppers: Peppers,
    *,
    person_id: int,
    application_id: ApplicationId | None = None,
    agency_id: int | None = None,
    label: str,
    created_at: datetime,
    expires_at: datetime,
    origin_id: KeyId | None = None,
    restrictions: Restrictions = UNRESTRICTED,
) -> Key:
    """Stores the digest of a new key; the key itself goes no further than this call."""
    row = await _one(
        connection,
        _INSERT_KEY,
        new.key_id,
        new.kind.value,
        application_id,
        agency_id,
        person_id,
        digest(peppers.present, new.text),
        peppers.version,
        new.hint,
        label,
        created_at,
        expires_at,
        origin_id,
        *_columns_of(restrictions),
    )
    return key_of(row)


async def unknown_datasets(
    connection: Connection, names: Sequence[str], agency_id: int | None = None
) -> tuple[str, ...]:
    """Those of the names (agency/dataset) that are no dataset which the public knows of, or none of that agency."""
    return tuple(row["name"] for row in await connection.fetch(_UNKNOWN_DATASETS, names, agency_id))


async def key_for_update(connection: Connection, key_id: KeyId, organisation_id: OrganisationId | None) -> Key | None:
    """The key, locked; None when it does not exist or belongs to another organisation than the one named."""
    row = await connection.fetchrow(_KEY_FOR_UPDATE, key_id, organisation_id)
    return key_of(row) if row else None


async def keys_of_organisation(connection: Connection, organisation_id: OrganisationId) -> tuple[Key, ...]:
    return tuple(map(key_of, await connection.fetch(_KEYS_OF_ORGANISATION, organisation_id)))


async def keys_of_application(connection: Connection, application_id: ApplicationId) -> tuple[Key, ...]:
    return tuple(map(key_of, await connection.fetch(_KEYS_OF_APPLICATION, application_id)))


async def keys_of_agency(connection: Connection, agency_id: int) -> tuple[Key, ...]:
    return tuple(map(key_of, await connection.fetch(_KEYS_OF_AGENCY, agency_id)))


async def application(
    connection: Connection, organisation_id: OrganisationId, application_id: ApplicationId | None
) -> Application | None:
    """An organisation's application of that id, or its oldest."""
    row = await connection.fetchrow(_APPLICATION, organisation_id, application_id)
    return _application(row) if row else None


async def applications(connection: Connection, organisation_id: OrganisationId) -> tuple[Application, ...]:
    """All of the organisation's, oldest first."""
    return tuple(map(_application, await connection.fetch(_APPLICATIONS, organisation_id)))


async def retire_key(connection: Connection, key_id: KeyId, retire_at: datetime, replaced_at: datetime) -> Key:
    return key_of(await _one(connection, _RETIRE_KEY, key_id, retire_at, replaced_at))


async def holder_of_key(connection: Connection, key_id: KeyId) -> tuple[OrganisationId | None, int | None]:
    """The organisation or the agency of a key; neither for one that does not exist."""
    row = await connection.fetchrow(_HOLDER_OF_KEY, key_id)
    return (row["organisation_id"], row["agency_id"]) if row else (None, None)


async def person_of_key(connection: Connection, key_id: KeyId) -> int:
    """Of a key that exists."""
    return int(await connection.fetchval(_PERSON_OF_KEY, key_id))


async def lock_agency(connection: Connection, agency_id: int) -> None:
    """Whoever adds or ends keys of its people waits for this transaction."""
    await connection.execute(_AGENCY_LOCK, agency_id)


async def lock_agencies_of(connection: Connection, key_ids: Sequence[KeyId]) -> None:
    """Likewise those of all agencies' keys among these."""
    await connection.execute(_AGENCIES_LOCK, key_ids)


async def restrict_key(
    connection: Connection, key_id: KeyId, restrictions: Restrictions, expires_at: datetime | None
) -> Key:
    return key_of(await _one(connection, _RESTRICT_KEY, key_id, *_columns_of(restrictions), expires_at))


async def revoke_key(connection: Connection, key_id: KeyId, reason: str, now: datetime) -> Key:
    return key_of(await _one(connection, _REVOKE_KEY, key_id, now, reason))


async def lock_keys(connection: Connection) -> None:
    """Until the end of the transaction nobody else adds, ends or changes a key; those who began are waited for."""
    await connection.execute(_KEYS_LOCK)


async def revoke_keys(
    connection: Connection,
    which: Selection,
    organisation_id: OrganisationId | None,
    reason: str,
    now: datetime,
) -> tuple[KeyId, ...]:
    """Ends the selected keys that have not ended, those of one organisation or of all; their ids in order."""
    rows = await connection.fetch(
        _REVOKE_KEYS,
        now,
        reason,
        which.application_id,
        which.organisation_id,
        which.agency_id,
        which.dataset,
        which.issued_before,
        organisation_id,
    )
    return tuple(sorted(KeyId(row["id"]) for row in rows))


async def identity(connection: Connection, key_id: KeyId) -> Identity | None:
    row = await connection.fetchrow(_IDENTITY, key_id)
    return _identity(row) if row else None


async def owner(connection: Connection, person_id: int, generation: int, expires_at: datetime) -> Owner | None:
    """The owner of a token; None when the person is gone or the token's generation was called back."""
    row = await connection.fetchrow(_OWNER, person_id)
    if row is None or row["token_generation"] != generation:
        return None
    return Owner(person_id, row["person_name"], organisation_of(row), expires_at, Role(row["role"]))


async def renew_owner_tokens(connection: Connection, organisation_id: OrganisationId) -> tuple[int, int] | None:
    """The owner's id and new token generation; None when the organisation has no owner."""
    row = await connection.fetchrow(_RENEW_OWNER_TOKENS, organisation_id)
    return (row["id"], row["token_generation"]) if row else None


async def organisation_for_update(connection: Connection, organisation_id: OrganisationId) -> Organisation | None:
    """The organisation, locked: whoever adds or ends its keys waits for this transaction."""
    row = await connection.fetchrow(_ORGANISATION_FOR_UPDATE, organisation_id)
    return organisation_of(row) if row else None


async def organisations(connection: Connection, state: OrganisationState | None) -> tuple[Organisation, ...]:
    return tuple(map(organisation_of, await connection.fetch(_ORGANISATIONS, state)))


async def approve_organisation(
    connection: Connection, organisation_id: OrganisationId, plan: str, now: datetime
) -> Organisation:
    return organisation_of(await _one(connection, _APPROVE_ORGANISATION, organisation_id, plan, now))


async def suspend_organisation(connection: Connection, organisation_id: OrganisationId, reason: str) -> Organisation:
    return organisation_of(await _one(connection, _SUSPEND_ORGANISATION, organisation_id, reason))


async def resume_organisation(connection: Connection, organisation_id: OrganisationId) -> Organisation:
    return organisation_of(await _one(connection, _RESUME_ORGANISATION, organisation_id))


async def audit(
    connection: Connection,
    actor: Actor,
    action: str,
    subject: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
    **details: Any,
) -> None:
    """One entry of the audit, in the transaction of the change; it names no secret and no e-mail address."""
    await record(connection, actor.name, action, subject, before=before, after=after, reason=reason, **details)


async def _one(connection: Connection, sql: str, *arguments: Any) -> asyncpg.Record:
    row = await connection.fetchrow(sql, *arguments)
    assert row is not None, "the statement returns exactly one row"
    return row


def organisation_of(row: asyncpg.Record) -> Organisation:
    """Also for the stores of the folders below."""
    return value_of(Organisation, row, kind=OrganisationKind(row["kind"]), state=OrganisationState(row["state"]))


def _application(row: asyncpg.Record) -> Application:
    return Application(ApplicationId(row["id"]), OrganisationId(row["organisation_id"]), row["name"])


def key_of(row: asyncpg.Record) -> Key:
    """Likewise."""
    return value_of(
        Key, row, kind=KeyKind(row["kind"]), state=KeyState(row["state"]), restrictions=restrictions_of(row)
    )


def restrictions_of(row: asyncpg.Record) -> Restrictions:
    """What a key is held to, by its columns."""
    datasets, levels, networks = row["datasets"], row["levels"], row["networks"]
    if datasets is None and levels is None and networks is None:
        return UNRESTRICTED
    return Restrictions(
        None if datasets is None else frozenset(datasets),
        None if levels is None else frozenset(levels),
        None if networks is None else Networks(tuple(networks)),
    )


def _columns_of(restrictions: Restrictions) -> tuple[list[str] | None, list[str] | None, list[Any] | None]:
    """The columns datasets, levels and networks."""
    datasets, levels, networks = restrictions.datasets, restrictions.levels, restrictions.networks
    return (
        None if datasets is None else sorted(datasets),
        None if levels is None else sorted(levels),
        None if networks is None else list(networks.networks),
    )


def _identity(row: asyncpg.Record) -> Identity:
    key = key_of(row)
    if key.application_id is None:
        return Identity(key, None, None, row["agency_slug"], row["person_name"])
    organisation = Organisation(
        id=OrganisationId(row["organisation_id"]),
        name=row["organisation_name"],
        kind=OrganisationKind(row["organisation_kind"]),
        plan=row["plan"],
        state=OrganisationState(row["organisation_state"]),
        suspended_reason=row["suspended_reason"],
        created_at=row["organisation_created_at"],
    )
    application = Application(key.application_id, organisation.id, row["application_name"])
    return Identity(key, organisation, application, None, row["person_name"])
