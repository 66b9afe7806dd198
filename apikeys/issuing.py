"""How a key comes to be, whoever asks for it and whatever for."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publicgsb.apikeys import store
from publicgsb.apikeys.format import draw
from publicgsb.apikeys.model import Actor, IssuedKey
from publicgsb.apikeys.peppers import Peppers
from publicgsb.apikeys.restrictions import UNRESTRICTED, Restrictions
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.ids import ApplicationId, KeyId


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key as it is asked for. An application's or an agency's: one of the two ids is there."""

    kind: KeyKind
    label: str
    lifetime: timedelta
    person_id: int
    application_id: ApplicationId | None = None
    agency_id: int | None = None
    origin_id: KeyId | None = None  # the first of the line of rotations that it continues
    restrictions: Restrictions = field(default=UNRESTRICTED)


async def issue(connection: Connection, peppers: Peppers, actor: Actor, wanted: Wanted, now: datetime) -> IssuedKey:
    """A new key with its secret, written down in the caller's transaction."""
    new = draw(wanted.kind)
    key = await store.insert_key(
        connection,
        new,
        peppers,
        person_id=wanted.person_id,
        application_id=wanted.application_id,
        agency_id=wanted.agency_id,
        label=wanted.label,
        created_at=now,
        expires_at=now + wanted.lifetime,
        origin_id=wanted.origin_id,
        restrictions=wanted.restrictions,
    )
    await store.audit(
        connection,
        actor,
        "key.create",
        f"key:{key.id}",
        after=key.standing,
        kind=wanted.kind.value,
        application=wanted.application_id,
        agency=wanted.agency_id,
        person=wanted.person_id,
        restrictions=wanted.restrictions.told(),
    )
    return IssuedKey(key, new.text)


async def refuse_unknown(connection: Connection, restrictions: Restrictions, agency_id: int | None = None) -> None:
    """InvalidRequest for a dataset that does not exist, or that is not of the agency whose key it is.

    A key that is held to a misspelt name would do nothing, and nobody would know why.
    """
    if restrictions.datasets is None:
        return
    unknown = await store.unknown_datasets(connection, sorted(restrictions.datasets), agency_id)
    if unknown:
        whose = "There is no dataset" if agency_id is None else "The agency has no dataset"
        raise InvalidRequest(
            f"{whose} {', '.join(unknown)}.",
            reason="members",
            hint="GET /catalog.json lists all of them; they are written agency/dataset.",
            problems=[{"member": "datasets", "problem": f"{name} is not known here"} for name in unknown],
        )
