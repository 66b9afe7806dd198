"""The use cases of keys, one transaction each: register, create, rotate, restrict, revoke, and who is behind a token.

Whatever changes what a key may do announces a `key` event in the same transaction. Whoever adds or changes keys locks
the organisation or agency that they belong to first (lines.py).
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from publicgsb.apikeys import store
from publicgsb.apikeys.bulk import BulkRevocation, revoke_many
from publicgsb.apikeys.ending import end_key, end_successors
from publicgsb.apikeys.issuing import Wanted, issue, refuse_unknown
from publicgsb.apikeys.lines import lock_holder
from publicgsb.apikeys.model import (
    KEY_LIFETIME,
    KEYS_MAX,
    ROTATION_OVERLAP,
    Actor,
    Identity,
    IssuedKey,
    Key,
    KeyState,
    Organisation,
    OrganisationKind,
    Owner,
    OwnerToken,
    Registered,
    Revocation,
    Role,
    Rotated,
    no_such_key,
    refuse_unless_active,
    working_lines,
)
from publicgsb.apikeys.moments import utc_now
from publicgsb.apikeys.organisations import locked_active, no_such_organisation, subject_of
from publicgsb.apikeys.peppers import Peppers
from publicgsb.apikeys.restricting import Restricted, RestrictionChange, restrict
from publicgsb.apikeys.restrictions import UNRESTRICTED, Restrictions
from publicgsb.apikeys.rotating import rotate
from publicgsb.apikeys.selection import Selection
from publicgsb.apikeys.spread import spread_of, tell
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, NotFound, Unauthenticated
from publicgsb.platform.kernel.ids import ApplicationId, KeyId, OrganisationId

AlsoRegister: TypeAlias = Callable[[Connection, Organisation, int], Awaitable[None]]


class ApiKeys:
    """Everything that can be done with keys, for HTTP and for the command line alike."""

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
                subject_of(organisation.id),
                after=organisation.standing,
                application=application.id,
            )
            first = Wanted(KeyKind.LIVE, "first key", KEY_LIFETIME, person_id, application_id=application.id)
            key = await issue(connection, self._peppers, actor, first, now)
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
                "This owner token is void: a newer one replaced it, or its person was removed.",
                reason="revoked",
                hint="Use the newer one; POST /api/v1/owner-token/request mails another to whoever is still there.",
            )
        refuse_unless_active(owner.organisation.state, owner.organisation.suspended_reason)
        return owner

    async def renew_owner_token(self, organisation_id: OrganisationId, actor: Actor) -> OwnerToken:
        """A new token for the organisation's first owner; every earlier one is void from now on."""
        async with self._connections.transaction() as connection:
            renewed = await store.renew_owner_tokens(connection, organisation_id)
            if renewed is None:
                raise no_such_organisation()
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
        now = self._now()
        async with self._connections.transaction() as connection:
            await locked_active(connection, owner.organisation.id)
            application = await store.application(connection, owner.organisation.id, application_id)
            if application is None:
                raise NotFound("Your organisation has no such application.")
            await refuse_unknown(connection, restrictions)
            keys = await store.keys_of_application(connection, application.id)
            if len(working_lines(keys, kind, now)) >= KEYS_MAX:
                raise Conflict(
                    f"The application has {KEYS_MAX} working keys of this kind and may have no more.",
                    reason="keys_max",
                    hint="Revoke one of them first.",
                )
            wanted = Wanted(
                kind, label, lifetime, owner.person_id, application_id=application.id, restrictions=restrictions
            )
            return await issue(connection, self._peppers, owner.actor, wanted, now)

    async def rotate_key(self, owner: Owner, key_id: KeyId, overlap: timedelta | None = None) -> Rotated:
        """A new key in place of an active one, which works on for `overlap`; None: the installation's overlap."""
        return await self._rotate(key_id, owner.actor, overlap, owner.person_id)

    async def rotate_for(self, actor: Actor, key_id: KeyId, overlap: timedelta | None = None) -> Rotated:
        """Likewise for an operator, and for an agency's key that replaces itself; the new key names the same person."""
        return await self._rotate(key_id, actor, overlap)

    async def restrict_key(self, key_id: KeyId, change: RestrictionChange, reason: str, actor: Actor) -> Restricted:
        """No process lets the key do more than `change` says once this returns with `spread.is_everywhere`."""
        return await restrict(self._connections, key_id, change, reason, actor, self._now())

    async def revoke_key(self, key_id: KeyId, reason: str, actor: Actor) -> Revocation:
        """No process accepts the key once this returns with `spread.is_everywhere`; twice does no harm.

        What an agency's key was replaced by ends with it.
        """
        now = self._now()
        async with self._connections.transaction() as connection:
            if actor.organisation_id is None:
                await lock_holder(connection, key_id, actor)
            key = await store.key_for_update(connection, key_id, actor.organisation_id)
            if key is None:
                raise no_such_key()
            successors = await end_successors(connection, key, reason, actor, now)
            if key.state is not KeyState.REVOKED:
                key = await end_key(connection, key, reason, actor, now)
            seq = await tell(connection, [key_id, *successors])
        return Revocation(key, await spread_of(self._connections, seq), successors)

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
        *,
        lifetime: timedelta = KEY_LIFETIME,
        restrictions: Restrictions = UNRESTRICTED,
    ) -> IssuedKey:
        """A key with which one named person acts for an agency, as publisher or reviewer; it manages no keys.

        Conflict when the person has the other role: nobody reviews what they hand in themselves. InvalidRequest when it
        is held to a dataset that is not the agency's.
        """
        async with self._connections.transaction() as connection:
            await store.lock_agency(connection, agency_id)
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
            await refuse_unknown(connection, restrictions, agency_id)
            wanted = Wanted(KeyKind.AGENCY, label, lifetime, person_id, agency_id=agency_id, restrictions=restrictions)
            return await issue(connection, self._peppers, actor, wanted, self._now())

    async def identity(self, caller: Caller) -> Identity:
        """The names behind a caller."""
        async with self._connections.use() as connection:
            identity = await store.identity(connection, KeyId(caller.key_id))
        if identity is None:
            raise no_such_key()
        return identity

    async def _rotate(
        self, key_id: KeyId, actor: Actor, overlap: timedelta | None, person_id: int | None = None
    ) -> Rotated:
        overlap = self._overlap if overlap is None else overlap
        return await rotate(self._connections, self._peppers, key_id, actor, overlap, self._now(), person_id)
