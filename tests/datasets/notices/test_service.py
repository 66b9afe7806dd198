"""An announced break: the next major beside the old one, those who use it told, and nothing taken from them."""

import json
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from tests.audited import refuse_what_is_not_audited
from tests.datasets.conftest import Declare, Documents, Release, column
from tests.datasets.notices.conftest import ROWS, TERMS, WITHOUT, Notices, user

from publicgsb.datasets.agencies.reviewing import set_review
from publicgsb.datasets.agencies.service import add_dataset
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.notices.service import standing
from publicgsb.datasets.releases.deprecating import deprecate, undeprecate
from publicgsb.datasets.reviews.model import Review
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, NotPermitted
from publicgsb.schema.types.graft import graft, static_schema

WHY = "Contract 2.0.0 takes its place"


def today() -> str:
    return datetime.now(UTC).date().isoformat()


async def test_both_majors_are_released_side_by_side(notices: Notices, release: Release) -> None:
    done = await notices.announce(terms=TERMS)
    assert (done.successor, done.workers_behind) == ("aviation/airports_v2", 0)
    await release("aviation/airports_v2", WITHOUT)
    await release("aviation/airports", ROWS)
    old, new = await notices.entry(), await notices.entry("airports_v2")
    assert old.current is not None and new.current is not None
    assert (old.contract.version, old.current.seq, new.contract.version, new.current.seq) == ("1.0.0", 2, "2.0.0", 1)
    sdl = graft(await notices.registry(), static_schema()).sdl()
    both = ("  airportsV2(", "type AviationAirportV2 ", "  airports(", "type AviationAirport ")
    assert [name for name in both if name not in sdl] == []


async def test_the_old_one_says_until_when_and_what_takes_its_place(notices: Notices) -> None:
    await notices.announce(terms=TERMS)
    deprecation = (await notices.entry()).deprecation
    assert deprecation is not None
    assert deprecation.sunset_on == datetime.now(UTC).date() + timedelta(days=90)
    assert (deprecation.successor, deprecation.reason.en) == ("aviation/airports_v2", WHY)
    sdl = graft(await notices.registry(), static_schema()).sdl()
    sentence = f"Answered until {deprecation.sunset_on}: {WHY}. Use aviation/airports_v2 instead."
    assert f'@deprecated(reason: "{sentence}")' in sdl


async def test_each_organisation_hears_of_its_own_applications_and_everybody_of_the_end(notices: Notices) -> None:
    notices.users = [user(1, 10, "elevation"), user(2, 20), user(1, 11, "elevation", "name")]
    done = await notices.announce()
    assert len(done.users) == 3
    told = {row["organisation_id"]: json.loads(row["text"]) for row in await notices.told("contract.breaking%")}
    assert set(told) == {1, 2}
    assert [(one["id"], one["fields"]) for one in told[1]["applications"]] == [
        (10, ["elevation"]),
        (11, ["elevation", "name"]),
    ]
    assert (told[2]["successor"], told[2]["touchedFields"]) == ("aviation/airports_v2", ["elevation", "name"])
    everybody = await notices.told("dataset.deprecated")
    assert [row["organisation_id"] for row in everybody] == [None]
    assert "App" not in everybody[0]["text"]


async def test_callers_have_as_long_as_the_terms_say(notices: Notices) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await notices.announce(datetime.now(UTC).date() + timedelta(days=29), terms=TERMS)
    assert refused.value.details["reason"] == "notice_period"
    await notices.announce(datetime.now(UTC).date() + timedelta(days=30), terms=TERMS)


async def test_an_announced_end_is_postponed_and_not_brought_forward(notices: Notices) -> None:
    await notices.announce(terms=TERMS)
    entry = await notices.entry()
    assert entry.deprecation is not None
    arguments = (notices.connections, "aviation", "airports")
    day, reason = datetime.now(UTC).date(), entry.deprecation.reason
    with pytest.raises(Conflict) as refused:
        await deprecate(*arguments, day + timedelta(days=29), reason, "test")
    assert refused.value.details["reason"] == "notice_period"
    await deprecate(*arguments, day + timedelta(days=200), reason, "test")
    postponed = (await notices.entry()).deprecation
    assert postponed is not None and postponed.successor == "aviation/airports_v2"


async def test_the_old_one_may_stay_after_all(notices: Notices, declare: Declare, airport: Documents) -> None:
    await notices.announce()
    await undeprecate(notices.connections, "aviation", "airports", "test")
    assert await notices.end_in(400) == []
    assert (await notices.entry()).deprecation is None
    with pytest.raises(InvalidRequest, match="airports_v2 already has"):
        await declare(airport(version="2.0.0", orderings=None))
    await declare(airport(version="3.0.0", orderings=None))
    assert (await notices.announce()).successor == "aviation/airports_v3"


