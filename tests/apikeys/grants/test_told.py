"""Steps are told to both sides, but a draft is its writer's own."""

from tests.apikeys.grants.conftest import CONTENT, Side

from publicgsb.platform.kernel.database import Connections


async def _told(connections: Connections) -> list[tuple[str, bool, bool]]:
    """Of the steps of requests: kind, and whether the organisation and the agency hear of it."""
    query = "select kind, organisation_id, agency_id from gsb.outbox where kind like 'grant.%' order by id"
    async with connections.use() as connection:
        rows = await connection.fetch(query)
    return [(row["kind"], row["organisation_id"] is not None, row["agency_id"] is not None) for row in rows]


async def test_a_request_and_its_decision_are_told_to_both_sides(side: Side, connections: Connections) -> None:
    number = await side.submitted()
    await side.deciding.validate(side.decider, number)
    assert await _told(connections) == [("grant.submit", True, True), ("grant.validate", True, True)]


async def test_a_draft_is_told_to_nobody_else(side: Side, connections: Connections) -> None:
    told = await side.applying.open(side.owner, "aviation/crews", CONTENT)
    assert await _told(connections) == []
    await side.applying.withdraw(side.owner, told.request.id)
    assert await _told(connections) == [("grant.withdraw", True, False)]


async def test_of_a_reopening_that_was_never_handed_in_the_agency_hears_nothing(
    side: Side, connections: Connections
) -> None:
    number = await side.submitted()
    await side.deciding.validate(side.decider, number)
    before = await side.deciding.request(side.decider, number)
    await side.applying.reopen(side.owner, number)
    await side.applying.withdraw(side.owner, number)
    assert (await _told(connections))[2:] == [("grant.reopen", True, False), ("grant.withdraw", True, False)]
    assert (await side.deciding.request(side.decider, number)).steps == before.steps
    steps = [one.step.value for one in (await side.applying.request(side.owner, number)).steps]
    assert steps == ["open", "submit", "validate", "reopen", "withdraw"]


async def test_that_a_reopening_was_taken_back_after_it_was_handed_in_is_told(
    side: Side, connections: Connections
) -> None:
    number = await side.submitted()
    await side.deciding.validate(side.decider, number)
    await side.applying.reopen(side.owner, number)
    await side.applying.submit(side.owner, number)
    await side.applying.withdraw(side.owner, number)
    assert (await _told(connections))[3:] == [("grant.submit", True, True), ("grant.withdraw", True, True)]
    steps = [one.step.value for one in (await side.deciding.request(side.decider, number)).steps]
    assert steps == ["submit", "validate", "submit", "withdraw"]
