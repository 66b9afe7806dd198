"""The steps that use cases around people share, each inside the caller's transaction."""

from publicgsb.apikeys.mail import outbox
from publicgsb.apikeys.model import Actor, Organisation, refuse_unless_active
from publicgsb.apikeys.people import store
from publicgsb.apikeys.people.model import MAILS_PER_DAY, PEOPLE_MAX, DeclaredUse, Person, Profile, no_such_person
from publicgsb.apikeys.spread import tell
from publicgsb.apikeys.store import audit, keys_of_organisation, organisation_for_update
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.errors import Conflict, NotFound, NotPermitted, RateLimited
from publicgsb.platform.kernel.ids import OrganisationId

DAY_SECONDS = 86_400


async def profile_of(connection: Connection, organisation_id: OrganisationId) -> tuple[Profile, str]:
    found = await store.profile(connection, organisation_id)
    if found is None:
        raise _no_organisation()
    return found


async def locked(connection: Connection, organisation_id: OrganisationId) -> Organisation:
    organisation = await organisation_for_update(connection, organisation_id)
    if organisation is None:
        raise _no_organisation()
    return organisation


async def locked_active(connection: Connection, organisation_id: OrganisationId) -> Organisation:
    organisation = await locked(connection, organisation_id)
    refuse_unless_active(organisation.state)
    return organisation


async def refuse_unconfirmed(connection: Connection, organisation_id: OrganisationId) -> None:
    profile, _ = await profile_of(connection, organisation_id)
    if profile.email_confirmed_at is None:
        raise NotPermitted(
            "The organisation's e-mail address is not confirmed yet.",
            reason="unconfirmed",
            hint="Use the code that was mailed; POST /api/v1/organisation/confirmation mails another.",
        )


async def refuse_more_mail(connection: Connection, email: str) -> None:
    if not await outbox.has_room(connection, email, MAILS_PER_DAY):
        raise RateLimited(
            f"An address gets at most {MAILS_PER_DAY} mails a day from here.",
            reason="mails",
            hint="Look for the mails that were sent already.",
            retry_after_seconds=DAY_SECONDS,
        )


async def announce_keys(connection: Connection, organisation_id: OrganisationId) -> int:
    key_ids = [key.id for key in await keys_of_organisation(connection, organisation_id)]
    return await tell(connection, key_ids)


async def audit_use(
    connection: Connection,
    actor: Actor,
    action: str,
    use: DeclaredUse,
    before: Organisation,
    after: Organisation,
    reason: str | None = None,
) -> None:
    await audit(
        connection,
        actor,
        action,
        subject_of(after.id),
        before=before.standing,
        after=after.standing,
        reason=reason,
        use=use.id,
        url=use.url,
    )


def refuse_crowd(people: tuple[Person, ...]) -> None:
    if len(people) >= PEOPLE_MAX:
        raise Conflict(f"An organisation has at most {PEOPLE_MAX} people.", reason="people_max")


def find(people: tuple[Person, ...], person_id: int) -> Person:
    for person in people:
        if person.id == person_id:
            return person
    raise no_such_person()


def subject_of(organisation_id: OrganisationId) -> str:
    return f"organisation:{organisation_id}"


def _no_organisation() -> NotFound:
    return NotFound("There is no such organisation.", hint="gsb org list shows all of them.")