async def test_a_dataset_that_has_the_name_already_keeps_it(
    notices: Notices, declare: Declare, airport: Documents
) -> None:
    await declare(airport(dataset="airports_v2", recordName="Place", links=None))
    with pytest.raises(Conflict) as refused:
        await notices.announce()
    assert (refused.value.details["reason"], refused.value.hint) == ("name_taken", "Raise `version` to 3.0.0.")


async def test_what_breaks_nothing_or_was_never_declared_is_not_announced(
    notices: Notices, declare: Declare, airport: Documents
) -> None:
    await declare(airport(version="1.1.0", attribution="Others"))
    with pytest.raises(Conflict) as refused:
        await notices.announce()
    assert refused.value.details["reason"] == "nothing_breaks"


async def test_a_name_that_stands_in_the_way_is_told_and_nothing_is_done(notices: Notices, airport: Documents) -> None:
    columns = [column("icao")]
    other = airport(dataset="places", version="2.0.0", links=None, fields=columns, orderings=None)
    await add_dataset(notices.connections, parse(other), "test")
    with pytest.raises(InvalidRequest):
        await notices.announce()
    assert (await notices.entry()).deprecation is None


async def test_where_it_stands_is_told_before_and_after(notices: Notices) -> None:
    notices.users = [user(1, 10, "elevation")]
    async with notices.connections.use() as connection:
        before = await standing(connection, "aviation", "airports", notices.users_of)
    assert (before.is_breaking, before.would_be, before.declared) == (True, "aviation/airports_v2", "2.0.0")
    await notices.announce()
    async with notices.connections.use() as connection:
        after = await standing(connection, "aviation", "airports", notices.users_of)
    assert (after.is_breaking, after.declared, after.touched) == (False, None, before.touched)
    assert after.notice is not None and after.notice.successor_since is None
    assert after.users == tuple(notices.users)


async def test_announcing_and_ending_are_in_the_audit(notices: Notices, release: Release) -> None:
    await refuse_what_is_not_audited(notices.connections)
    notices.users = [user(1, 10, "elevation")]
    await notices.announce()
    await release("aviation/airports_v2", WITHOUT)
    await notices.end_in(91)
    async with notices.connections.use() as connection:
        rows = await connection.fetch(
            "select action, actor from gsb.audit where subject = 'aviation/airports' order by id"
        )
    actions = [(row["action"], row["actor"]) for row in rows]
    assert ("contract.announce", "person:7 key:k") in actions and actions[-1] == ("dataset.withdraw", "system:notice")


@pytest.mark.parametrize(("review", "by", "is_refused"), [
    (Review.REQUIRED, "declarer", True), (Review.REQUIRED, "colleague", False), (Review.REQUIRED, "operator", False),
    (Review.NONE, "declarer", False),
])  # fmt: skip
async def test_where_releases_are_reviewed_nobody_announces_their_own_contract(
    notices: Notices, connections: Connections, review: Review, by: str, is_refused: bool
) -> None:
    query = """
        insert into gsb.person (name, email, agency_id, role)
        select $1, $1 || '@example.org', id, 'publisher' from gsb.agency where slug = 'aviation' returning id
    """
    async with connections.use() as connection:
        people = {name: await connection.fetchval(query, name) for name in ("declarer", "colleague")}
        await connection.execute("update gsb.contract set declared_by = $1 where version = '2.0.0'", people["declarer"])
    await set_review(connections, "aviation", review, "tests")
    if not is_refused:
        assert (await notices.announce(person_id=people.get(by))).successor == "aviation/airports_v2"
        if by == "colleague":  # the database holds it too
            async with connections.use() as connection:
                with pytest.raises(asyncpg.CheckViolationError, match="nobody_announces_their_own"):
                    await connection.execute("update gsb.contract_notice set announced_by = contract_by")
        return
    with pytest.raises(NotPermitted) as refused:
        await notices.announce(person_id=people[by])
    assert refused.value.details["reason"] == "own_contract"
    assert (await notices.entry()).deprecation is None


async def test_what_was_announced_is_announced_once_and_the_refusal_names_what_came_of_it(notices: Notices) -> None:
    await notices.announce()
    with pytest.raises(Conflict, match="aviation/airports_v2 was announced in the place of") as refused:
        await notices.announce()
    assert refused.value.details["reason"] == "announced"
