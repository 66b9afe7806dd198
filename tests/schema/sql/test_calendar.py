"""Both calendars in SQL, against Python's on every day that the Jalali years cover."""

from datetime import date, timedelta

import pytest

from publicgsb.datasets.contracts.aggregates import Grain
from publicgsb.datasets.contracts.groupings import Grouping
from publicgsb.datasets.contracts.model import Field, FieldType, Label
from publicgsb.datasets.ingest import jalali
from publicgsb.datasets.releases.cells import period
from publicgsb.platform.kernel.database import Connections
from publicgsb.schema.sql.binding import Bound
from publicgsb.schema.sql.calendar import Calendar, key_output
from publicgsb.schema.sql.context import Context

DAY = Field("day", "day", FieldType.DATE, Label("روز", "Day"))
MOMENT = Field("day", "day", FieldType.DATETIME, Label("لحظه", "Moment"))
FIRST, LAST = jalali.NEW_YEARS[0], jalali.NEW_YEARS[-1] - timedelta(days=1)
NO_VALUES = Bound({}, {}, (), (), b"")


def expected(day: date) -> list[object]:
    is_covered = FIRST <= day <= LAST
    year, month = _jalali(day) if is_covered else (None, None)
    return [
        day,
        f"{day:%Y-%m}".rjust(7, "0"),
        day.year,
        f"{year}-{month:02}" if is_covered else None,
        year,
    ]


def _jalali(day: date) -> tuple[int, int]:
    """By walking the calendar's own days, since from_date begins with 1832."""
    year = next(y for y in range(day.year - 622, day.year - 619) if y in COVERED and COVERED[y] <= day < COVERED[y + 1])
    month = max(m for m in range(1, 13) if jalali.to_date(year, m, 1) <= day)
    return year, month


COVERED = dict(enumerate(jalali.NEW_YEARS, jalali.YEAR_MIN))


@pytest.mark.parametrize("field", [DAY, MOMENT], ids=["date", "datetime"])
@pytest.mark.prove
async def test_every_day_has_the_keys_that_the_calendars_say(connections: Connections, field: Field) -> None:
    context = Context(())
    calendar = Calendar(context, "t")
    groupings = [Grouping(field, grain) for grain in Grain]
    keys = [key_output(f"({calendar.key('t.day', grouping)})", grouping) for grouping in groupings]
    calendar.layers("", [])  # so that all parameters are there
    series = "select generate_series($%d::date, $%d::date, interval '1 day') as day"
    outer = [date(1, 1, 2), date(1831, 3, 1), date(2256, 4, 30), date(9999, 12, 30)]
    first, last = outer[1], outer[2]
    at = len(context.binders)
    column = "day at time zone 'UTC' + interval '23:59:59.999999'" if field is MOMENT else "day::date"
    days = f"{series % (at + 1, at + 2)} union all select unnest($%d::date[])" % (at + 3)
    source = calendar.layers(f"(select {column} as day from ({days}) s) t", ["t.day"])
    query = f"select {', '.join(keys)} from {source} order by t.day"
    arguments = [bind(NO_VALUES) for bind in context.binders]
    async with connections.use() as connection:
        rows = await connection.fetch(query, *arguments, first, last, [outer[0], outer[3]])
    walked = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    assert [list(row) for row in rows] == [expected(day) for day in (outer[0], *walked, outer[3])]
    for day in walked:
        if 1832 <= day.year <= 2255:
            assert jalali.from_date(day)[:2] == _jalali(day)


@pytest.mark.prove
async def test_a_cell_stands_at_the_first_day_of_its_period(connections: Connections) -> None:
    grains = [grain for grain in Grain if grain is not Grain.DAY]
    starts = ", ".join(period("t.day", FieldType.DATE, grain) for grain in grains)
    query = f"""
        select {starts} from (
          select generate_series($1::date, $3::date, interval '1 day')::date as day where $2::date[] is not null
        ) t order by t.day
    """
    async with connections.use() as connection:
        rows = await connection.fetch(query, FIRST, list(jalali.NEW_YEARS), LAST)
    for day, row in zip((FIRST + timedelta(days=i) for i in range(len(rows))), rows, strict=True):
        year, month = _jalali(day)
        begins = (day.replace(day=1), day.replace(month=1, day=1), jalali.to_date(year, month, 1), COVERED[year])
        assert tuple(row) == begins
