"""The steps that use cases around people share, each inside the caller's transaction."""

from publicgsb.apikeys.mail import outbox
from publicgsb.apikeys.organisations import no_such_organisation
from publicgsb.apikeys.people import store
from publicgsb.apikeys.people.model import MAILS_PER_DAY, PEOPLE_MAX, Person, Profile, no_such_person
from publicgsb.apikeys.spread import tell
from publicgsb.apikeys.store import keys_of_organisation
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.errors import Conflict, NotPermitted, RateLimited
from publicgsb.platform.kernel.ids import OrganisationId

DAY_SECONDS = 86_400


async def profile_of(connection: Connection, organisation_id: OrganisationId) -> tuple[Profile, str]:
    found = await store.profile(connection, organisation_id)
    if found is None:
        raise no_such_organisation()
    return found


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


def refuse_crowd(people: tuple[Person, ...]) -> None:
    if len(people) >= PEOPLE_MAX:
        raise Conflict(f"An organisation has at most {PEOPLE_MAX} people.", reason="people_max")


def find(people: tuple[Person, ...], person_id: int) -> Person:
    for person in people:
        if person.id == person_id:
            return person
    raise no_such_person()
