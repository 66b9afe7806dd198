"""Callers have less time only by an operator's word, and are told."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.audited import refuse_what_is_not_audited
from tests.datasets.conftest import Release
from tests.datasets.notices.conftest import TERMS, WITHOUT, Notices, user

from publicgsb.datasets.notices.overriding import override
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest

REASON = "A court ordered it."


async def go(notices: Notices, **more: object) -> None:
    await override(
        *(notices.connections, "aviation", "airports", "operator:mina", REASON, notices.users_of),
        **more,  # type: ignore[arg-type]
    )


async def test_what_was_not_announced_takes_the_place_of_the_old_one(notices: Notices, release: Release) -> None:
    await refuse_what_is_not_audited(notices.connections)
    notices.users = [user(1, 10, "elevation")]
    await go(notices)
    await release("aviation/airports", WITHOUT)
    assert (await notices.entry()).contract.version == "2.0.0"
    ((told),) = await notices.told("contract.breaking%")
    assert (told["organisation_id"], json.loads(told["text"])["successor"]) == (1, None)
    async with notices.connections.use() as connection:
        row = await connection.fetchrow("select actor, reason from gsb.audit where action = 'contract.override'")
    assert row is not None and tuple(row) == ("operator:mina", REASON)


async def test_it_is_for_that_contract_alone(notices: Notices, release: Release) -> None:
    await go(notices)
    async with notices.connections.use() as connection:
        await connection.execute("update gsb.contract_override set contract_id = (select min(id) from gsb.contract)")
    with pytest.raises(Conflict):
        await release("aviation/airports", WITHOUT)


async def test_an_announced_end_comes_sooner_and_is_told_again(notices: Notices, release: Release) -> None:
    notices.users = [user(1, 10, "elevation")]
    await notices.announce(terms=TERMS)
    await release("aviation/airports_v2", WITHOUT)
    day = datetime.now(UTC).date() + timedelta(days=3)
    await go(notices, sunset_on=day)
    told = [json.loads(row["text"])["sunsetOn"] for row in await notices.told("contract.breaking%")]
    assert told == [(day + timedelta(days=87)).isoformat(), day.isoformat()]
    assert await notices.end_in(3) == []
    assert await notices.end_in(4) == ["aviation/airports"]


async def test_nothing_is_overridden_without_a_reason_or_where_nothing_is_to_be(notices: Notices) -> None:
    with pytest.raises(InvalidRequest):
        await override(notices.connections, "aviation", "airports", "operator:mina", "  ", notices.users_of)
    with pytest.raises(Conflict) as nothing:
        await override(notices.connections, "standards", "countries", "operator:mina", REASON, notices.users_of)
    assert nothing.value.details["reason"] == "nothing_breaks"
    with pytest.raises(Conflict) as early:
        await go(notices, sunset_on=datetime.now(UTC).date())
    assert early.value.details["reason"] == "not_announced"
    await notices.announce(terms=TERMS)
    with pytest.raises(InvalidRequest):
        await go(notices, sunset_on=datetime.now(UTC).date() + timedelta(days=90))
