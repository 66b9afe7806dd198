"""Working days by a calendar that is a data file (calendars/), and the moments at which they end.

A lunar holiday is known for the years that the file tells of. Beyond them, and in years that are only computed, what
is counted is told as provisional.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Any

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.contracts.yaml import read_text
from publicgsb.datasets.ingest.jalali import from_date, is_leap, to_date

DEFAULT = "iran"
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """One country's calendar. `named` holds the holidays of the years whose lunar ones are known."""

    name: str
    version: str
    sha256: str  # of the file
    zone: timezone
    weekly: frozenset[int]  # 0 is Monday
    solar: Mapping[tuple[int, int], Label]  # by Jalali month and day
    named: Mapping[date, Label]  # lunar and announced ones
    years: Mapping[int, bool]  # Jalali year: whether its lunar holidays are only computed

    @property
    def stamp(self) -> str:
        """Which file a deadline was counted by."""
        return f"{self.name} {self.version} {self.sha256[:12]}"

    def local_day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def holiday(self, day: date) -> Label | None:
        """What is celebrated or mourned on that day; None also for a plain Friday."""
        return self.named.get(day) or self.solar.get(from_date(day)[1:])

    def is_working(self, day: date) -> bool:
        return day.weekday() not in self.weekly and self.holiday(day) is None

    def after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, which is not counted itself."""
        found = day
        while count > 0:
            found += _ONE_DAY
            count -= self.is_working(found)
        return found

    def between(self, first: date, last: date) -> int:
        """How many working days come after `first`, up to `last` and with it."""
        days = (last - first).days
        return sum(self.is_working(first + timedelta(days=n)) for n in range(1, days + 1))

    def end_of(self, day: date) -> datetime:
        """The moment at which that day is over, in UTC."""
        return datetime.combine(day + _ONE_DAY, time(), self.zone).astimezone(UTC)

    def last_day(self, end: datetime) -> date:
        """The day that ends at `end`, as `end_of` gave it."""
        return self.local_day(end - timedelta(microseconds=1))

    def deadline(self, asked: datetime, count: int) -> datetime:
        """The end of the `count`-th working day after the day of `asked`."""
        return self.end_of(self.after(self.local_day(asked), count))

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether a holiday that nobody has told yet, or that was only computed, may lie between the two."""
        years = range(from_date(first)[0], from_date(last)[0] + 1)
        return any(self.years.get(year, True) for year in years)


@cache
def load_calendar(name: str = DEFAULT) -> WorkingDays:
    """A file that is no calendar is a fault of the installation (ValueError, KeyError)."""
    text = (files("publicgsb.datasets.requests") / "calendars" / f"{name}.yaml").read_text(encoding="utf-8")
    return read_calendar(text)


def read_calendar(text: str) -> WorkingDays:
    document = read_text(text, "The calendar")
    named: dict[date, Label] = {}
    for year in document["years"]:
        for told in (*year["lunar"], *year.get("announced", ())):
            named[to_date(int(year["year"]), *_month_day(told["on"]))] = _label(told)
    return WorkingDays(
        name=document["calendar"],
        version=document["version"],
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        zone=timezone(timedelta(hours=float(document["hoursFromUtc"]))),
        weekly=frozenset(_WEEK.index(day) for day in document["weekly"]),
        solar=_solar(document["solar"]),
        named=named,
        years={int(year["year"]): bool(year["isEstimated"]) for year in document["years"]},
    )


def _solar(told: Iterable[Mapping[str, Any]]) -> dict[tuple[int, int], Label]:
    leap = next(year for year in range(1400, 1404 + 1) if is_leap(year))
    found = {_month_day(one["on"]): _label(one) for one in told}
    for month, day in found:
        to_date(leap, month, day)  # ValueError for a day that no year has
    return found


def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)


def _label(members: Mapping[str, Any]) -> Label:
    return Label(members["fa"], members["en"])
