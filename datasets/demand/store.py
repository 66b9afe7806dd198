"""Demand in the database. Takes a connection, never a pool, and never commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.ids import BootId
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.datasets.demand"
_ADD = load(_HERE, "sql/demand_add.sql")
_MONTHS = load(_HERE, "sql/demand_months.sql")
_DAYS = load(_HERE, "sql/demand_days.sql")
_FORGET = load(_HERE, "sql/demand_forget.sql")
_WORKERS_FORGET = load(_HERE, "sql/workers_forget.sql")


@dataclass(frozen=True, slots=True)
class Cell:
    """`field` is a column, or "" for a dataset that is withheld whole."""

    day: date
    dataset_id: int
    field: str
    organisation_id: int
    requests: int


@dataclass(frozen=True, slots=True)
class MonthOfDemand:
    month: date  # its first day
    dataset: str  # agency/dataset
    field: str
    requests: int
    organisations: int


@dataclass(frozen=True, slots=True)
class DayOfDemand:
    day: date
    dataset_id: int
    field: str
    requests: int
    organisations: int


async def add(connection: Connection, boot_id: BootId, seq: int, cells: Sequence[Cell]) -> None:
    """Batch `seq` of a worker; the same one again adds nothing."""
    await connection.execute(
        _ADD,
        *(boot_id, seq, [one.day for one in cells], [one.dataset_id for one in cells], [one.field for one in cells]),
        *([one.organisation_id for one in cells], [one.requests for one in cells]),
    )


async def months(
    connection: Connection, agency: str | None, since: date, before: date, organisations_min: int, most: int
) -> list[MonthOfDemand]:
    rows = await connection.fetch(_MONTHS, agency, since, before, organisations_min, most)
    return [MonthOfDemand(**row) for row in rows]


async def days(
    connection: Connection, dataset_ids: Sequence[int], since: date, until: date, most: int
) -> list[DayOfDemand]:
    return [DayOfDemand(**row) for row in await connection.fetch(_DAYS, list(dataset_ids), since, until, most)]


async def forget(connection: Connection, before: date, workers_before: datetime) -> None:
    await connection.execute(_FORGET, before)
    await connection.execute(_WORKERS_FORGET, workers_before)
