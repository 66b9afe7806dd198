"""The use cases around people, one transaction each: register, confirm, invite, join, remove, renew, declare a use.

A right that rests on a person is looked up with their token on every request, so it ends with the commit that ends it;
keys that end with a person are announced and waited for like any revocation.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

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
from publicgsb.apikeys.people import codes, store
from publicgsb.apikeys.people.model import (
    CODE_LIFETIME,
    INVITATIONS_PER_DAY,
    MAILS_PER_DAY,
    PLAN_OPEN,
    PLAN_REGISTERED_USE,
    REGISTRATIONS_PER_DAY,
    REGISTRATIONS_PER_MONTH,
    Code,
    Joined,
    Person,
    Profile,
    Purpose,
    Removal,
    last_owner,
    no_such_code,
)
from publicgsb.apikeys.people.steps import (
    DAY_SECONDS,
    announce_keys,
    audit_use,
    find,
    locked,
    locked_active,
    profile_of,
    refuse_crowd,
    refuse_more_mail,
    refuse_unconfirmed,
    subject_of,
)
from publicgsb.apikeys.service import ApiKeys, utc_now
from publicgsb.apikeys.spread import spread_of, tell
from publicgsb.apikeys.store import audit, revoke_key
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, NotFound, NotPermitted, RateLimited
from publicgsb.platform.kernel.ids import KeyId, OrganisationId

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
        self._pepper = pepper
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
            redeemed = await self._redeem(connection, code, Purpose.CONFIRM)
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
            code = await self._code(connection, Purpose.INVITE, organisation_id, email, role=role)
            await outbox.post(
                connection, email, letters.invite(self._base_url, code, owner.organisation.name, role.value)
            )
            after = {"role": role.value}
            await audit(connection, owner.actor, "person.invite", subject_of(organisation_id), after=after)

    async def accept(self, code: str, name: str) -> Joined:
        """Whoever got the mail joins under `name`, with a token of their own."""
        async with self._connections.transaction() as connection:
            redeemed = await self._redeem(connection, code, Purpose.INVITE)
            organisation = await locked_active(connection, redeemed.organisation_id)
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
        if person_id != owner.person_id:
            owner.refuse_unless_owner()
        async with self._connections.transaction() as connection:
            await locked_active(connection, owner.organisation.id)
            people = await store.people_of_organisation(connection, owner.organisation.id)
            person = find(people, person_id)
            if person.role is Role.OWNER and sum(one.role is Role.OWNER for one in people) == 1:
                raise last_owner()
            ended, left, seq = await self._end(connection, person, reason, owner.actor, revoke_keys=revoke_keys)
        return Removal(person, ended, left, await spread_of(self._connections, seq))

    async def remove_agency_person(self, agency_id: int, person_id: int, reason: str, actor: Actor) -> Removal:
        """A publisher or reviewer of an agency goes, and every key that names them is revoked everywhere."""
        async with self._connections.transaction() as connection:
            person = find(await store.people_of_agency(connection, agency_id), person_id)
            ended, left, seq = await self._end(connection, person, reason, actor, revoke_keys=True)
        return Removal(person, ended, left, await spread_of(self._connections, seq))

    async def request_token(self, email: str) -> None:
        """Mails a code for a new token to everybody with this address; says nothing of whether there is anybody."""
        async with self._connections.transaction() as connection:
            for person_id, organisation_id, organisation_name in await store.people_at(connection, email):
                if not await outbox.has_room(connection, email, MAILS_PER_DAY):
                    return
                code = await self._code(connection, Purpose.RENEW, organisation_id, email, person_id=person_id)
                await outbox.post(connection, email, letters.renew(self._base_url, code, organisation_name))
                await audit(connection, ANYBODY, "owner_token.request", f"person:{person_id}")

    async def renew_token(self, code: str) -> OwnerToken:
        """A new token for whoever got the mail; every earlier one of theirs is void from now on."""
        async with self._connections.transaction() as connection:
            redeemed = await self._redeem(connection, code, Purpose.RENEW)
            await locked_active(connection, redeemed.organisation_id)
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
        owner.refuse_unless_owner()
        organisation_id = owner.organisation.id
        async with self._connections.transaction() as connection:
            before = await locked_active(connection, organisation_id)
            await refuse_unconfirmed(connection, organisation_id)
            if (await profile_of(connection, organisation_id))[0].use is not None:
                raise Conflict(
                    "A use is declared already, and it raises the plan once.",
                    reason="use_declared",
                    hint="DELETE /api/v1/organisation/use ends it; then declare the new one.",
                )
            if await store.use_was_revoked(connection, organisation_id):
                raise NotPermitted(
                    "The operator ended an earlier use of this organisation.",
                    reason="use_revoked",
                    hint="Write to the operator of this service; approval raises the plan as well.",
                )
            use = await store.insert_use(connection, organisation_id, owner.person_id, url, description)
            after = await store.step_plan(connection, organisation_id, PLAN_OPEN, PLAN_REGISTERED_USE)
            await audit_use(connection, owner.actor, "use.declare", use, before, after)
            profile = (await profile_of(connection, organisation_id))[0]
            seq = await announce_keys(connection, organisation_id)
        await spread_of(self._connections, seq)
        return profile

    async def end_use(self, organisation_id: OrganisationId, reason: str, actor: Actor) -> Organisation:
        """The declared use ends, by its owner or by an operator (then for good), and the step with it."""
        async with self._connections.transaction() as connection:
            before = await locked(connection, organisation_id)
            ended_by = "operator" if actor.organisation_id is None else "owner"
            use = await store.end_use(connection, organisation_id, ended_by, reason)
            if use is None:
                raise NotFound("No use is declared.", hint="POST /api/v1/organisation/use declares one.")
            after = await store.step_plan(connection, organisation_id, PLAN_REGISTERED_USE, PLAN_OPEN)
            await audit_use(connection, actor, "use.end", use, before, after, reason)
            seq = await announce_keys(connection, organisation_id)
        await spread_of(self._connections, seq)
        return after

    async def resume(self, organisation_id: OrganisationId, reason: str, actor: Actor) -> Organisation:
        """The end of a suspension: active again on the plan it had."""
        async with self._connections.transaction() as connection:
            before = await locked(connection, organisation_id)
            if before.suspended_reason is None:
                raise Conflict("The organisation is not suspended.", reason="active")
            after = await store.resume(connection, organisation_id)
            await audit(
                connection,
                actor,
                "organisation.resume",
                subject_of(organisation_id),
                before=before.standing,
                after=after.standing,
                reason=reason,
            )
            seq = await announce_keys(connection, organisation_id)
        await spread_of(self._connections, seq)
        return after

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
        day, month = await store.registrations_of(connection, email)
        if day > REGISTRATIONS_PER_DAY or month > REGISTRATIONS_PER_MONTH:
            raise RateLimited(
                f"This address may register {REGISTRATIONS_PER_DAY} times a day and {REGISTRATIONS_PER_MONTH} times in "
                "thirty days.",
                reason="email",
                hint="Use the key you have; POST /api/v1/owner-token/request mails a new owner token.",
                retry_after_seconds=DAY_SECONDS,
            )

    async def _code(
        self,
        connection: Connection,
        purpose: Purpose,
        organisation_id: OrganisationId,
        email: str,
        *,
        person_id: int | None = None,
        role: Role | None = None,
    ) -> str:
        code = codes.draw()
        await store.insert_code(
            connection,
            codes.digest(self._pepper, code),
            purpose,
            organisation_id,
            email,
            self._now() + CODE_LIFETIME[purpose],
            person_id=person_id,
            role=role,
        )
        return code

    async def _redeem(self, connection: Connection, code: str, purpose: Purpose) -> Code:
        if not codes.is_well_formed(code):
            raise no_such_code()
        redeemed = await store.redeem(connection, codes.digest(self._pepper, code), purpose, self._now())
        if redeemed is None:
            raise no_such_code()
        return redeemed

    async def _mail_confirmation(
        self, connection: Connection, organisation_id: OrganisationId, person_id: int, email: str
    ) -> None:
        code = await self._code(connection, Purpose.CONFIRM, organisation_id, email, person_id=person_id)
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

    async def _end(
        self, connection: Connection, person: Person, reason: str, actor: Actor, *, revoke_keys: bool
    ) -> tuple[tuple[KeyId, ...], tuple[KeyId, ...], int]:
        """The keys that end with the person, those that stay, and the event to wait for after the commit."""
        now = self._now()
        states = await store.keys_of_person(connection, person.id)
        ended = tuple(states) if revoke_keys else ()
        for key_id in ended:
            key = await revoke_key(connection, key_id, f"its person was removed: {reason}", now)
            before = {"state": states[key_id].value}
            await audit(
                connection, actor, "key.revoke", f"key:{key_id}", before=before, after=key.standing, reason=reason
            )
        await store.remove_person(connection, person.id, now)
        await audit(connection, actor, "person.remove", f"person:{person.id}", before=person.standing, reason=reason)
        left = tuple(key_id for key_id in states if key_id not in ended)
        return ended, left, await tell(connection, ended)
