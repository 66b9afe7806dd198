"""What the key ring reads of a key, and writes of its use: a connection in, frozen values out."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from publicgsb.apikeys.grants.rights import rights_of
from publicgsb.apikeys.model import TEST_PLAN, KeyRecord, KeyState, OrganisationState, usable_until
from publicgsb.apikeys.notice import notice
from publicgsb.apikeys.store import restrictions_of
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.ids import KeyId
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.apikeys"
_KEY_RECORD = load(_HERE, "sql/key_record.sql")
_PEPPER_VERSIONS = load(_HERE, "sql/pepper_versions.sql")
_REHASH_KEY = load(_HERE, "sql/rehash_key.sql")
_NOTE_LAST_USE = load(_HERE, "sql/note_last_use.sql")


async def key_record(connection: Connection, key_id: KeyId) -> KeyRecord | None:
    row = await connection.fetchrow(_KEY_RECORD, key_id)
    return _record(row) if row else None


async def rehash_key(connection: Connection, key_id: KeyId, before: bytes, after: bytes, version: int) -> None:
    """The digest under another pepper; nothing happens when somebody else was first."""
    await connection.execute(_REHASH_KEY, key_id, before, after, version)


async def pepper_versions(connection: Connection) -> dict[int, int]:
    """How many keys that have not ended are under each pepper."""
    return {row["pepper_version"]: row["keys"] for row in await connection.fetch(_PEPPER_VERSIONS)}


async def note_last_use(connection: Connection, key_ids: Sequence[KeyId], hour: datetime) -> None:
    await connection.execute(_NOTE_LAST_USE, key_ids, hour)


def _record(row: asyncpg.Record) -> KeyRecord:
    state = KeyState(row["state"])
    organisation_state = OrganisationState(row["organisation_state"] or "active")  # an agency has no such state
    is_open = organisation_state is OrganisationState.ACTIVE
    kind, restrictions = KeyKind(row["kind"]), restrictions_of(row)
    is_retiring = state is KeyState.RETIRING
    return KeyRecord(
        caller=Caller(
            key_id=row["id"],
            kind=kind,
            organisation_id=row["organisation_id"] or 0,
            application_id=row["application_id"] or 0,
            plan=TEST_PLAN if kind is KeyKind.TEST else row["plan"] or "",
            agency_id=row["agency_id"] or 0,
            person_id=row["person_id"],
            role=row["role"] or "",
            only=restrictions.datasets,
            levels=restrictions.levels,
            networks=restrictions.networks,
            notice=notice(row["replaced_at"], row["retire_at"], row["expires_at"]) if is_retiring else (),
            granted=rights_of(row["granted"]),
        ),
        digest=row["digest"],
        state=state,
        expires_at=row["expires_at"],
        retire_at=row["retire_at"],
        organisation_state=organisation_state,
        usable_until=usable_until(state, row["expires_at"], row["retire_at"]) if is_open else 0.0,
        suspended_reason=row["suspended_reason"],
        pepper_version=row["pepper_version"],
    )
