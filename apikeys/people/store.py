"""The statements of this folder: a connection in, frozen values out; nothing here opens or commits a transaction."""

from datetime import datetime

import asyncpg

from publicgsb.apikeys.mail.outbox import lock_address
from publicgsb.apikeys.model import Key, Organisation, Role
from publicgsb.apikeys.people.model import Code, DeclaredUse, Person, Profile, Purpose
from publicgsb.apikeys.store import applications, key_of, organisation_of
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.errors import Conflict
from publicgsb.platform.kernel.ids import OrganisationId
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.apikeys.people"
_REGISTRATIONS_OF = load(_HERE, "sql/registrations_of.sql")
_LEGAL_ID_SET = load(_HERE, "sql/legal_id_set.sql")
_LEGAL_ID_IS_TAKEN = load(_HERE, "sql/legal_id_is_taken.sql")
_CODE_INSERT = load(_HERE, "sql/code_insert.sql")
_ORGANISATION_OF_CODE = load(_HERE, "sql/organisation_of_code.sql")
_CODE_REDEEM = load(_HERE, "sql/code_redeem.sql")
_INVITATIONS_TODAY = load(_HERE, "sql/invitations_today.sql")
_CONFIRM = load(_HERE, "sql/confirm.sql")
_PROFILE = load(_HERE, "sql/profile.sql")
_PERSON_INSERT = load(_HERE, "sql/person_insert.sql")
_PEOPLE_OF_ORGANISATION = load(_HERE, "sql/people_of_organisation.sql")
_PEOPLE_OF_AGENCY = load(_HERE, "sql/people_of_agency.sql")
_PERSON_REMOVE = load(_HERE, "sql/person_remove.sql")
_PERSON_RENEW = load(_HERE, "sql/person_renew.sql")
_KEYS_OF_PERSON = load(_HERE, "sql/keys_of_person.sql")
_PEOPLE_AT = load(_HERE, "sql/people_at.sql")
_USE_INSERT = load(_HERE, "sql/use_insert.sql")
_USE_WAS_REVOKED = load(_HERE, "sql/use_was_revoked.sql")
_USE_END = load(_HERE, "sql/use_end.sql")
_PLAN_STEP = load(_HERE, "sql/plan_step.sql")
_OPERATORS = load(_HERE, "sql/operators.sql")
_OPERATOR_INSERT = load(_HERE, "sql/operator_insert.sql")
_OPERATOR_RENEW = load(_HERE, "sql/operator_renew.sql")
_OPERATOR_SECRETS = load(_HERE, "sql/operator_secrets.sql")


async def wait_to_register(connection: Connection, email: str, per_day: int, per_month: int) -> float:
    """Seconds until the address may register once more than it did, the caller's own included; not above 0: it may.

    Locks the address until the transaction ends.
    """
    await lock_address(connection, "registration", email)
    return float(await connection.fetchval(_REGISTRATIONS_OF, email, per_day, per_month) or 0)


async def set_legal_id(connection: Connection, organisation_id: OrganisationId, legal_id: str | None) -> None:
    """Conflict when another organisation that confirmed its address has it."""
    try:
        await connection.execute(_LEGAL_ID_SET, organisation_id, legal_id)
    except asyncpg.UniqueViolationError:
        raise legal_id_taken() from None


async def legal_id_is_taken(connection: Connection, legal_id: str) -> bool:
    is_taken: bool = await connection.fetchval(_LEGAL_ID_IS_TAKEN, legal_id)
    return is_taken


async def insert_code(
    connection: Connection,
    digest: bytes,
    purpose: Purpose,
    organisation_id: OrganisationId,
    email: str,
    expires_at: datetime,
    *,
    person_id: int | None = None,
    role: Role | None = None,
) -> None:
    await connection.execute(
        _CODE_INSERT, digest, purpose.value, organisation_id, person_id, email, role.value if role else None, expires_at
    )


async def invitations_today(connection: Connection, organisation_id: OrganisationId) -> int:
    count: int = await connection.fetchval(_INVITATIONS_TODAY, organisation_id)
    return count


async def redeem(connection: Connection, digest: bytes, purpose: Purpose, now: datetime) -> Code | None:
    """The code, used up by this; None when it cannot be redeemed."""
    row = await connection.fetchrow(_CODE_REDEEM, digest, purpose.value, now)
    if row is None:
        return None
    role = Role(row["role"]) if row["role"] else None
    return Code(purpose, OrganisationId(row["organisation_id"]), row["person_id"], row["email"], role)


async def organisation_of_code(
    connection: Connection, digest: bytes, purpose: Purpose, now: datetime
) -> OrganisationId | None:
    """None when it cannot be redeemed. Nothing is locked and nothing used up."""
    found: int | None = await connection.fetchval(_ORGANISATION_OF_CODE, digest, purpose.value, now)
    return None if found is None else OrganisationId(found)


async def confirm(connection: Connection, organisation_id: OrganisationId, now: datetime) -> datetime | None:
    """When it was confirmed before; Conflict when its legal id was claimed by another meanwhile."""
    try:
        before: datetime | None = await connection.fetchval(_CONFIRM, organisation_id, now)
    except asyncpg.UniqueViolationError:
        raise legal_id_taken() from None
    return before


