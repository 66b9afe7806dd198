"""Facts, leases, allotments and limits: whatever does not add up is found, told once and stays told."""

import asyncio
from datetime import date, timedelta

import pytest

from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound
from publicgsb.quotas.metering.check import check, check_and_alarm, close_incident, incidents
from publicgsb.quotas.metering.store import Breach
from publicgsb.quotas.metering.usage import (
    DAYS_MAX,
    UsageBy,
    UsageQuestion,
    for_everybody,
    usage_of_caller,
    usage_of_dataset,
)

from .metering_ledger import MONTH, NOON, facts, ledger

CALLER = Caller("key30", KeyKind.LIVE, 3, 30, "open")
DAY = NOON.date()


def _asked(*by: UsageBy, since: date = DAY, until: date = DAY) -> UsageQuestion:
    return UsageQuestion(since, until, frozenset(by))


async def test_a_ledger_that_adds_up_is_no_breach(connections: Connections) -> None:
    await ledger(connections, (3, 30), settled=70, forfeit=30)
    await facts(connections, 30, 70)
    assert await check(connections) == []


async def test_more_facts_than_were_allotted_are_a_breach(connections: Connections) -> None:
    await ledger(connections, (3, 30), settled=70)
    await facts(connections, 30, 71)
    assert await check(connections) == [Breach("facts", f"30/{MONTH:%Y-%m}", {"facts": 71, "allotted": 70})]


async def test_facts_without_any_account_are_a_breach(connections: Connections) -> None:
    await facts(connections, 30, 1)
    (breach,) = await check(connections)
    assert breach.details == {"facts": 1, "allotted": 0}


async def test_test_keys_are_held_against_their_own_account(connections: Connections) -> None:
    """What the live keys have left must hide nothing, and what test keys use must accuse nobody."""
    await ledger(connections, (3, 30), settled=1_000)
    await ledger(connections, (3, -30), settled=20)
    await facts(connections, 30, 1_000)
    await facts(connections, -30, 20)
    assert await check(connections) == []
    await facts(connections, -30, 1)
    assert await check(connections) == [Breach("facts", f"-30/{MONTH:%Y-%m}", {"facts": 21, "allotted": 20})]


async def test_usage_of_test_keys_is_their_applications(connections: Connections) -> None:
    for application, points in ((-30, 4), (30, 5), (-31, 6)):
        await ledger(connections, (3, application), settled=10)
        await facts(connections, application, points)
    rows = await usage_of_caller(connections, CALLER, _asked(UsageBy.APPLICATION))
    assert [(row.application_id, row.points) for row in rows] == [(30, 9), (31, 6)]


async def test_points_taken_before_the_month_began_may_be_noted_in_its_first_minute(connections: Connections) -> None:
    await ledger(connections, (3, 30), settled=70)
    await facts(connections, 30, 70)
    await facts(connections, 30, 5, MONTH + timedelta(seconds=2))
    assert await check(connections) == []


@pytest.mark.parametrize("change", ["allotted = allotted - 1, used = used - 1", "used = used - 1"])
async def test_leases_that_do_not_add_up_to_their_account_are_a_breach(connections: Connections, change: str) -> None:
    await ledger(connections, (3, 30), settled=70)
    async with connections.use() as connection:
        await connection.execute(f"update gsb.quota_account set {change}")
    (breach,) = await check(connections)
    assert (breach.kind, breach.subject) == ("leases", f"3/30/month/{MONTH:%Y-%m-%d}")
    assert breach.details["leases"] == 70


