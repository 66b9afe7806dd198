"""What an organisation can make grow, what it can say, and what two steps at once come to."""

import asyncio
from dataclasses import replace

import pytest
from tests.apikeys.conftest import Worker
from tests.apikeys.grants.conftest import CONTENT, Side

from publicgsb.apikeys.grants import applying, bodies
from publicgsb.apikeys.model import OPERATOR, Actor
from publicgsb.apikeys.organisations import Organisations
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, NotPermitted, RateLimited, Unauthenticated

WORDS = b'"purpose":"0123456789","legalBasis":"law","contact":"a@b","responsible":"me!"'


async def test_an_organisation_takes_so_many_steps_a_day_and_is_told_when_it_may_go_on(
    side: Side, monkeypatch: pytest.MonkeyPatch, connections: Connections
) -> None:
    monkeypatch.setattr(applying, "STEPS_A_DAY_MAX", 3)
    number = await side.submitted()  # two
    await side.applying.withdraw(side.owner, number)
    for hours_ago, hours_to_wait in ((0, 24), (20, 4)):
        async with connections.use() as connection:
            await connection.execute("update gsb.grant_step set at = at - $1 * interval '1 hour'", hours_ago)
        with pytest.raises(RateLimited) as caught:
            await side.applying.open(side.owner, "aviation/crews", CONTENT)
        assert caught.value.details["reason"] == "grant_steps"
        wait = caught.value.retry_after_seconds
        assert wait is not None
        assert hours_to_wait * 3600 - 60 < wait <= hours_to_wait * 3600
    async with connections.use() as connection:
        await connection.execute("update gsb.grant_step set at = at - $1 * interval '1 s'", wait)
    await side.applying.open(side.owner, "aviation/crews", CONTENT)


async def test_nothing_is_handed_in_before_an_operator_has_approved_the_organisation(
    keys: ApiKeys, side: Side, connections: Connections
) -> None:
    registered = await keys.register("Another", "b@example.org", "Trying it")
    owner = await keys.owner(registered.owner_token.text)
    draft = (await side.applying.open(owner, "aviation/crews", CONTENT)).request.id
    with pytest.raises(NotPermitted) as refused:
        await side.applying.submit(owner, draft)
    assert refused.value.details["reason"] == "approval"
    await Organisations(connections).approve(registered.organisation.id, OPERATOR)
    assert (await side.applying.submit(owner, draft)).request.state == "submitted"


async def test_an_edit_that_changes_nothing_is_no_step(side: Side) -> None:
    told = await side.applying.open(side.owner, "aviation/crews", CONTENT)
    again = await side.applying.edit(side.owner, told.request.id, lambda content: content)
    assert again == told


async def test_what_was_handed_in_is_never_written_over(side: Side, connections: Connections) -> None:
    number = await side.submitted()
    await side.deciding.request_changes(side.decider, number, "More, please.")
    for purpose in (b"A second purpose", b"A third purpose"):
        change = bodies.change(b'{"purpose":"' + purpose + b'"}')
        await side.applying.edit(side.owner, number, change)
    await side.applying.reply(side.owner, number, "Here it is.")
    async with connections.use() as connection:
        rows = await connection.fetch("select purpose from gsb.grant_content order by version")
    assert [row["purpose"] for row in rows] == [CONTENT.purpose, "A third purpose"]


async def test_of_two_decisions_at_once_one_counts(side: Side) -> None:
    number = await side.submitted()
    done = await asyncio.gather(
        side.deciding.validate(side.decider, number),
        side.deciding.refuse(side.decider, number, "IR-FOI-15", "Not for this."),
        side.deciding.request_changes(side.decider, number, "More, please."),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Conflict) for one in done) == 2, done


async def test_a_key_made_while_its_grant_is_revoked_has_no_right(side: Side, keys: ApiKeys, worker: Worker) -> None:
    """Whoever lists the keys to forget has locked the organisation, so that none slips in."""
    for _ in range(5):
        number = await side.submitted()
        await side.deciding.validate(side.decider, number)

        async def made() -> str:
            secret = (await keys.create_key(side.owner)).secret
            await worker.keyring.authenticate(secret)
            return secret

        revoked, secret = await asyncio.gather(side.deciding.revoke(side.decider, number, "Over."), made())
        assert revoked.spread is not None
        assert revoked.spread.is_everywhere
        caller = await worker.keyring.authenticate(secret)
        assert caller.granted == {}
        await keys.revoke_key(next(iter(await keys.list_keys(side.owner.organisation.id))).id, "done", side.owner.actor)


async def test_a_suspended_organisation_takes_no_step(side: Side, keys: ApiKeys, organisations: Organisations) -> None:
    number = await side.submitted()
    await organisations.suspend(side.owner.organisation.id, "abuse", Actor("tests", None))
    with pytest.raises(Unauthenticated):
        await side.applying.withdraw(side.owner, number)


async def test_only_publishers_and_reviewers_of_the_agency_decide(
    side: Side, keys: ApiKeys, worker: Worker, agency_id: int, connections: Connections
) -> None:
    issued = await keys.create_agency_key(agency_id, "A person", "p@example.org", Actor("tests", None))
    caller = await worker.keyring.authenticate(issued.secret)
    assert (await side.deciding.decider(caller)).agency_id == agency_id
    async with connections.use() as connection:
        await connection.execute("update gsb.person set role = 'member' where agency_id = $1", agency_id)
    with pytest.raises(NotPermitted, match="publishers and reviewers"):
        await side.deciding.decider(caller)


@pytest.mark.parametrize(
    ("more", "member"),
    [
        (b'"days":0', "days"),
        (b'"days":1096', "days"),
        (b'"days":"9"', "days"),
        (b'"fields":[]', "fields"),
        (b'"fields":["a",1]', "fields"),
        (b'"fields":"a"', "fields"),
        (b'"fields":[' + b",".join([b'"a"'] * 201) + b"]", "fields"),
        (b'"state":"validated"', "state"),
        (b'"message":"x"', "message"),
    ],
)
def test_an_application_says_what_is_wrong_with_each_member(more: bytes, member: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        bodies.application(b'{"dataset":"a/b",' + WORDS + b"," + more + b"}")
    assert [problem["member"] for problem in caught.value.details["problems"]] == [member]


@pytest.mark.parametrize("name", ["purpose", "legalBasis", "contact", "responsible"])
def test_every_text_is_mandatory_and_bounded(name: str) -> None:
    for value in (b"null", b'""', b'"' + b"x" * 2001 + b'"', b'"0123\\u202e56789"'):
        words = b",".join(part for part in WORDS.split(b",") if name.encode() not in part)
        with pytest.raises(InvalidRequest) as caught:
            bodies.application(b'{"dataset":"a/b",' + words + b',"' + name.encode() + b'":' + value + b"}")
        assert [problem["member"] for problem in caught.value.details["problems"]] == [name]


def test_a_change_leaves_what_it_does_not_name() -> None:
    assert bodies.change(b'{"days":30}')(CONTENT) == replace(CONTENT, days=30)
    assert bodies.change(b'{"fields":["a"]}')(CONTENT) == replace(CONTENT, fields=("a",))
    assert bodies.change(b'{"fields":null}')(replace(CONTENT, fields=("a",))) == CONTENT
