"""What the public may count, and what two published figures must not tell together."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.apikeys.grants.conftest import CONTENT, Side

from publicgsb.apikeys.grants.figures import ENDS, ORGANISATIONS_MIN, Ended, GrantFigures, published
from publicgsb.apikeys.model import OPERATOR, Owner
from publicgsb.apikeys.organisations import Organisations
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.database import Connections

NOTHING = dict.fromkeys(ENDS)


def figures(**organisations: set[int]) -> dict[str, Any]:
    rows = [Ended(1, ended, len(who), frozenset(who)) for ended, who in organisations.items()]
    return dict(published(rows)[1])


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({"validated": {1, 2}}, {"requests": None}),
        ({"validated": {1, 2, 3}}, {"requests": 3, "validated": 3}),
        ({"validated": {1, 2, 3}, "refused": {4}}, {"requests": None, "validated": 3}),
        ({"validated": {1, 2, 3}, "refused": {4}, "pending": {5, 6}}, {"requests": 6, "validated": 3}),
        ({"validated": {1, 2, 3}, "refused": {4}, "pending": {4}}, {"requests": None, "validated": 3}),
        ({"refused": {1}, "pending": {2}, "withdrawn": {3}}, {"requests": 3}),
    ],
)
def test_a_figure_is_told_where_three_organisations_stand_behind_it(
    given_: dict[str, set[int]], told: dict[str, int]
) -> None:
    assert figures(**given_) == {**NOTHING, **told}


@given(st.dictionaries(st.sampled_from(ENDS), st.sets(st.integers(1, 6), min_size=1), min_size=1))
def test_no_difference_of_figures_tells_of_fewer_than_three(given_: dict[str, set[int]]) -> None:
    told = figures(**given_)
    shown = {name for name in ENDS if told[name] is not None}
    assert all(len(given_[name]) >= ORGANISATIONS_MIN for name in shown)
    rest = set[int]().union(*(who for name, who in given_.items() if name not in shown))
    assert told["requests"] is None or not rest or len(rest) >= ORGANISATIONS_MIN


async def another(keys: ApiKeys, side: Side, connections: Connections) -> Owner:
    registered = await keys.register("Another", "b@example.org", "Trying it")
    await Organisations(connections).approve(registered.organisation.id, OPERATOR, "open")
    return await keys.owner(registered.owner_token.text)


async def test_what_was_handed_in_is_counted_by_how_it_ended(
    side: Side, keys: ApiKeys, connections: Connections, dataset_id: int
) -> None:
    for owner in (side.owner, await another(keys, side, connections), await another(keys, side, connections)):
        told = await side.applying.open(owner, "aviation/crews", CONTENT)
        await side.applying.open(owner, "aviation/crews", CONTENT)  # a draft: nobody's to know of
        await side.applying.submit(owner, told.request.id)
        await side.deciding.validate(side.decider, told.request.id)
        await side.applying.reopen(owner, told.request.id)
    found = await GrantFigures(connections).figures()
    assert found == {dataset_id: {**NOTHING, "requests": 3, "validated": 3}}


async def test_figures_are_read_once_a_minute_and_kept_while_the_database_is_away(
    side: Side, connections: Connections
) -> None:
    now = [0.0]
    told = GrantFigures(connections, clock=lambda: now[0])
    assert await told.figures() == {}
    await side.submitted()
    now[0] = 59.0
    assert await told.figures() == {}
    now[0] = 61.0
    found = await told.figures()
    assert len(found) == 1
    away = Connections("postgresql://nobody@127.0.0.1:1/none", size=1)
    told._connections, now[0] = away, 200.0
    assert await told.figures() == found
