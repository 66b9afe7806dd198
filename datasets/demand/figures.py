"""Who is told how much of the demand: everybody the months that three organisations share, an agency its own days."""

from datetime import UTC, date, datetime, timedelta

from publicgsb.datasets.demand import store
from publicgsb.datasets.demand.store import DayOfDemand, MonthOfDemand
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest

ORGANISATIONS_MIN = 3  # that share a figure before everybody sees it
MONTHS_SHOWN = 12
DAYS_MAX = 366  # of one answer
ROWS_MAX = 5_000
KEPT_DAYS = 400
_WORKERS_KEPT = timedelta(days=2)


async def public_months(connections: Connections, agency: str | None, today: date) -> list[MonthOfDemand]:
    """Of the twelve months before this one. A month that is not over would tell by its growth who asks."""
    before = today.replace(day=1)
    since = before.replace(year=before.year - 1)
    async with connections.use() as connection:
        return await store.months(connection, agency, since, before, ORGANISATIONS_MIN, ROWS_MAX)


async def own_days(connections: Connections, dataset_ids: list[int], since: date, until: date) -> list[DayOfDemand]:
    """For the agency whose datasets these are. InvalidRequest for more than a year."""
    if not since <= until or (until - since).days >= DAYS_MAX:
        raise InvalidRequest(f"`from` to `to` are 1 to {DAYS_MAX} days.", reason="range")
    async with connections.use() as connection:
        return await store.days(connection, dataset_ids, since, until, ROWS_MAX)


async def forget(connections: Connections, now: datetime | None = None) -> None:
    """Days that nobody is shown any more; the jobs process calls it now and then."""
    now = now or datetime.now(UTC)
    async with connections.use() as connection:
        await store.forget(connection, now.date() - timedelta(days=KEPT_DAYS), now - _WORKERS_KEPT)
