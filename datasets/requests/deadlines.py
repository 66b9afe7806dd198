"""What time does to data requests; the jobs process calls it again and again. Each of these may be repeated."""

from datetime import datetime, timedelta

from publicgsb.datasets.requests import store
from publicgsb.datasets.requests.model import ANSWER_WORKING_DAYS, CONTACT_KEPT_DAYS, REMIND_WORKING_DAYS, State
from publicgsb.datasets.requests.service import Tell, nobody, utc_now, write_no_answer
from publicgsb.datasets.requests.working_days import WorkingDays, load_calendar
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.outbox import publish

BATCH = 100  # requests in one transaction


async def keep_clocks(
    connections: Connections,
    now: datetime | None = None,
    *,
    calendar: WorkingDays | None = None,
    tell: Tell = nobody,
) -> int:
    """Count anew what another calendar counted, note what has run out, remind of what will soon: how many ran out."""
    now, calendar = now or utc_now(), calendar or load_calendar()
    await count_anew(connections, now, calendar)
    ended = await run_out(connections, now, tell)
    await remind(connections, now, calendar)
    await forget_contacts(connections, now)
    return ended


async def run_out(connections: Connections, now: datetime, tell: Tell = nobody) -> int:
    """Each request that had no answer by the end of its clock, dated there and not at `now`."""
    total = 0
    while True:
        async with connections.transaction() as connection:
            found = await store.run_out(connection, now, BATCH)
            for due in found:
                await write_no_answer(connection, due)
                request = await store.by_id(connection, due.id, now)
                if request is not None and request.contact is not None:
                    await tell(connection, request.contact, request, State.NO_ANSWER)
        total += len(found)
        if len(found) < BATCH:
            return total


async def count_anew(connections: Connections, now: datetime, calendar: WorkingDays) -> int:
    """A holiday that was announced since moves the end of every clock that still runs, never to before what was told.
    What has ended stays.
    """
    moved = 0
    while True:
        async with connections.transaction() as connection:
            found = await store.counted_otherwise(connection, now, calendar.stamp, BATCH)
            for number, asked_at, before in found:
                due_at = max(before, calendar.deadline(asked_at, ANSWER_WORKING_DAYS))
                await store.set_deadline(connection, number, due_at, calendar.stamp)
                moved += due_at != before
                await record(
                    connection,
                    "system:requests",
                    "request.deadline",
                    f"request:{number}",
                    before={"due": before.isoformat()},
                    after={"due": due_at.isoformat(), "calendar": calendar.stamp},
                )
        if len(found) < BATCH:
            return moved


async def remind(connections: Connections, now: datetime, calendar: WorkingDays) -> int:
    """The agency, once, when two working days are left."""
    until = calendar.end_of(calendar.after(calendar.local_day(now), REMIND_WORKING_DAYS))
    async with connections.transaction() as connection:
        taken = await store.take_to_remind(connection, now, until)
        for due in taken:
            told = {"request": due.id, "agency": due.agency, "dueAt": due.due_at.isoformat()}
            await publish(connection, "request.due_soon", told, agency_id=due.agency_id)
            await record(connection, "system:requests", "request.remind", f"request:{due.id}", agency=due.agency)
    return len(taken)


async def forget_contacts(connections: Connections, now: datetime) -> None:
    async with connections.use() as connection:
        await store.forget_contacts(connection, now - timedelta(days=CONTACT_KEPT_DAYS))