async def test_a_breach_is_told_once_and_stays_open_until_somebody_closes_it(
    connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    await facts(connections, 30, 1)
    for _ in range(3):
        assert len(await check_and_alarm(connections)) == 1
    (incident,) = await incidents(connections)
    assert caplog.text.count("quota invariant broken") == 1
    async with connections.use() as connection:
        assert await connection.fetchval("select count(*) from gsb.audit where action = 'incident'") == 1
    await close_incident(connections, incident.id, "a test", actor="tests")
    assert await incidents(connections) == []
    with pytest.raises(NotFound):
        await close_incident(connections, incident.id, "again", actor="tests")


async def test_days_are_summed_by_the_database_whoever_writes_facts_and_however_often(connections: Connections) -> None:
    await ledger(connections, (3, 30), settled=500)
    await asyncio.gather(*(facts(connections, 30, n) for n in range(1, 21)))
    (row,) = await usage_of_caller(connections, CALLER, _asked())
    assert (row.requests, row.points, row.bytes) == (20, 210, 200)


async def test_usage_is_that_of_the_organisation_by_whatever_is_asked(connections: Connections) -> None:
    for account in ((3, 30), (3, 31), (4, 40)):
        await ledger(connections, account, settled=10)
        await facts(connections, account[1], account[1])
    await facts(connections, 30, 5, NOON + timedelta(days=1))
    whole = await usage_of_caller(connections, CALLER, _asked())
    assert [row.points for row in whole] == [61]
    by_application = await usage_of_caller(connections, CALLER, _asked(UsageBy.APPLICATION))
    assert [(row.application_id, row.points) for row in by_application] == [(30, 30), (31, 31)]
    tomorrow = DAY + timedelta(days=1)
    by_day = await usage_of_caller(connections, CALLER, _asked(UsageBy.DAY, UsageBy.KEY, until=tomorrow))
    assert [(row.day, row.key_id, row.points) for row in by_day] == [
        (DAY, "key30", 30), (DAY, "key31", 31), (tomorrow, "key30", 5),
    ]  # fmt: skip


async def test_usage_tells_which_key_the_database_works_for(connections: Connections) -> None:
    await ledger(connections, (3, 30), settled=10)
    for key_id, us in (("greedy", 900_000), ("modest", 1_500), ("greedy", 600_000)):
        await facts(connections, 30, 1, key_id=key_id, database_us=us)
    rows = await usage_of_caller(connections, CALLER, _asked(UsageBy.KEY))
    assert [(row.key_id, row.database_us) for row in rows] == [("greedy", 1_500_000), ("modest", 1_500)]


async def test_the_sums_by_dataset_are_those_of_whole_answers(connections: Connections) -> None:
    await ledger(connections, (3, 30), settled=10)
    await facts(connections, 30, 10)
    for dataset_id, points in ((7, 4), (8, 3), (-1, 3)):
        await facts(connections, 30, points, dataset_id=dataset_id)
    rows = await usage_of_caller(connections, CALLER, _asked(UsageBy.DATASET))
    assert [(row.dataset_id, row.points) for row in rows] == [(-1, 3), (7, 4), (8, 3)]


@pytest.mark.parametrize("days", [-1, DAYS_MAX])
def test_a_range_is_bounded_and_begins_before_it_ends(days: int) -> None:
    with pytest.raises(InvalidRequest):
        _asked(until=DAY + timedelta(days=days))


async def test_others_see_of_a_dataset_only_what_three_organisations_share(connections: Connections) -> None:
    for organisation in (3, 4, 5):
        await ledger(connections, (organisation, organisation * 10), settled=10)
        await facts(connections, organisation * 10, 1, dataset_id=7)
    await facts(connections, 30, 9, NOON + timedelta(days=1), dataset_id=7)
    await facts(connections, 31, 9, NOON + timedelta(days=1), dataset_id=7)
    use = await usage_of_dataset(connections, 7, DAY, DAY + timedelta(days=1))
    assert [(day.organisations, day.requests) for day in use.days] == [(3, 3), (1, 2)]
    assert [day.organisations for day in for_everybody(use).days] == [3]


async def test_fields_are_counted_by_the_operations_that_read_them(connections: Connections) -> None:
    await ledger(connections, (3, 30), settled=10)
    async with connections.use() as connection:
        await connection.execute("insert into gsb.operation (hash) values ('h')")
        await connection.execute("insert into gsb.operation_field values ('h', 7, 1, 'city'), ('h', 7, 1, 'name')")
    for _ in range(2):
        await facts(connections, 30, 1, dataset_id=7)
    use = await usage_of_dataset(connections, 7, DAY, DAY)
    assert [(one.field, one.requests, one.organisations) for one in use.fields] == [("city", 2, 1), ("name", 2, 1)]