async def profile(connection: Connection, organisation_id: OrganisationId) -> tuple[Profile, str] | None:
    """The profile and the address of the organisation."""
    row = await connection.fetchrow(_PROFILE, organisation_id)
    if row is None:
        return None
    use = DeclaredUse(row["use_id"], row["url"], row["description"], row["declared_at"]) if row["use_id"] else None
    owned = await applications(connection, organisation_id)
    return Profile(organisation_of(row), row["legal_id"], row["email_confirmed_at"], use, owned), row["email"]


async def insert_person(
    connection: Connection, name: str, email: str, organisation_id: OrganisationId, role: Role
) -> tuple[Person, int]:
    """The person and their token generation; Conflict when the address belongs to one of the organisation already."""
    try:
        row = await connection.fetchrow(_PERSON_INSERT, name, email, organisation_id, role.value)
    except asyncpg.UniqueViolationError:
        raise Conflict("This address belongs to a person of the organisation already.", reason="person") from None
    assert row is not None
    return _person(row), row["token_generation"]


async def people_of_organisation(connection: Connection, organisation_id: OrganisationId) -> tuple[Person, ...]:
    return tuple(map(_person, await connection.fetch(_PEOPLE_OF_ORGANISATION, organisation_id)))


async def people_of_agency(connection: Connection, agency_id: int) -> tuple[Person, ...]:
    return tuple(map(_person, await connection.fetch(_PEOPLE_OF_AGENCY, agency_id)))


async def remove_person(connection: Connection, person_id: int, now: datetime) -> None:
    await connection.execute(_PERSON_REMOVE, person_id, now)


async def renew_person(connection: Connection, person_id: int) -> int | None:
    """The new token generation; None when the person was removed."""
    row = await connection.fetchrow(_PERSON_RENEW, person_id)
    return row["token_generation"] if row else None


async def keys_of_person(connection: Connection, person_id: int) -> tuple[Key, ...]:
    """Their keys that are not revoked, locked."""
    return tuple(map(key_of, await connection.fetch(_KEYS_OF_PERSON, person_id)))


async def people_at(connection: Connection, email: str) -> list[tuple[int, OrganisationId, str]]:
    """Person, organisation and its name for everybody with this address."""
    rows = await connection.fetch(_PEOPLE_AT, email)
    return [(row["id"], OrganisationId(row["organisation_id"]), row["organisation_name"]) for row in rows]


async def insert_use(
    connection: Connection, organisation_id: OrganisationId, person_id: int, url: str, description: str
) -> DeclaredUse:
    row = await connection.fetchrow(_USE_INSERT, organisation_id, person_id, url, description)
    assert row is not None
    return DeclaredUse(**row)


async def use_was_revoked(connection: Connection, organisation_id: OrganisationId) -> bool:
    was_revoked: bool = await connection.fetchval(_USE_WAS_REVOKED, organisation_id)
    return was_revoked


async def end_use(
    connection: Connection, organisation_id: OrganisationId, ended_by: str, reason: str
) -> DeclaredUse | None:
    row = await connection.fetchrow(_USE_END, organisation_id, ended_by, reason)
    return DeclaredUse(**row) if row else None


async def step_plan(connection: Connection, organisation_id: OrganisationId, before: str, after: str) -> Organisation:
    row = await connection.fetchrow(_PLAN_STEP, organisation_id, before, after)
    assert row is not None
    return organisation_of(row)


async def operators(connection: Connection) -> tuple[Person, ...]:
    return tuple(map(_person, await connection.fetch(_OPERATORS)))


async def insert_operator(
    connection: Connection, name: str, email: str, account: str | None, secret_digest: bytes, pepper_version: int
) -> Person:
    """Conflict when address or account is another operator's."""
    try:
        row = await connection.fetchrow(_OPERATOR_INSERT, name, email, account, secret_digest, pepper_version)
    except asyncpg.UniqueViolationError:
        raise Conflict("Another operator has this address or account.", reason="operator") from None
    assert row is not None
    return _person(row)


async def renew_operator(connection: Connection, person_id: int, secret_digest: bytes, pepper_version: int) -> None:
    """The secret before is void."""
    await connection.execute(_OPERATOR_RENEW, person_id, secret_digest, pepper_version)


async def operator_secrets(connection: Connection) -> tuple[tuple[int, bytes, int], ...]:
    """Person, digest and version of the pepper it was made with."""
    rows = await connection.fetch(_OPERATOR_SECRETS)
    return tuple((row["id"], row["secret_digest"], row["secret_pepper"]) for row in rows)


def legal_id_taken() -> Conflict:
    return Conflict(
        "Another organisation has confirmed its address with this legal id.",
        reason="legal_id",
        hint="If the id is yours, write to the operator of this service.",
    )


def _person(row: asyncpg.Record) -> Person:
    return Person(row["id"], row["name"], row["email"], Role(row["role"]), row["created_at"], row["account"])
