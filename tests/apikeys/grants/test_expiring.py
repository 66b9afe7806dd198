"""Warnings before the end, and the end, by a clock that is passed in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.apikeys.conftest import Worker
from tests.apikeys.grants.conftest import Side

from publicgsb.apikeys.grants import expiring
from publicgsb.apikeys.grants.expiring import warn_of_ends
from publicgsb.apikeys.grants.model import Decider, end_of, warning_due
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.granted import has_right

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "warned", "due"),
    [
        (timedelta(days=30, seconds=1), None, None),
        (timedelta(days=30), None, 30),
        (timedelta(days=29), 30, None),
        (timedelta(days=7), 30, 7),
        (timedelta(days=5), None, 7),
        (timedelta(hours=3), 7, 1),
        (timedelta(hours=3), 1, None),
        (timedelta(0), None, None),
    ],
)
def test_a_warning_is_due_once_the_nearest_one_first(left: timedelta, warned: int | None, due: int | None) -> None:
    assert warning_due(NOW + left, NOW, warned) == due


@pytest.mark.parametrize(("allowed", "days"), [(None, 90), (30, 30), (90, 90), (365, 90)])
def test_an_agency_gives_no_more_time_than_was_asked_for(allowed: int | None, days: int) -> None:
    assert end_of(NOW, 90, allowed) == NOW + timedelta(days=days)


async def warned(connections: Connections, at: datetime) -> list[int]:
    """The warnings of this run, as days."""
    async with connections.use() as connection:
        newest = await connection.fetchval("select coalesce(max(id), 0) from gsb.audit")
        await warn_of_ends(connections, lambda: at)
        rows = await connection.fetch(
            "select details->>'days' as days from gsb.audit where id > $1 and action = 'grant.expiring'", newest
        )
    return [int(row["days"]) for row in rows]


async def test_each_warning_is_told_once_and_none_after_the_end(side: Side, connections: Connections) -> None:
    ends_at = await side.granted(days=365)
    found = []
    for before in (31, 30, 29, 8, 7, 6, 1, 0.5, 0, -1):
        found += [(before, days) for days in await warned(connections, ends_at - timedelta(days=before))]
    assert found == [(30, 30), (7, 7), (1, 1)]


async def test_more_than_fits_one_run_is_told_in_the_next(
    side: Side, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiring, "BATCH", 1)
    first = await side.granted(days=10)
    await side.granted(days=20)
    at = first - timedelta(days=5)
    assert [await warned(connections, at) for _ in range(3)] == [[7], [30], []]


async def test_a_revoked_grant_is_not_told_of(side: Side, connections: Connections) -> None:
    ends_at = await side.granted(days=10)
    await side.deciding.revoke(side.decider, side.newest, "Over.")
    assert await warned(connections, ends_at - timedelta(days=5)) == []


async def test_a_grant_ends_by_the_clock_of_whoever_is_asked(side: Side, worker: Worker) -> None:
    ends_at = (await side.granted(days=10)).timestamp()
    caller = await worker.keyring.authenticate(side.key)
    rights, dataset = caller.granted, ("aviation", "crews")
    assert [has_right(rights, dataset, None, at) for at in (ends_at - 0.001, ends_at)] == [True, False]


async def test_a_reopening_renews_also_what_has_ended(
    side: Side, later: Callable[[timedelta], Side], worker: Worker, decider: Decider
) -> None:
    first = await side.granted(days=10)
    late = later(timedelta(days=20))
    await late.applying.reopen(side.owner, side.newest)
    await late.applying.submit(side.owner, side.newest)
    told = await late.deciding.validate(decider, side.newest)
    assert told.request.grant is not None
    assert told.request.grant.ends_at > first + timedelta(days=19)
    (right,) = (await worker.keyring.authenticate(side.key)).granted["aviation", "crews"]
    assert right.ends_at == pytest.approx(told.request.grant.ends_at.timestamp())
