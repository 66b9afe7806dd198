"""Days as keys of groups: by day, month and year of either calendar, in UTC.

PostgreSQL knows no Jalali calendar, but the leap years of the 33-year cycle lie as evenly as they can, so that the year
of a day is one division. What several terms need is computed once per row, in a layer of its own under the groups:
written out in each of them it would be computed as often.
"""

from dataclasses import dataclass, field

from publicgsb.datasets.contracts.aggregates import Grain
from publicgsb.datasets.contracts.groupings import Grouping
from publicgsb.datasets.contracts.model import FieldType
from publicgsb.datasets.ingest.jalali import CALENDAR_DAYS, CYCLE_DAYS, CYCLE_YEARS, NEW_YEARS, YEAR_MIN
from publicgsb.schema.sql.conditions import output_of
from publicgsb.schema.sql.context import Context

_YEAR = f"{CYCLE_YEARS} * {{}} / {CYCLE_DAYS}"


@dataclass(slots=True)
class Calendar:
    """What the keys of one aggregate need of each row; `t` is the alias that columns and layers go by."""

    context: Context
    t: str
    _days: list[str] = field(default_factory=list)  # columns, of which the Jalali day number is needed

    def key(self, column: str, grouping: Grouping) -> str:
        """What is grouped by: small, sortable values; `key_output` makes of them what is shown."""
        # Connections run in UTC, which is what both casts of a moment go by.
        match grouping.grain:
            case None:
                return column
            case Grain.DAY:
                return _day(column, grouping)
            case Grain.MONTH:
                return f"date_trunc('month', {column}::timestamp)"
            case Grain.YEAR:
                return f"date_part('year', {column}::timestamp)::int4"
        at = self._layer(_day(column, grouping))
        year = f"{self.t}._year{at}"
        if grouping.grain is Grain.JALALI_YEAR:
            return f"{year} + {YEAR_MIN}"
        past = f"({self.t}._day{at} - ({CYCLE_DAYS} * {year} + {CYCLE_YEARS - 1}) / {CYCLE_YEARS})"
        # Six months of 31 days, then months of 30; the second quotient is the greater one from the seventh month on.
        return f"{year} * 12 + greatest({past} / 31, ({past} - 6) / 30)"

    def layers(self, source: str, columns: list[str]) -> str:
        """`source` (from, where) with what the keys need beside its `columns`; call it after `key`."""
        if not self._days:
            return source
        t, first = self.t, self.context.param(lambda _: NEW_YEARS[0], "date", "first new year")
        numbers = [f"{day} - {first} as _day{at}" for at, day in enumerate(self._days)]
        years = [
            f"case when {day} >= 0 and {day} < {CALENDAR_DAYS} then {_YEAR.format(day)} end as _year{at}"
            for at, day in enumerate(f"{t}._day{at}" for at in range(len(self._days)))
        ]
        inner = f"select {', '.join((*columns, *numbers))} from {source} offset 0"
        return f"(select {t}.*, {', '.join(years)} from ({inner}) {t} offset 0) {t}"

    def _layer(self, day: str) -> int:
        if day not in self._days:
            self._days.append(day)
        return self._days.index(day)


def key_output(key: str, grouping: Grouping) -> str:
    match grouping.grain:
        case None:
            return output_of(key, grouping.field)
        case Grain.MONTH:
            return f"to_char({key}, 'YYYY-MM')"
        case Grain.JALALI_MONTH:
            return f"({key} / 12 + {YEAR_MIN}) || to_char({key} % 12 + 1, '\"-\"FM00')"
        case _:
            return key


def _day(column: str, grouping: Grouping) -> str:
    return f"{column}::date" if grouping.field.type is FieldType.DATETIME else column
