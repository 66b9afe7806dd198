"""A small world of three agencies that schema tests ask: countries, airports (with nulls) and flights."""

from pathlib import Path

from publicgsb.datasets.agencies.service import add_agency, add_dataset
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.yaml import read_text
from publicgsb.datasets.releases.model import Outcome
from publicgsb.datasets.releases.service import release_file
from publicgsb.platform.kernel.database import Connections

COMMON = """
version: "1.0.0"
description: { fa: "نمونه", en: "Sample" }
access: open
licence: CC0-1.0
attribution: "Made by hand"
source: { name: "Hand-made", year: 2026 }
theme: transport
cadence: once
contact: tests@publicgsb.example
"""

COUNTRIES = (
    COMMON
    + """
agency: geo
dataset: countries
recordName: Country
title: { fa: "کشورها", en: "Countries" }
primaryKey: [code]
orderings: [name]
fields:
  - { name: code, type: string, label: { fa: "کد", en: "Code" }, constraints: { required: true }, filters: [eq, in] }
  - { name: name, type: string, label: { fa: "نام", en: "Name" }, constraints: { required: true }, filters: [eq] }
  - { name: population, type: integer, label: { fa: "جمعیت", en: "Population" }, constraints: { maximum: 9000000000 }, filters: [range] }
"""
)

AIRPORTS = (
    COMMON
    + """
agency: air
dataset: airports
recordName: Airport
title: { fa: "فرودگاه‌ها", en: "Airports" }
primaryKey: [icao]
uniqueKeys: [[iata]]
orderings: [city, elevation]
search: [city, icao]
fields:
  - { name: icao, type: string, label: { fa: "ایکائو", en: "ICAO" }, constraints: { required: true }, filters: [eq, in, startsWith] }
  - { name: iata, type: string, label: { fa: "یاتا", en: "IATA" }, filters: [eq, in, isNull] }
  - { name: city, type: string, label: { fa: "شهر", en: "City" }, filters: [eq, in, startsWith, contains, isNull] }
  - { name: elevation, type: number, label: { fa: "ارتفاع", en: "Elevation" }, unit: feet, filters: [range, isNull] }
  - { name: country_code, type: string, label: { fa: "کشور", en: "Country" }, constraints: { required: true }, filters: [eq] }
  - { name: opened, type: date, label: { fa: "گشایش", en: "Opened" }, filters: [range] }
  - { name: is_public, type: boolean, label: { fa: "عمومی", en: "Public" }, filters: [eq] }
  - { name: manager, type: string, label: { fa: "مدیر", en: "Manager" }, access: withheld, legalGround: "IR-FOI-14" }
links:
  - { name: country, fields: [country_code], to: geo/countries, toFields: [code], reverse: airports, label: { fa: "کشور", en: "Country" } }
aggregates:
  dimensions: [city, country_code, opened, is_public]
  measures: [elevation]
"""
)

FLIGHTS = (
    COMMON
    + """
agency: fly
dataset: flights
recordName: Flight
title: { fa: "پروازها", en: "Flights" }
primaryKey: [day, number]
orderings: [delay]
fields:
  - { name: day, type: date, label: { fa: "روز", en: "Day" }, constraints: { required: true }, filters: [eq, range] }
  - { name: number, type: integer, label: { fa: "شماره", en: "Number" }, constraints: { required: true }, filters: [eq, range] }
  - { name: origin, type: string, label: { fa: "مبدأ", en: "Origin" }, constraints: { required: true }, filters: [eq] }
  - { name: dest, type: string, label: { fa: "مقصد", en: "Destination" }, filters: [eq] }
  - { name: delay, type: integer, label: { fa: "تأخیر", en: "Delay" }, unit: minutes, filters: [range, isNull] }
  - { name: left_at, type: datetime, label: { fa: "زمان", en: "Left at" }, filters: [range] }
  - { name: fare, type: number, format: decimal, label: { fa: "بها", en: "Fare" }, filters: [range] }
links:
  - { name: originAirport, fields: [origin], to: air/airports, toFields: [icao], reverse: departures, label: { fa: "مبدأ", en: "Origin" } }
  - { name: destAirport, fields: [dest], to: air/airports, toFields: [icao], reverse: arrivals, label: { fa: "مقصد", en: "Destination" } }
aggregates:
  dimensions: [day, number, origin, dest, left_at]
  measures: [delay, fare, number]
"""
)

COUNTRY_ROWS = "code,name,population\nIR,ایران,90000000\nTR,Türkiye,85000000\nZZ,Nowhere,\n"

AIRPORT_ROWS = """icao,iata,city,elevation,country_code,opened,is_public
OIIE,IKA,تهران,3305,IR,2004-05-08,true
OIII,THR,تهران,3962,IR,1938-01-01,true
OIYY,AZD,یزد,4055,IR,,true
OIZZ,,,,IR,,false
LTFM,IST,İstanbul,325,TR,2018-10-29,true
XXXX,,Nowhere,12.5,QQ,,
"""

FLIGHT_ROWS = """day,number,origin,dest,delay,left_at,fare
2026-01-01,1,OIIE,LTFM,5,2026-01-01T06:00:00Z,10.50
2026-01-01,2,OIIE,OIYY,,2026-01-01T07:00:00Z,99999999999999.99
2026-01-02,1,OIYY,OIIE,-3,2026-01-02T06:00:00Z,
2026-01-02,2,LTFM,OIIE,61,2026-01-02T08:30:00.123456Z,1
2026-01-03,1,OIIE,NOPE,0,,2.25
"""

AGENCIES = (("geo", "جغرافیا", "Geography"), ("air", "هوانوردی", "Aviation"), ("fly", "پرواز", "Flights"))
DATASETS = ((COUNTRIES, COUNTRY_ROWS), (AIRPORTS, AIRPORT_ROWS), (FLIGHTS, FLIGHT_ROWS))
# Records as large as the text that they are given.
NOTES = (
    COMMON
    + """
agency: air
dataset: notes
recordName: Note
title: { fa: "یادداشت‌ها", en: "Notes" }
primaryKey: [code]
fields:
  - { name: code, type: string, label: { fa: "کد", en: "Code" }, constraints: { required: true } }
  - { name: text, type: string, label: { fa: "متن", en: "Text" } }
"""
)


async def declare(connections: Connections, contract: str) -> None:
    await add_dataset(connections, parse(read_text(contract, "contract")), "tests")


async def release(connections: Connections, folder: Path, dataset: str, rows: str) -> Outcome:
    file = folder / "rows.csv"
    file.write_text(rows, encoding="utf-8")
    agency, slug = dataset.split("/")
    return await release_file(connections, folder, agency, slug, file, "tests")


async def found(connections: Connections, folder: Path) -> None:
    """All three agencies with one release of each dataset."""
    for slug, fa, en in AGENCIES:
        await add_agency(connections, slug, Label(fa, en), "tests")
    for contract, rows in DATASETS:
        await declare(connections, contract)
        parsed = parse(read_text(contract, "contract"))
        outcome = await release(connections, folder, parsed.slug, rows)
        assert outcome.release is not None, outcome.report.as_table("en")
