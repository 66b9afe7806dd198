"""What stands on a board: the flights of three hours, each with its airline, its destination and the weather."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from publicgsb_sdk import AsyncClient, jalali

HOURS = 3
FLIGHTS_MAX = 60
DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
MONTHS = ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"]
NOTHING: Mapping[str, Any] = {}  # the other end of a link that found none
FIELDS = (
    *("sched_dep_time", "carrier", "flight", "dep_time", "dep_delay", "airline.name"),
    *("dest", "dest_airport.city", "dest_airport.country.name_fa", "weather.temp", "weather.wind_speed"),
)


@dataclass(frozen=True, slots=True)
class Flight:
    time: str
    number: str
    airline: str
    destination: str
    country: str
    state: str
    is_late: bool
    weather: str


@dataclass(frozen=True, slots=True)
class Board:
    """Flights in Persian; which releases they came from, whom to name for them, and what they cost."""

    airport: str  # "" where there is none
    flights: tuple[Flight, ...]
    releases: Mapping[str, int]
    sources: tuple[str, ...]
    points: int


async def read_board(gsb: AsyncClient, iata: str, day: date, hour: int) -> Board:
    """The board of an airport from an hour of its own clock on."""
    airport = await anext(gsb.dataset("aviation.airports").where(iata=iata).select("city", "timezone").pages())
    if not airport.rows:
        return Board("", (), {"aviation/airports": airport.receipt[0].release}, (), 0)
    begin = datetime.combine(day, time(hour), ZoneInfo(airport.rows[0]["timezone"])).astimezone(UTC)
    flights = (
        gsb.dataset("transport.flights")
        .where(origin=iata, time_hour={"gte": begin, "lt": begin + timedelta(hours=HOURS)})
        .order_by("time_hour")
        .limit(FLIGHTS_MAX)
        .select(*FIELDS)
    )
    pages = [airport] + [page async for page in flights.pages()]
    receipts = [receipt for page in pages for receipt in page.receipt]
    return Board(
        airport=airport.rows[0]["city"],
        flights=tuple(sorted((_flight(row) for page in pages[1:] for row in page.rows), key=lambda one: one.time)),
        releases={f"{one.agency}/{one.dataset}": one.release for one in receipts},
        sources=tuple(sorted({one.attribution for one in receipts})),
        points=sum(page.cost.actual for page in pages if page.cost),
    )


def persian(number: object) -> str:
    """With Persian digits."""
    return str(number).translate(DIGITS)


def persian_date(day: date) -> str:
    """۱۱ اسفند ۱۳۹۱"""
    year = day.year - 621
    year -= jalali(f"{year}-01-01") > day
    passed = (day - jalali(f"{year}-01-01")).days
    month, of_month = divmod(passed, 31) if passed < 186 else divmod(passed - 186, 30)
    return persian(f"{of_month + 1} {MONTHS[month + 6 * (passed >= 186)]} {year}")


def _flight(row: Mapping[str, Any]) -> Flight:
    destination: Mapping[str, Any] = row["dest_airport"] or NOTHING
    scheduled = row["sched_dep_time"]
    return Flight(
        time=persian(f"{scheduled[:2]}:{scheduled[2:]}"),
        number=f"{row['carrier']} {row['flight']}",
        airline=(row["airline"] or NOTHING).get("name") or row["carrier"],
        destination=destination.get("city") or row["dest"],
        country=(destination.get("country") or NOTHING).get("name_fa") or "؟",
        state=_state(row["dep_time"], row["dep_delay"]),
        is_late=row["dep_time"] is None or (row["dep_delay"] or 0) > 15,
        weather=_weather(row["weather"] or NOTHING),
    )


def _state(departed: str | None, delay: int | None) -> str:
    if departed is None or delay is None:
        return "لغو شد"
    return f"{persian(delay)} دقیقه دیرتر" if delay > 0 else "به‌موقع"


def _weather(weather: Mapping[str, Any]) -> str:
    """Degrees Celsius and km/h; the source has Fahrenheit and miles."""
    parts: list[str] = []
    if weather.get("temp") is not None:
        celsius = round((weather["temp"] - 32) / 1.8)
        parts.append(f"{abs(celsius)} درجه" + (" زیر صفر" if celsius < 0 else ""))
    if weather.get("wind_speed") is not None:
        parts.append(f"باد {weather['wind_speed'] * 1.609:.0f} کیلومتر در ساعت")
    return persian("، ".join(parts))
