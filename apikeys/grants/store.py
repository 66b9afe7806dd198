"""The only file here that talks to PostgreSQL: a connection in, frozen values out. Nothing here commits."""

from datetime import datetime

import asyncpg

from publicgsb.apikeys.grants.model import Content, Decider, Grant, GrantRequest, Said, Taken
from publicgsb.apikeys.grants.states import GrantState, Party, RequestState, Step
from publicgsb.apikeys.rows import value_of
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.ids import OrganisationId
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.apikeys.grants"
_REQUEST_OWN = load(_HERE, "sql/request_own.sql")
_REQUEST_SEEN = load(_HERE, "sql/request_seen.sql")
_REQUESTS_OWN = load(_HERE, "sql/requests_own.sql")
_REQUESTS_SEEN = load(_HERE, "sql/requests_seen.sql")
_REQUEST_LOCK = load(_HERE, "sql/request_lock.sql")
_REQUEST_INSERT = load(_HERE, "sql/request_insert.sql")
_REQUEST_MOVE = load(_HERE, "sql/request_move.sql")
_CONTENT_PUT = load(_HERE, "sql/content_put.sql")
_CONTENT_LAST = load(_HERE, "sql/content_last.sql")
_GRANT_INSERT = load(_HERE, "sql/grant_insert.sql")
_GRANT_END = load(_HERE, "sql/grant_end.sql")
_STEP_INSERT = load(_HERE, "sql/step_insert.sql")
_STEPS = load(_HERE, "sql/steps.sql")
_APPROVED = load(_HERE, "sql/approved.sql")
_STEP_BEFORE = load(_HERE, "sql/step_before.sql")
_MAY_DECIDE = load(_HERE, "sql/may_decide.sql")


async def own(connection: Connection, request_id: int, organisation_id: OrganisationId) -> GrantRequest | None:
    """The organisation's request as it works on it; None also when it is another's."""
    row = await connection.fetchrow(_REQUEST_OWN, request_id, organisation_id)
    return _request(row) if row else None


async def seen(connection: Connection, request_id: int, decider: Decider) -> GrantRequest | None:
    """The request as it was handed in; None also when that never was, or the dataset is not theirs to decide on."""
    row = await connection.fetchrow(_REQUEST_SEEN, request_id, decider.agency_id, _names_of(decider))
    return _request(row) if row else None


async def all_own(
    connection: Connection,
    organisation_id: OrganisationId,
    state: RequestState | None,
    before: int | None,
    limit: int,
) -> tuple[GrantRequest, ...]:
    return tuple(map(_request, await connection.fetch(_REQUESTS_OWN, organisation_id, state, before, limit)))


async def all_seen(
    connection: Connection, decider: Decider, state: RequestState | None, before: int | None, limit: int
) -> tuple[GrantRequest, ...]:
    rows = await connection.fetch(_REQUESTS_SEEN, decider.agency_id, state, before, limit, _names_of(decider))
    return tuple(map(_request, rows))


async def lock(connection: Connection, request_id: int) -> None:
    await connection.execute(_REQUEST_LOCK, request_id)


async def insert(connection: Connection, organisation_id: OrganisationId, dataset_id: int, now: datetime) -> int:
    request_id: int = await connection.fetchval(_REQUEST_INSERT, organisation_id, dataset_id, now)
    return request_id


async def move(
    connection: Connection, request_id: int, state: RequestState, version: int, submitted: int | None, now: datetime
) -> None:
    await connection.execute(_REQUEST_MOVE, request_id, state.value, version, submitted, now)


async def put_content(connection: Connection, request_id: int, version: int, content: Content) -> None:
    await connection.execute(
        _CONTENT_PUT,
        request_id,
        version,
        content.fields,
        content.purpose,
        content.legal_basis,
        content.contact,
        content.responsible,
        content.days,
    )


async def last_version(connection: Connection, request_id: int) -> int:
    version: int = await connection.fetchval(_CONTENT_LAST, request_id)
    return version


async def insert_grant(
    connection: Connection, request_id: int, version: int, begins_at: datetime, ends_at: datetime
) -> None:
    await connection.execute(_GRANT_INSERT, request_id, version, begins_at, ends_at)


async def end_grant(
    connection: Connection, request_id: int, state: GrantState, now: datetime, reason: str | None = None
) -> None:
    """The active grant, if there is one, is active no longer."""
    await connection.execute(_GRANT_END, request_id, state.value, now, reason)


async def add_step(
    connection: Connection,
    request: GrantRequest,
    step: Step,
    party: Party,
    actor: str,
    said: Said,
    now: datetime,
) -> None:
    await connection.execute(
        _STEP_INSERT,
        request.id,
        request.organisation_id,
        now,
        party.value,
        actor,
        step.value,
        request.version,
        said.message,
        said.legal_ground,
    )


async def steps(connection: Connection, request_id: int, *, is_applicant: bool) -> tuple[Taken, ...]:
    """What was done and said, in order; an agency hears nothing of what was not handed in."""
    return tuple(map(_taken, await connection.fetch(_STEPS, request_id, is_applicant)))


async def step_before(
    connection: Connection, organisation_id: OrganisationId, since: datetime, place: int
) -> datetime | None:
    """When the organisation took the step that is so many from its last one, that counted; None: fewer since then."""
    at: datetime | None = await connection.fetchval(_STEP_BEFORE, organisation_id, since, place)
    return at


async def is_approved(connection: Connection, organisation_id: OrganisationId) -> bool:
    """Whether an operator has approved the organisation, whatever plan it is on."""
    approved: bool = await connection.fetchval(_APPROVED, organisation_id)
    return approved


async def may_decide(connection: Connection, person_id: int, agency_id: int) -> bool:
    may: bool = await connection.fetchval(_MAY_DECIDE, person_id, agency_id)
    return may


def _names_of(decider: Decider) -> list[str] | None:
    return None if decider.only is None else sorted(decider.only)


def _request(row: asyncpg.Record) -> GrantRequest:
    return value_of(
        GrantRequest,
        row,
        organisation_id=OrganisationId(row["organisation_id"]),
        state=RequestState(row["state"]),
        content=value_of(Content, row, fields=_names(row["fields"])),
        grant=_grant(row) if row["grant_id"] else None,
    )


def _grant(row: asyncpg.Record) -> Grant:
    """Its columns stand beside a request's, so some have names of their own."""
    return value_of(
        Grant,
        row,
        id=row["grant_id"],
        version=row["grant_version"],
        state=GrantState(row["grant_state"]),
        fields=_names(row["grant_fields"]),
    )


def _taken(row: asyncpg.Record) -> Taken:
    return value_of(Taken, row, party=Party(row["party"]), step=Step(row["step"]))


def _names(columns: list[str] | None) -> tuple[str, ...] | None:
    return None if columns is None else tuple(columns)
