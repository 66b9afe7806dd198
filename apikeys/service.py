"""The use cases of apikeys, one transaction each: register, create, rotate, revoke, approve, suspend.

Whatever changes what a key may do announces a `key` event in the same transaction. Whoever adds or ends keys
of an organisation locks its row first, so that no key slips in while the organisation is being suspended.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from publicgsb.apikeys import store
from publicgsb.apikeys.announcing import tell_keys, tell_organisation
from publicgsb.apikeys.bulk import BulkRevocation, revoke_many
from publicgsb.apikeys.format import draw
from publicgsb.apikeys.model import (
    KEY_LIFETIME,
    KEYS_MAX,
    ROTATION_OVERLAP,
    SECRETS_MAX,
    Actor,
    Identity,
    IssuedKey,
    Key,
    KeyState,
    Organisation,
    OrganisationKind,
    OrganisationState,
    Owner,
    OwnerToken,
    Registered,
    Revocation,
    Role,
    Rotated,
    Suspension,
    no_such_key,
    refuse_unless_active,
    working_lines,
)
from publicgsb.apikeys.peppers import Peppers
from publicgsb.apikeys.restrictions import UNRESTRICTED, Restrictions
from publicgsb.apikeys.selection import Selection
from publicgsb.apikeys.spread import spread_of, tell
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, NotFound, Unauthenticated
from publicgsb.platform.kernel.ids import ApplicationId, KeyId, OrganisationId

AlsoRegister: TypeAlias = Callable[[Connection, Organisation, int], Awaitable[None]]


def utc_now() -> datetime:
    return datetime.now(UTC)


class ApiKeys:
    """Everything that can be done with organisations and keys, for HTTP and for the command line alike."""

    def __init__(
        self,
        connections: Connections,
        tokens: OwnerTokens,
        pepper: bytes | Peppers,
        *,
        overlap: timedelta = ROTATION_OVERLAP,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._connections = connections
        self._tokens = tokens
        self._peppers = Peppers.of(pepper)
        self._overlap = overlap
        self._now = now

    async def register(
        self,
        name: str,
        email: str,
        purpose: str,
        kind: OrganisationKind = OrganisationKind.ORGANISATION,
        also: AlsoRegister | None = None,
    ) -> Registered:
        """A new organisation on plan `open` with application, live key and owner token, all usable at once.

        `also` runs last in the same transaction, with the organisation and its owner's id; what it raises undoes all.
        """
        now = self._now()
        async with self._connections.transaction() as connection:
            organisation = await store.insert_organisation(connection, name, email, purpose, now, kind)
            person_id, generation = await store.insert_owner(connection, name, email, organisation.id)
            application = await store.insert_application(connection, organisation.id, name)
            actor = Actor(f"person:{person_id}", organisation.id)
            await store.audit(
                connection,
                actor,
                "organisation.register",
                f"organisation:{organisation.id}",
                after=organisation.standing,
                application=application.id,
            )
            key = await self._issue(
                connection,
                actor,
                KeyKind.LIVE,
                KEY_LIFETIME,
                "first key",
                person_id=person_id,
                application_id=application.id,
            )
            if also is not None:
                await also(connection, organisation, person_id)
        return Registered(organisation, application, key, self._tokens.issue(person_id, generation, now))

    async def owner(self, token: str) -> Owner:
        """The owner behind a token; raises Unauthenticated unless it is valid and the organisation active."""
        claims = self._tokens.verify(token)
        async with self._connections.use() as connection:
            owner = await store.owner(connection, claims.person_id, claims.generation, claims.expires_at)
        if owner is None:
            raise Unauthenticated(
                "This owner token was replaced by a newer one.",
                reason="revoked",
                hint="Use the newer one; the operator can issue another to you.",
            )
        refuse_unless_active(owner.organisation.state)
        return owner

    async def renew_owner_token(self, organisation_id: OrganisationId, actor: Actor) -> OwnerToken:
        """A new token for the organisation's first owner; every earlier one is void from now on."""
        async with self._connections.transaction() as connection:
            renewed = await store.renew_owner_tokens(connection, organisation_id)
            if renewed is None:
                raise _no_organisation()
            await store.audit(
                connection,
                actor,
                "owner_token.renew",
                f"person:{renewed[0]}",
                before={"generation": renewed[1] - 1},
                after={"generation": renewed[1]},
            )
        return self._tokens.issue(*renewed, self._now())

    async def create_key(
        self,
        owner: Owner,
        *,
        label: str = "key",
        kind: KeyKind = KeyKind.LIVE,
        application_id: ApplicationId | None = None,
        lifetime: timedelta = KEY_LIFETIME,
        restrictions: Restrictions = UNRESTRICTED,
    ) -> IssuedKey:
        """A further key of an application; Conflict when ten of its kind work already, InvalidRequest when it is
        restricted to a dataset that does not exist.
        """
        async with self._connections.transaction() as connection:
            await self._lock_active(connection, owner.organisation.id)
            application = await store.application(connection, owner.organisation.id, application_id)
            if application is None:
                raise NotFound("Your organisation has no such application.")
            await _refuse_unknown(connection, restrictions)
            keys = await store.keys_of_application(connection, application.id)
            if len(working_lines(keys, kind, self._now())) >= KEYS_MAX:
                raise Conflict(
                    f"The application has {KEYS_MAX} working keys of this kind and may have no more.",
                    reason="keys_max",
                    hint="Revoke one of them first.",
                )
            return await self._issue(
                connection,
                owner.actor,
                kind,
                lifetime,
                label,
                person_id=owner.person_id,
                application_id=application.id,
                restrictions=restrictions,
            )

    async def rotate_key(self, owner: Owner, key_id: KeyId, overlap: timedelta | None = None) -> Rotated:
        """A new key in place of an active one, which works on for `overlap`: restricted alike, and on the same quota
        account. None: the installation's overlap.
        """
        now = self._now()
        async with self._connections.transaction() as connection:
            await self._lock_active(connection, owner.organisation.id)
            old = await store.key_for_update(connection, key_id, owner.organisation.id)
            if old is None or old.application_id is None:
                raise no_such_key()
            if old.state is not KeyState.ACTIVE:
                raise Conflict(
                    f"This key is {old.state.value} already.", hint="Rotate its replacement, or create a key."
                )
            retire_at = now + (self._overlap if overlap is None else overlap)
            retired = await store.retire_key(connection, key_id, retire_at, now)
            keys = await store.keys_of_application(connection, old.application_id)
            if working_lines(keys, old.kind, now)[old.line] >= SECRETS_MAX:
                raise Conflict(
                    f"{SECRETS_MAX} secrets of this key work already, and it may have no more.",
                    reason="secrets_max",
                    hint="Revoke the one that is retiring first, or rotate with overlapHours 0.",
                )
            new = await self._issue(
                connection,
                owner.actor,
                old.kind,
                KEY_LIFETIME,
                old.label,
                person_id=owner.person_id,
                application_id=old.application_id,
                origin_id=old.line,
                restrictions=old.restrictions,
            )
            await store.audit(
                connection,
                owner.actor,
                "key.rotate",
                f"key:{key_id}",
                before=old.standing,
                after=retired.standing,
                new_key=new.key.id,
            )
            await tell_keys(
                connection, "key.rotated", [key_id], newKey=new.key.id, worksUntil=_moment(retired.retire_at)
            )
            seq = await tell(connection, [key_id])
        await spread_of(self._connections, seq)
        return Rotated(new, retired)

    async def revoke_key(self, key_id: KeyId, reason: str, actor: Actor) -> Revocation:
        """No process accepts the key once this returns with `spread.is_everywhere`; twice does no harm."""
        async with self._connections.transaction() as connection:
            key = await store.key_for_update(connection, key_id, actor.organisation_id)
            if key is None:
                raise no_such_key()
            if key.state is not KeyState.REVOKED:
                before, key = key, await store.revoke_key(connection, key_id, reason, self._now())
                await store.audit(
                    connection,
                    actor,
                    "key.revoke",
                    f"key:{key_id}",
                    before=before.standing,
                    after=key.standing,
                    reason=reason,
                )
                await tell_keys(connection, "key.revoked", [key_id], reason=reason)
            seq = await tell(connection, [key_id])
        return Revocation(key, await spread_of(self._connections, seq))

    async def revoke_keys(self, selection: Selection, reason: str, actor: Actor) -> BulkRevocation:
        """No process accepts any of the selected keys once this returns with `spread.is_everywhere`."""
        return await revoke_many(self._connections, selection, reason, actor, self._now())

    async def list_keys(self, organisation_id: OrganisationId) -> tuple[Key, ...]:
        """All keys that the organisation ever had, newest first."""
        async with self._connections.use() as connection:
            return await store.keys_of_organisation(connection, organisation_id)

    async def list_agency_keys(self, agency_id: int) -> tuple[Key, ...]:
        """All keys that the agency's people ever had, newest first."""
        async with self._connections.use() as connection:
            return await store.keys_of_agency(connection, agency_id)

    async def create_agency_key(
        self,
        agency_id: int,
        person_name: str,
        email: str,
        actor: Actor,
        label: str = "publishing",
        role: Role = Role.PUBLISHER,
    ) -> IssuedKey:
        """A key with which one named person acts for an agency, as publisher or reviewer; it manages no keys.

        Conflict when the person has the other role: nobody reviews what they hand in themselves.
        """
        async with self._connections.transaction() as connection:
            person_id, role_before = await store.agency_person(connection, agency_id, person_name, email, role)
            if role_before is None:
                after = {"role": role.value}
                await store.audit(connection, actor, "person.add", f"person:{person_id}", after=after, agency=agency_id)
            elif role_before is not role:
                raise Conflict(
                    f"This person is a {role_before.value} of the agency, and nobody is both.",
                    reason="role",
                    hint="gsb agency remove ends their role and their keys; then add them anew.",
                )
            return await self._issue(
                connection,
                actor,
                KeyKind.AGENCY,
                KEY_LIFETIME,
                label,
                person_id=person_id,
                agency_id=agency_id,
            )

    async def list_organisations(self, state: OrganisationState | None = None) -> tuple[Organisation, ...]:
        """All organisations, or those of one state, newest first."""
        async with self._connections.use() as connection:
            return await store.organisations(connection, state)

    async def approve_organisation(
        self, organisation_id: OrganisationId, actor: Actor, plan: str = "approved"
    ) -> Organisation:
        """The organisation is active on `plan`, also when it was suspended before."""
        async with self._connections.transaction() as connection:
            before, key_ids = await _lock_with_keys(connection, organisation_id)
            organisation = await store.approve_organisation(connection, organisation_id, plan, self._now())
            await store.audit(
                connection,
                actor,
                "organisation.approve",
                f"organisation:{organisation_id}",
                before=before.standing,
                after=organisation.standing,
            )
            await tell_organisation(connection, "organisation.approved", organisation)
            seq = await tell(connection, key_ids)
        await spread_of(self._connections, seq)
        return organisation

    async def suspend_organisation(self, organisation_id: OrganisationId, reason: str, actor: Actor) -> Suspension:
        """None of the organisation's keys is accepted once this returns with `spread.is_everywhere`."""
        async with self._connections.transaction() as connection:
            before, key_ids = await _lock_with_keys(connection, organisation_id)
            organisation = await store.suspend_organisation(connection, organisation_id, reason)
            await store.audit(
                connection,
                actor,
                "organisation.suspend",
                f"organisation:{organisation_id}",
                before=before.standing,
                after=organisation.standing,
                reason=reason,
            )
            await tell_organisation(connection, "organisation.suspended", organisation)
            seq = await tell(connection, key_ids)
        return Suspension(organisation, key_ids, await spread_of(self._connections, seq))

    async def identity(self, caller: Caller) -> Identity:
        """The names behind a caller."""
        async with self._connections.use() as connection:
            identity = await store.identity(connection, KeyId(caller.key_id))
        if identity is None:
            raise no_such_key()
        return identity

    async def _issue(
        self,
        connection: Connection,
        actor: Actor,
        kind: KeyKind,
        lifetime: timedelta,
        label: str,
        *,
        person_id: int,
        application_id: ApplicationId | None = None,
        agency_id: int | None = None,
        origin_id: KeyId | None = None,
        restrictions: Restrictions = UNRESTRICTED,
    ) -> IssuedKey:
        new, now = draw(kind), self._now()
        key = await store.insert_key(
            connection,
            new,
            self._peppers,
            person_id=person_id,
            application_id=application_id,
            agency_id=agency_id,
            label=label,
            created_at=now,
            expires_at=now + lifetime,
            origin_id=origin_id,
            restrictions=restrictions,
        )
        await store.audit(
            connection,
            actor,
            "key.create",
            f"key:{key.id}",
            after=key.standing,
            kind=kind.value,
            application=application_id,
            agency=agency_id,
            person=person_id,
            restrictions=restrictions.told(),
        )
        return IssuedKey(key, new.text)

    async def _lock_active(self, connection: Connection, organisation_id: OrganisationId) -> None:
        organisation = await store.organisation_for_update(connection, organisation_id)
        if organisation is None:
            raise _no_organisation()
        refuse_unless_active(organisation.state)


async def _refuse_unknown(connection: Connection, restrictions: Restrictions) -> None:
    """A key that is restricted to a misspelt name would read nothing, and nobody would know why."""
    if restrictions.datasets is None:
        return
    unknown = await store.unknown_datasets(connection, sorted(restrictions.datasets))
    if unknown:
        raise InvalidRequest(
            f"There is no dataset {', '.join(unknown)}.",
            reason="members",
            hint="GET /catalog.json lists all of them; they are written agency/dataset.",
            problems=[{"member": "datasets", "problem": f"{name} is not known here"} for name in unknown],
        )


async def _lock_with_keys(
    connection: Connection, organisation_id: OrganisationId
) -> tuple[Organisation, tuple[KeyId, ...]]:
    organisation = await store.organisation_for_update(connection, organisation_id)
    if organisation is None:
        raise _no_organisation()
    return organisation, tuple(key.id for key in await store.keys_of_organisation(connection, organisation_id))


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def _no_organisation() -> NotFound:
    return NotFound("There is no such organisation.", hint="gsb org list shows all of them.")
