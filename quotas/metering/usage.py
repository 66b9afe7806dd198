"""What an organisation used, and what was used of a dataset: exact sums over days, of a bounded range."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum

from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.quotas.metering import store
from publicgsb.quotas.metering.store import DatasetDay, FieldUse, UsageSum

DAYS_MAX = 400
ROWS_MAX = 5_000
ORGANISATIONS_MIN = 3  # that share a figure before anybody but the owning agency sees it


class UsageBy(Enum):
    APPLICATION = "application"
    KEY = "key"
    DATASET = "dataset"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class UsageQuestion:
    """From day to day in UTC, both included, summed by any of `by`; raises InvalidRequest beyond DAYS_MAX."""

    since: date
    until: date
    by: frozenset[UsageBy]

    def __post_init__(self) -> None:
        check_range(self.since, self.until)


@dataclass(frozen=True, slots=True)
class DatasetUse:
    """The publisher's view. Organisations are counted, never named; a figure that too few share is None."""

    days: tuple[DatasetDay, ...]
    fields: tuple[FieldUse, ...]


def check_range(since: date, until: date) -> None:
    if until < since:
        raise InvalidRequest("The range ends before it begins.", hint="Both days are included.", reason="range")
    if (until - since).days >= DAYS_MAX:
        raise InvalidRequest(f"A range has at most {DAYS_MAX} days.", hint="Ask for a part of it.", reason="range")


def this_month() -> tuple[date, date]:
    today = datetime.now(UTC).date()
    return today.replace(day=1), today


def last_days(days: int) -> tuple[date, date]:
    today = datetime.now(UTC).date()
    return today - timedelta(days=days - 1), today


async def usage_of_caller(connections: Connections, caller: Caller, question: UsageQuestion) -> list[UsageSum]:
    """Of all applications of the caller's organisation; raises InvalidRequest for more than ROWS_MAX rows."""
    by = question.by
    async with connections.use() as connection:
        rows = await store.usage_sums(
            connection,
            caller.organisation_id,
            caller.application_id,
            question.since,
            question.until,
            by_application=UsageBy.APPLICATION in by,
            by_key=UsageBy.KEY in by,
            by_dataset=UsageBy.DATASET in by,
            by_day=UsageBy.DAY in by,
            most=ROWS_MAX + 1,
        )
    if len(rows) > ROWS_MAX:
        raise InvalidRequest(
            f"The answer has more than {ROWS_MAX} rows.", hint="Ask for fewer days, or by less.", reason="range"
        )
    return rows


async def usage_of_dataset(connections: Connections, dataset_id: int, since: date, until: date) -> DatasetUse:
    """Everything: for the agency that owns the dataset, and for operators."""
    check_range(since, until)
    async with connections.use() as connection:
        days = await store.dataset_days(connection, dataset_id, since, until)
        fields = await store.dataset_fields(connection, dataset_id, since, until)
    return DatasetUse(tuple(days), tuple(fields))


def for_everybody(use: DatasetUse) -> DatasetUse:
    """Without the days and fields that fewer than three organisations share: a figure of one names them."""
    return DatasetUse(
        tuple(day for day in use.days if day.organisations >= ORGANISATIONS_MIN),
        tuple(field for field in use.fields if field.organisations >= ORGANISATIONS_MIN),
    )
