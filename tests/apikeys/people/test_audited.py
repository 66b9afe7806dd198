"""Every use case around people that changes something writes an entry, or cannot commit."""

from collections.abc import Awaitable, Callable

import pytest
from tests.audited import refuse_what_is_not_audited, use_cases

from publicgsb.apikeys.model import OPERATOR, Owner, Role
from publicgsb.apikeys.people import operators
from publicgsb.apikeys.people.service import People
from publicgsb.apikeys.peppers import Peppers
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.audit import Filters, entries, verify

from .conftest import MailedCode

READS = {"profile", "list_people", "list_agency_people"}
USE = ("https://rah.example.ir/", "Finds cheap ways to travel.")


@pytest.fixture(autouse=True)
async def audited(connections: Connections, agency_id: int) -> None:
    await refuse_what_is_not_audited(connections)


async def test_every_change_around_people_is_audited(
    people: People, keys: ApiKeys, owner: Owner, connections: Connections, mailed_code: MailedCode, agency_id: int
) -> None:
    organisation_id = owner.organisation.id
    walked = {"register", "confirm"}  # by the fixture

    async def did(use_case: Callable[..., Awaitable[object]], action: str, *args: object, **kwargs: object) -> object:
        result = await use_case(*args, **kwargs)
        (newest,) = await entries(connections, Filters(limit=1))
        assert newest.action == action
        walked.add(use_case.__name__)
        return result

    other = await people.register("Other", "other@example.ir", "x y z")
    unconfirmed = await keys.owner(other.owner_token.text)
    await did(people.mail_confirmation, "organisation.mail_confirmation", unconfirmed)
    await did(people.invite, "person.invite", owner, "sara@example.ir", Role.MEMBER)
    await did(people.accept, "person.join", await mailed_code(), "Sara")
    person = (await people.list_people(organisation_id))[-1]
    await did(people.request_token, "owner_token.request", "sara@example.ir")
    await did(people.renew_token, "owner_token.renew", await mailed_code())
    await did(people.remove, "person.remove", owner, person.id, "left")
    await did(people.declare_use, "use.declare", owner, *USE)
    await did(people.end_use, "use.end", organisation_id, "closed", owner.actor)
    await did(people.set_legal_id, "organisation.legal_id", organisation_id, "10380284790", "corrected", OPERATOR)
    await keys.create_agency_key(agency_id, "Reza", "reza@aviation.ir", OPERATOR)
    (publisher,) = await people.list_agency_people(agency_id)
    await did(people.remove_agency_person, "person.remove", agency_id, publisher.id, "left", OPERATOR)
    assert walked == use_cases(People) - READS
    assert (await verify(connections)).problems == ()


async def test_no_address_enters_the_audit(
    people: People, owner: Owner, connections: Connections, mailed_code: MailedCode
) -> None:
    await people.invite(owner, "sara@example.ir", Role.MEMBER)
    await people.accept(await mailed_code(), "Sara")
    await people.request_token("sara@example.ir")
    await operators.add_operator(connections, Peppers.of(b"tests"), "Mina", "mina@example.ir", "mina", OPERATOR)
    assert "@" not in str(await entries(connections, Filters()))


async def test_operators_come_and_go_in_the_audit(connections: Connections) -> None:
    made = await operators.add_operator(connections, Peppers.of(b"tests"), "Mina", "mina@example.ir", "mina", OPERATOR)
    await operators.remove_operator(connections, "MINA@example.ir", "left", OPERATOR)
    written = [(entry.action, entry.subject) for entry in await entries(connections, Filters())]
    subject = f"person:{made.operator.id}"
    assert written == [("operator.remove", subject), ("operator.add", subject)]
