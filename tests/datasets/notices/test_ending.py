"""The old major ends after its last day, and never before there is somewhere to go."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.datasets.conftest import Release
from tests.datasets.notices.conftest import ROWS, TERMS, WITHOUT, Notices

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.registry import DatasetState
from publicgsb.datasets.releases.service import withdraw
from publicgsb.platform.kernel.errors import DatasetWithdrawn


async def test_it_ends_after_its_last_day_by_whom_announced_it(notices: Notices, release: Release) -> None:
    await notices.announce(terms=TERMS)
    await release("aviation/airports_v2", WITHOUT)
    assert await notices.end_in(90) == []
    assert await notices.end_in(91) == ["aviation/airports"]
    entry = await notices.entry()
    assert (entry.state, entry.successor, entry.current) == (DatasetState.WITHDRAWN, "aviation/airports_v2", None)
    assert entry.tombstone is not None and entry.tombstone.by == "agency"
    assert entry.withdrawn_reason is not None and entry.withdrawn_reason.en == "Contract 2.0.0 takes its place"
    assert await notices.end_in(91) == []
    with pytest.raises(DatasetWithdrawn):
        await release("aviation/airports", ROWS)


async def test_it_stays_while_the_next_one_has_no_release(notices: Notices, release: Release) -> None:
    await notices.announce(terms=TERMS)
    assert await notices.end_in(400) == []
    await release("aviation/airports_v2", WITHOUT)
    await withdraw(notices.connections, "aviation", "airports_v2", Label("نادرست", "Wrong"), "test")
    assert await notices.end_in(400) == []


async def test_both_are_answered_for_the_shortest_notice_however_late_the_next_one_comes(
    notices: Notices, release: Release
) -> None:
    """The last day is taken to be over already when the next one is first released."""
    await notices.announce(terms=TERMS)
    async with notices.connections.use() as connection:
        await connection.execute("update gsb.dataset set sunset_on = current_date - 3 where sunset_on is not null")
    await release("aviation/airports_v2", WITHOUT)
    assert await notices.end_in(29) == []
    assert await notices.end_in(30) == ["aviation/airports"]


async def test_one_that_was_withdrawn_meanwhile_is_left_as_it_is(notices: Notices, release: Release) -> None:
    await notices.announce(terms=TERMS)
    await release("aviation/airports_v2", WITHOUT)
    await withdraw(notices.connections, "aviation", "airports", Label("داده شخصی", "Personal data"), "operator:test")
    assert await notices.end_in(91) == []
    entry = await notices.entry()
    assert entry.withdrawn_reason is not None and entry.withdrawn_reason.en == "Personal data"
    async with notices.connections.use() as connection:
        assert await connection.fetchval("select ended_at is not null from gsb.contract_notice")


async def test_the_last_day_is_over_when_it_is_over_in_utc(notices: Notices, release: Release) -> None:
    await notices.announce(terms=TERMS)
    await release("aviation/airports_v2", WITHOUT)
    last = datetime.now(UTC).date() + timedelta(days=90)
    entry = await notices.entry()
    assert entry.deprecation is not None and entry.deprecation.sunset_on == last
