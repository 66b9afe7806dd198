"""Registration with a confirmed address, people with roles, declared uses: on a real database."""

import asyncio
from datetime import timedelta

import pytest
from tests.apikeys.conftest import Worker

from publicgsb.apikeys.mail.outbox import newest
from publicgsb.apikeys.model import OPERATOR, OrganisationKind, Owner, Role
from publicgsb.apikeys.organisations import Organisations, locked
from publicgsb.apikeys.people.model import (
    INVITATIONS_PER_DAY,
    MAILS_PER_DAY,
    REGISTRATIONS_PER_DAY,
    REGISTRATIONS_PER_MONTH,
)
from publicgsb.apikeys.people.service import People
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
    NotPermitted,
    RateLimited,
    Unauthenticated,
)

from .conftest import Clock, Join, MailedCode

LEGAL_ID = "10380284790"
USE = ("https://rah.example.ir/", "Finds cheap ways to travel.")


async def test_a_key_works_before_the_address_is_confirmed(
    people: People, worker: Worker, mailed_code: MailedCode
) -> None:
    made = await people.register("Rah", "rah@example.ir", "cheap travel", OrganisationKind.PERSON)
    assert (await worker.keyring.authenticate(made.key.secret)).plan == "open"
    assert (await people.profile(made.organisation.id)).email_confirmed_at is None
    profile = await people.confirm(await mailed_code())
    assert profile.email_confirmed_at is not None
    assert profile.organisation.kind is OrganisationKind.PERSON


async def test_a_code_works_once_and_not_for_ever_and_not_for_something_else(
    people: People, keys: ApiKeys, mailed_code: MailedCode, clock: Clock
) -> None:
    made = await people.register("Rah", "rah@example.ir", "cheap travel")
    first = await mailed_code()
    await people.mail_confirmation(await keys.owner(made.owner_token.text))
    second = await mailed_code()
    for code in (first, "x" * 32, "short", "کد"):  # replaced, drawn by nobody, no code at all
        with pytest.raises(InvalidRequest):
            await people.confirm(code)
    with pytest.raises(InvalidRequest):
        await people.renew_token(second)
    clock.later = timedelta(days=8)
    with pytest.raises(InvalidRequest):
        await people.confirm(second)
    clock.later = timedelta(0)
    await people.confirm(second)
    with pytest.raises(InvalidRequest):
        await people.confirm(second)


