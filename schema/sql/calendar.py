"""Days as keys of groups: by day, month and year of either calendar, in UTC.

PostgreSQL knows no Jalali calendar; where its years begin is a bind parameter, and the year of a day is a search in it.
"""

from publicgsb.datasets.contracts.aggregates import Grain
from publicgsb.datasets.contracts.groupings import Grouping
from publicgsb.datasets.contracts.model import FieldType
from publicgsb.datasets.ingest.jalali import NEW_YEARS, YEAR_MIN
from publicgsb.schema.sql.conditions import output_of
from publicgsb.schema.sql.context import Context

_BEFORE_FIRST = YEAR_MIN - 1  # the year of bucket 0
_BEYOND_LAST = len(NEW_YEARS)  # the bucket of days after the last year


def key_sql(context: Context, column: str, grouping: Grouping) -> str:
    """What is grouped by: small, sortable values; key_output makes of them what is shown."""
    if grouping.grain is None:
        return column
    # Connections run in UTC, which is what the cast of a moment goes by.
    day = f"{column}::date" if grouping.field.type is FieldType.DATETIME else column
    match grouping.grain:
        case Grain.DAY:
            return day
        case Grain.MONTH:
            return f"date_trunc('month', {day}::timestamp)::date"
        case Grain.YEAR:
            return f"date_part('year', {day})::int4"
        case Grain.JALALI_YEAR:
            return f"{_year(context, day)} + {_BEFORE_FIRST}"
        case Grain.JALALI_MONTH:
            year = _year(context, day)
            past = f"({day} - ({_new_years(context)})[{year}])"
            # Six months of 31 days, then months of 30.
            month = f"case when {past} < 186 then {past} / 31 else ({past} - 186) / 30 + 6 end"
            return f"{year} * 12 + {month}"


def key_output(key: str, grouping: Grouping) -> str:
    match grouping.grain:
        case None:
            return output_of(key, grouping.field)
        case Grain.MONTH:
            return f"to_char({key}, 'YYYY-MM')"
        case Grain.JALALI_MONTH:
            return f"({key} / 12 + {_BEFORE_FIRST}) || to_char({key} % 12 + 1, '\"-\"FM00')"
        case _:
            return key


def _year(context: Context, day: str) -> str:
    """Which year of NEW_YEARS the day lies in, from 1; null outside them."""
    return f"nullif(nullif(width_bucket({day}, {_new_years(context)}), 0), {_BEYOND_LAST})"


def _new_years(context: Context) -> str:
    return context.param(lambda _: NEW_YEARS, "date[]", "new years")
