"""The use cases around people, one transaction each: register, confirm, invite, join, remove, renew, declare a use.

A right that rests on a person is looked up with their token on every request, so it ends with the commit that ends it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from math import ceil

from publicgsb.apikeys.mail import letters, outbox
from publicgsb.apikeys.model import (
    Actor,
    Organisation,
    OrganisationKind,
    Owner,
    OwnerToken,
    Registered,
    Role,
)
from publicgsb.apikeys.moments import utc_now
from publicgsb.apikeys.organisations import locked, locked_active, subject_of
from publicgsb.apikeys.people import leaving, store, uses
from publicgsb.apikeys.people.mailed import MailedCodes
from publicgsb.apikeys.people.model import (
    INVITATIONS_PER_DAY,
    MAILS_PER_DAY,
    REGISTRATIONS_PER_DAY,
    REGISTRATIONS_PER_MONTH,
    Code,
    Joined,
    Person,
    Profile,
    Purpose,
    Removal,
    no_such_code,
)
from publicgsb.apikeys.people.steps import (
    DAY_SECONDS,
    profile_of,
    refuse_crowd,
    refuse_more_mail,
    refuse_unconfirmed,
)
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.store import audit
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, RateLimited
from publicgsb.platform.kernel.ids import OrganisationId

ANYBODY = Actor("anybody", None)  # who asks before we know them: a code, once redeemed, says who it was


class People:
    """Organisations as far as they are people; `base_url` is what mails point at."""

    def __init__(
        self,
        connections: Connections,
        keys: ApiKeys,
        tokens: OwnerTokens,
        pepper: bytes,
        base_url: str,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._connections = connections
        self._keys = keys
        self._tokens = tokens
        self._codes = MailedCodes(pepper, now)
        self._base_url = base_url
        self._now = now

    async def register(
        self,
        name: str,
        email: str,
        purpose: str,
        kind: OrganisationKind = OrganisationKind.ORGANISATION,
        legal_id: str | None = None,
    ) -> Registered:
        """As ApiKeys.register, and a mail to confirm the address. RateLimited when it registers again and again."""

        async def also(connection: Connection, organisation: Organisation, person_id: int) -> None:
            await self._refuse_too_many(connection, email)
            if legal_id is not None:
                if await store.legal_id_is_taken(connection, legal_id):
                    raise store.legal_id_taken()
                await store.set_legal_id(connection, organisation.id, legal_id)
            if await outbox.has_room(connection, email, MAILS_PER_DAY):
                await self._mail_confirmation(connection, organisation.id, person_id, email)

        return await self._keys.register(name, email, purpose, kind, also)

    async def confirm(self, code: str) -> Profile:
        """The address of the code's organisation is confirmed; a second time does no harm, with a second code."""
        async with self._connections.transaction() as connection:
            redeemed = await self._codes.redeem(connection, code, Purpose.CONFIRM)
            now = self._now()
            before = await store.confirm(connection, redeemed.organisation_id, now)
            await self._audit_confirmed(connection, redeemed, before, now)
            return (await profile_of(connection, redeemed.organisation_id))[0]

    async def mail_confirmation(self, owner: Owner) -> None:
        """Once more the mail with which the organisation's address is confirmed; earlier codes end."""
        owner.refuse_unless_owner()
        async with self._connections.transaction() as connection:
            profile, email = await profile_of(connection, owner.organisation.id)
            if profile.email_confirmed_at is not None:
                raise Conflict("The address is confirmed already.", reason="confirmed")
            await refuse_more_mail(connection, email)
            await self._mail_confirmation(connection, owner.organisation.id, owner.person_id, email)
            await audit(connection, owner.actor, "organisation.mail_confirmation", subject_of(owner.organisation.id))

    async def profile(self, organisation_id: OrganisationId) -> Profile:
        async with self._connections.use() as connection:
            return (await profile_of(connection, organisation_id))[0]

    async def list_people(self, organisation_id: OrganisationId) -> tuple[Person, ...]:
        """Everybody of the organisation, oldest first."""
        async with self._connections.use() as connection:
            return await store.people_of_organisation(connection, organisation_id)

    async def list_agency_people(self, agency_id: int) -> tuple[Person, ...]:
        async with self._connections.use() as connection:
            return await store.people_of_agency(connection, agency_id)

    async def invite(self, owner: Owner, email: str, role: Role) -> None:
        """A mail with which somebody joins as owner or member; the organisation's own address is confirmed first."""
        owner.refuse_unless_owner()
        organisation_id = owner.organisation.id
        async with self._connections.transaction() as connection:
            await locked_active(connection, organisation_id)
            await refuse_unconfirmed(connection, organisation_id)
            people = await store.people_of_organisation(connection, organisation_id)
            if any(person.email.lower() == email.lower() for person in people):
                raise Conflict("This address belongs to a person of the organisation already.", reason="person")
            refuse_crowd(people)
            if await store.invitations_today(connection, organisation_id) >= INVITATIONS_PER_DAY:
                raise RateLimited(
                    f"An organisation invites at most {INVITATIONS_PER_DAY} people a day.",
                    reason="invitations",
                    retry_after_seconds=DAY_SECONDS,
                )
            await refuse_more_mail(connection, email)
            code = await self._codes.make(connection, Purpose.INVITE, organisation_id, email, role=role)
            await outbox.post(
                connection, email, letters.invite(self._base_url, code, owner.organisation.name, role.value)
            )
            after = {"role": role.value}
            await audit(connection, owner.actor, "person.invite", subject_of(organisation_id), after=after)

    async def accept(self, code: str, name: str) -> Joined:
        """Whoever got the mail joins under `name`, with a token of their own."""
        async with self._connections.transaction() as connection:
            organisation = await self._locked_active(connection, code, Purpose.INVITE)
            redeemed = await self._codes.redeem(connection, code, Purpose.INVITE)
            refuse_crowd(await store.people_of_organisation(connection, organisation.id))
            role = redeemed.role or Role.MEMBER
            person, generation = await store.insert_person(connection, name, redeemed.email, organisation.id, role)
            await audit(
                connection,
                Actor(f"person:{person.id}", organisation.id),
                "person.join",
                f"person:{person.id}",
                after=person.standing,
                organisation=organisation.id,
            )
        return Joined(person, organisation, self._tokens.issue(person.id, generation, self._now()))

    async def remove(self, owner: Owner, person_id: int, reason: str, *, revoke_keys: bool = False) -> Removal:
        """Their token is void when this returns; never the last owner's. A member may leave, and remove nobody else.

        Keys that they made are the organisation's and work on, unless `revoke_keys`; the answer names them.
        """
        return await leaving.remove(self._connections, owner, person_id, reason, self._now(), revoke_keys=revoke_keys)

    async def remove_agency_person(self, agency_id: int, person_id: int, reason: str, actor: Actor) -> Removal:
        """A publisher or reviewer of an agency goes, and every key that names them is revoked everywhere."""
        return await leaving.remove_of_agency(self._connections, agency_id, person_id, reason, actor, self._now())

    async def request_token(self, email: str) -> None:
        """Mails a code for a new token to everybody with this address; says nothing of whether there is anybody."""
        async with self._connections.transaction() as connection:
            for person_id, organisation_id, organisation_name in await store.people_at(connection, email):
                if not await outbox.has_room(connection, email, MAILS_PER_DAY):
                    return
                code = await self._codes.make(connection, Purpose.RENEW, organisation_id, email, person_id=person_id)
                await outbox.post(connection, email, letters.renew(self._base_url, code, organisation_name))
                await audit(connection, ANYBODY, "owner_token.request", f"person:{person_id}")

    async def renew_token(self, code: str) -> OwnerToken:
        """A new token for whoever got the mail; every earlier one of theirs is void from now on."""
        async with self._connections.transaction() as connection:
            await self._locked_active(connection, code, Purpose.RENEW)
            redeemed = await self._codes.redeem(connection, code, Purpose.RENEW)
            person_id = redeemed.person_id or 0
            generation = await store.renew_person(connection, person_id)
            if generation is None:
                raise no_such_code()
            await audit(
                connection,
                Actor(f"person:{person_id}", redeemed.organisation_id),
                "owner_token.renew",
                f"person:{person_id}",
                before={"generation": generation - 1},
                after={"generation": generation},
            )
        return self._tokens.issue(person_id, generation, self._now())

    async def declare_use(self, owner: Owner, url: str, description: str) -> Profile:
        """A public use raises plan `open` by one step, for as long as it stands; the address is confirmed first."""
        return await uses.declare(self._connections, owner, url, description)

    async def end_use(self, organisation_id: OrganisationId, reason: str, actor: Actor) -> Organisation:
        """The declared use ends, by its owner or by an operator (then for good), and the step with it."""
        return await uses.end(self._connections, organisation_id, reason, actor)

    async def set_legal_id(
        self, organisation_id: OrganisationId, legal_id: str | None, reason: str, actor: Actor
    ) -> Profile:
        """An operator corrects a legal id, or takes it from somebody who had no right to it."""
        async with self._connections.transaction() as connection:
            await locked(connection, organisation_id)
            before = (await profile_of(connection, organisation_id))[0]
            await store.set_legal_id(connection, organisation_id, legal_id)
            await audit(
                connection,
                actor,
                "organisation.legal_id",
                subject_of(organisation_id),
                before={"legal_id": before.legal_id},
                after={"legal_id": legal_id},
                reason=reason,
            )
            return replace(before, legal_id=legal_id)

    async def _refuse_too_many(self, connection: Connection, email: str) -> None:
        wait = await store.wait_to_register(connection, email, REGISTRATIONS_PER_DAY, REGISTRATIONS_PER_MONTH)
        if wait > 0:
            raise RateLimited(
                f"This address may register {REGISTRATIONS_PER_DAY} times a day and {REGISTRATIONS_PER_MONTH} times in "
                "thirty days.",
                reason="email",
                hint="Use the key you have; POST /api/v1/owner-token/request mails a new owner token.",
                retry_after_seconds=ceil(wait),
            )

    async def _locked_active(self, connection: Connection, code: str, purpose: Purpose) -> Organisation:
        """The organisation of a code, locked before the code is: whoever invites does it in this order as well."""
        return await locked_active(connection, await self._codes.organisation_of(connection, code, purpose))

    async def _mail_confirmation(
        self, connection: Connection, organisation_id: OrganisationId, person_id: int, email: str
    ) -> None:
        code = await self._codes.make(connection, Purpose.CONFIRM, organisation_id, email, person_id=person_id)
        await outbox.post(connection, email, letters.confirm(self._base_url, code))

    async def _audit_confirmed(
        self, connection: Connection, code: Code, before: datetime | None, now: datetime
    ) -> None:
        await audit(
            connection,
            Actor(f"person:{code.person_id}", code.organisation_id),
            "organisation.confirm",
            subject_of(code.organisation_id),
            before={"email_confirmed_at": before.isoformat() if before else None},
            after={"email_confirmed_at": (before or now).isoformat()},
        )