async def test_of_many_who_redeem_a_code_at_once_one_succeeds(people: People, mailed_code: MailedCode) -> None:
    await people.register("Rah", "rah@example.ir", "cheap travel")
    code = await mailed_code()
    outcomes = await asyncio.gather(*(people.confirm(code) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(outcome, InvalidRequest) for outcome in outcomes) == 7


async def test_no_code_is_stored_but_in_the_mail_that_carries_it(
    people: People, connections: Connections, mailed_code: MailedCode
) -> None:
    await people.register("Rah", "rah@example.ir", "cheap travel")
    code = await mailed_code()
    async with connections.use() as connection:
        for table in ("mail_code", "audit", "event", "person", "organisation"):
            assert code not in str(await connection.fetch(f"select * from gsb.{table}"))


async def test_an_address_registers_so_many_times_a_day_also_at_the_same_moment(people: People) -> None:
    made = await asyncio.gather(
        *(people.register("Rah", "Rah@example.ir", "x y z") for _ in range(REGISTRATIONS_PER_DAY + 3)),
        return_exceptions=True,
    )
    refused = [each for each in made if isinstance(each, RateLimited)]
    assert len(refused) == 3
    with pytest.raises(RateLimited):
        await people.register("Rah", "rAH@example.ir", "x y z")
    await people.register("Rah", "other@example.ir", "x y z")


@pytest.mark.parametrize(
    ("times", "hours_apart", "hours_to_wait"),
    [(REGISTRATIONS_PER_DAY, 2, 4), (REGISTRATIONS_PER_MONTH, 20, 120)],
    ids=["day", "month"],
)
async def test_an_address_that_registered_too_often_is_told_when_it_may_again(
    people: People, connections: Connections, times: int, hours_apart: int, hours_to_wait: int
) -> None:
    """The month's wait lasts for days, where the day's was told; whoever waits as long as is told is let in."""
    async with connections.use() as connection:
        await connection.execute(
            "insert into gsb.organisation (name, email, purpose, created_at)"
            " select 'Rah', 'rah@example.ir', 'x', now() - $2 * interval '1 hour' * n from generate_series(1, $1) as n",
            times,
            hours_apart,
        )
    with pytest.raises(RateLimited) as refusal:
        await people.register("Rah", "rah@example.ir", "x y z")
    wait = refusal.value.retry_after_seconds
    assert wait is not None
    assert hours_to_wait * 3600 - 60 < wait <= hours_to_wait * 3600
    async with connections.use() as connection:
        await connection.execute("update gsb.organisation set created_at = created_at - $1 * interval '1 s'", wait)
    await people.register("Rah", "rah@example.ir", "x y z")


async def test_an_address_gets_so_many_mails_a_day_whoever_asks(
    people: People, connections: Connections, owner: Owner
) -> None:
    for _ in range(MAILS_PER_DAY + 5):
        await people.request_token("rah@example.ir")
    assert len(await newest(connections)) == MAILS_PER_DAY
    for _ in range(MAILS_PER_DAY):
        await people.invite(owner, "victim@example.org", Role.MEMBER)
    with pytest.raises(RateLimited):
        await people.invite(owner, "victim@example.org", Role.MEMBER)


async def test_an_organisation_invites_so_many_strangers_a_day(people: People, owner: Owner) -> None:
    for number in range(INVITATIONS_PER_DAY):
        await people.invite(owner, f"stranger{number}@example.org", Role.MEMBER)
    with pytest.raises(RateLimited) as refusal:
        await people.invite(owner, "one-more@example.org", Role.MEMBER)
    assert refusal.value.details["reason"] == "invitations"


async def test_a_legal_id_belongs_to_who_confirms_an_address_first(
    people: People, keys: ApiKeys, mailed_code: MailedCode
) -> None:
    squatter = await people.register("Not Rah", "x@example.org", "squatting", legal_id=LEGAL_ID)
    made = await people.register("Rah", "rah@example.ir", "cheap travel", legal_id=LEGAL_ID)
    assert (await people.confirm(await mailed_code())).legal_id == LEGAL_ID
    with pytest.raises(Conflict):
        await people.register("Late", "late@example.org", "too late", legal_id=LEGAL_ID)
    await people.mail_confirmation(await keys.owner(squatter.owner_token.text))
    code = await mailed_code()
    with pytest.raises(Conflict):
        await people.confirm(code)
    await people.set_legal_id(made.organisation.id, None, "no right to it", OPERATOR)
    assert (await people.confirm(code)).legal_id == LEGAL_ID  # a refusal used nothing up


async def test_a_declared_use_raises_the_plan_by_one_step_once(people: People, owner: Owner, worker: Worker) -> None:
    profile = await people.declare_use(owner, *USE)
    assert profile.organisation.plan == "registered_use"
    with pytest.raises(Conflict):
        await people.declare_use(owner, *USE)
    ended = await people.end_use(owner.organisation.id, "closed", owner.actor)
    assert ended.plan == "open"
    assert (await people.declare_use(owner, *USE)).organisation.plan == "registered_use"
    await people.end_use(owner.organisation.id, "not what it said", OPERATOR)
    with pytest.raises(NotPermitted) as refusal:
        await people.declare_use(owner, *USE)
    assert refusal.value.details["reason"] == "use_revoked"


async def test_every_worker_serves_the_new_plan_when_the_declaration_returns(
    people: People, keys: ApiKeys, owner: Owner, worker: Worker
) -> None:
    key = (await keys.create_key(owner)).secret
    assert (await worker.keyring.authenticate(key)).plan == "open"
    await people.declare_use(owner, *USE)
    caller = worker.keyring.cached(key) or await worker.keyring.authenticate(key)
    assert caller.plan == "registered_use"


async def test_a_use_neither_raises_nor_lowers_a_plan_that_an_operator_gave(
    people: People, keys: ApiKeys, owner: Owner, organisations: Organisations
) -> None:
    await organisations.approve(owner.organisation.id, OPERATOR)
    assert (await people.declare_use(owner, *USE)).organisation.plan == "approved"
    assert (await people.end_use(owner.organisation.id, "closed", owner.actor)).plan == "approved"


async def test_what_needs_a_confirmed_address_says_so(people: People, keys: ApiKeys) -> None:
    made = await people.register("Rah", "rah@example.ir", "cheap travel")
    owner = await keys.owner(made.owner_token.text)
    for asked in (people.declare_use(owner, *USE), people.invite(owner, "sara@example.ir", Role.MEMBER)):
        with pytest.raises(NotPermitted) as refusal:
            await asked
        assert refusal.value.details["reason"] == "unconfirmed"


async def test_a_member_manages_keys_and_neither_people_nor_the_organisation(
    people: People, keys: ApiKeys, owner: Owner, join: Join
) -> None:
    member = await join()
    assert (member.role, member.organisation) == (Role.MEMBER, owner.organisation)
    key = await keys.create_key(member)
    await keys.rotate_key(member, key.key.id, timedelta(0))
    refused = (
        people.invite(member, "reza@example.ir", Role.MEMBER),
        people.remove(member, owner.person_id, "coup"),
        people.declare_use(member, *USE),
        people.mail_confirmation(member),
    )
    for asked in refused:
        with pytest.raises(NotPermitted) as refusal:
            await asked
        assert refusal.value.details["reason"] == "member"


async def test_a_removed_person_is_refused_at_once_and_the_keys_they_made_are_named(
    people: People, keys: ApiKeys, owner: Owner, join: Join, worker: Worker, mailed_code: MailedCode
) -> None:
    member = await join()
    key = await keys.create_key(member)
    await people.request_token("sara@example.ir")
    removal = await people.remove(owner, member.person_id, "left")
    assert (removal.revoked, removal.left) == ((), (key.key.id,))
    await worker.keyring.authenticate(key.secret)
    with pytest.raises(InvalidRequest):  # a code that was mailed before does not bring them back
        await people.renew_token(await mailed_code())
    with pytest.raises(NotFound):
        await people.remove(owner, member.person_id, "again")
    assert [one.id for one in await people.list_people(owner.organisation.id)] == [owner.person_id]


async def test_the_token_of_a_removed_person_is_void(
    people: People, keys: ApiKeys, owner: Owner, mailed_code: MailedCode
) -> None:
    await people.invite(owner, "sara@example.ir", Role.MEMBER)
    joined = await people.accept(await mailed_code(), "Sara")
    await people.remove(owner, joined.person.id, "left")
    with pytest.raises(Unauthenticated):
        await keys.owner(joined.token.text)


async def test_a_removal_takes_their_keys_along_where_it_is_asked_to(
    people: People, keys: ApiKeys, owner: Owner, join: Join, worker: Worker
) -> None:
    member = await join()
    key = await keys.create_key(member)
    await worker.keyring.authenticate(key.secret)
    removal = await people.remove(owner, member.person_id, "fired", revoke_keys=True)
    assert (removal.revoked, removal.spread.is_everywhere) == ((key.key.id,), True)
    with pytest.raises(Unauthenticated) as refusal:
        await worker.keyring.authenticate(key.secret)
    assert refusal.value.details["reason"] == "revoked"


async def test_the_last_owner_stays_also_when_two_remove_each_other_at_once(
    people: People, owner: Owner, join: Join
) -> None:
    with pytest.raises(Conflict):
        await people.remove(owner, owner.person_id, "bye")
    second = await join("reza@example.ir", Role.OWNER)
    outcomes = await asyncio.gather(
        people.remove(owner, second.person_id, "out"),
        people.remove(second, owner.person_id, "out"),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1
    assert len(await people.list_people(owner.organisation.id)) == 1


async def test_the_people_of_another_organisation_do_not_exist(people: People, keys: ApiKeys, owner: Owner) -> None:
    other = await keys.owner((await people.register("Other", "o@example.org", "x y z")).owner_token.text)
    for person_id in (other.person_id, 404):
        with pytest.raises(NotFound):
            await people.remove(owner, person_id, "spite")


async def test_somebody_who_was_invited_twice_joins_once(
    people: People, owner: Owner, join: Join, mailed_code: MailedCode
) -> None:
    await people.invite(owner, "sara@example.ir", Role.MEMBER)
    code = await mailed_code()
    await join("SARA@example.ir")
    with pytest.raises(InvalidRequest):
        await people.accept(code, "Sara")
    with pytest.raises(Conflict):
        await people.invite(owner, "sara@example.ir", Role.MEMBER)


_SOMEBODY_WAITS = """
select exists (
  select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
)
"""


async def test_joining_waits_for_whoever_invites_and_neither_waits_for_ever(
    people: People, owner: Owner, mailed_code: MailedCode, connections: Connections
) -> None:
    """Both lock the organisation before they touch a code: in another order each would hold what the other wants."""
    await people.invite(owner, "sara@example.ir", Role.MEMBER)
    code = await mailed_code()
    async with connections.transaction() as connection:
        await locked(connection, owner.organisation.id)
        joining = asyncio.create_task(people.accept(code, "Sara"))
        async with connections.use() as beside, asyncio.timeout(60):
            while not await beside.fetchval(_SOMEBODY_WAITS):
                await asyncio.sleep(0.01)
        await connection.execute("set local lock_timeout = '5s'")
        await connection.execute("update gsb.mail_code set used_at = now() where used_at is null")
    with pytest.raises(InvalidRequest):
        await joining


async def test_a_lost_owner_token_is_replaced_by_mail_and_void_from_then_on(
    people: People, keys: ApiKeys, mailed_code: MailedCode, clock: Clock
) -> None:
    made = await people.register("Rah", "rah@example.ir", "cheap travel")
    await people.request_token("RAH@example.ir")
    token = await people.renew_token(await mailed_code())
    assert (await keys.owner(token.text)).organisation.id == made.organisation.id
    with pytest.raises(Unauthenticated):
        await keys.owner(made.owner_token.text)
    await people.request_token("rah@example.ir")
    clock.later = timedelta(hours=2)
    with pytest.raises(InvalidRequest):
        await people.renew_token(await mailed_code())


async def test_asking_for_a_token_of_nobody_mails_nobody(people: People, connections: Connections) -> None:
    await people.request_token("nobody@example.org")
    assert await newest(connections) == []


async def test_a_suspension_ends_with_the_plan_that_was(
    people: People, keys: ApiKeys, owner: Owner, worker: Worker, organisations: Organisations
) -> None:
    key = (await keys.create_key(owner)).secret
    await people.declare_use(owner, *USE)
    await organisations.suspend(owner.organisation.id, "abuse", OPERATOR)
    with pytest.raises(Unauthenticated):
        await worker.keyring.authenticate(key)
    assert (await organisations.resume(owner.organisation.id, "settled", OPERATOR)).plan == "registered_use"
    await worker.keyring.authenticate(key)
    with pytest.raises(Conflict):
        await organisations.resume(owner.organisation.id, "again", OPERATOR)


async def test_a_person_of_an_agency_has_one_role_and_goes_with_their_keys(
    people: People, keys: ApiKeys, worker: Worker, agency_id: int
) -> None:
    issued = await keys.create_agency_key(agency_id, "Sara", "sara@aviation.ir", OPERATOR, role=Role.REVIEWER)
    assert (await worker.keyring.authenticate(issued.secret)).role == "reviewer"
    with pytest.raises(Conflict):
        await keys.create_agency_key(agency_id, "Sara", "sara@aviation.ir", OPERATOR)
    (person,) = await people.list_agency_people(agency_id)
    removal = await people.remove_agency_person(agency_id, person.id, "left", OPERATOR)
    assert (removal.revoked, removal.spread.is_everywhere) == ((issued.key.id,), True)
    with pytest.raises(Unauthenticated):
        await worker.keyring.authenticate(issued.secret)
    again = await keys.create_agency_key(agency_id, "Sara", "sara@aviation.ir", OPERATOR)
    assert (await worker.keyring.authenticate(again.secret)).role == "publisher"
