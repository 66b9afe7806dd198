"""What must come out: one question to the endpoint with its answer, and what the files hold, column by column."""

import csv
import hashlib
import io
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx2

from tests.compat.columns import told

QUESTION = (Path(__file__).parent / "question.graphql").read_text(encoding="utf-8")
VARIABLES = {"country": "086", "village": "0007020001004889", "hour": "2013-01-01T06:00:00Z"}

# Codes with their zeros, a Persian name with a joiner that is not seen (U+200C), an emoji of two characters, missing
# values, all digits of a double, a moment, a sum that travels as text.
ANSWER: dict[str, Any] = {
    "standards": {
        "country": {
            "numeric": "086",
            "nameFa": "مستعمره\u200cهای انگلستان در اقیانوس هند",
            "commonName": None,
            "flag": "🇮🇴",
        }
    },
    "interior": {
        "village": {
            "code": "0007020001004889",
            "name": "آغچه بلاغ",
            "diag": None,
            "province": {"code": "00", "name": "مرکزی"},
        }
    },
    "meteorology": {
        "weatherHour": {
            "timeHour": "2013-01-01T06:00:00+00:00",
            "temp": 39.02,
            "windSpeed": 10.357019999999999,
            "windGust": None,
        }
    },
    "transport": {
        "flightsAggregate": {
            "groups": [
                {
                    "key": {"carrier": "UA"},
                    "count": 58665,
                    "sum": {"distance": "89705524"},
                    "avg": {"arrDelay": 3.5580111453393792},
                }
            ]
        }
    },
}

VILLAGES, WEATHER, COUNTRIES = "interior/villages", "meteorology/weather", "standards/countries"
DATASETS = (VILLAGES, WEATHER, COUNTRIES)
_MOMENTS = {WEATHER: {"time_hour"}}
_NUMBERS = {
    WEATHER: {
        *("year", "month", "day", "hour", "temp", "dewp", "humid"),
        *("wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"),
    }
}


# What is counted in the sources themselves: column, values, missing, with a zero first, with a joiner.
FACTS = {
    VILLAGES: (("code", 98100, 0, 51892, 0), ("name", 98100, 0, 0, 197), ("diag", 98100, 94185, 0, 0)),
    WEATHER: (("time_hour", 26115, 0, 0, 0), ("wind_gust", 26115, 20778, 0, 0)),
    COUNTRIES: (("numeric", 249, 0, 30, 0), ("name_fa", 249, 1, 0, 8), ("common_name", 249, 238, 0, 0)),
}


def of_csv(dataset: str, text: str, *, digits: int = 17) -> dict[str, str]:
    """What a CSV of `dataset` holds, as `columns.told` tells it; an empty cell is a missing value in all three.

    17 digits tell any two numbers apart; fewer are for what writes fewer.
    """
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    return told({name: [as_value(dataset, name, cell, digits) for cell in cells] for name, cells in columns.items()})


def as_value(dataset: str, name: str, cell: str, digits: int = 17) -> object:
    """A cell of a file without types as what the contract says it is."""
    if cell == "":
        return None
    if name in _MOMENTS.get(dataset, set()):
        return datetime.fromisoformat(cell)
    return float(f"{float(cell):.{digits}g}") if name in _NUMBERS.get(dataset, set()) else cell


@cache
def released_csv(url: str, dataset: str) -> str:
    """The CSV of the current release, which has the listed hash."""
    agency, slug = dataset.split("/")
    path = f"/api/v1/agencies/{agency}/datasets/{slug}/releases/latest/files"
    listed = httpx2.get(f"{url}{path}", timeout=60).json()["csv"]
    content = httpx2.get(listed["url"], timeout=60).content
    assert hashlib.sha256(content).hexdigest() == listed["sha256"]
    return content.decode()


@cache
def released(url: str, dataset: str, *, digits: int = 17) -> dict[str, str]:
    """What it holds, read by Python's own reader."""
    found = of_csv(dataset, released_csv(url, dataset), digits=digits)
    for name, values, missing, zeros, joiners in FACTS[dataset]:
        fact = f"{values} values, {missing} missing, {zeros} with a zero first, {joiners} with a joiner, "
        assert found[name].startswith(fact), (dataset, name, found[name])
    return found


def write(folder: Path) -> None:
    """The question and its variables, as the page's reader has them."""
    (folder / "question.graphql").write_text(QUESTION, encoding="utf-8")
    (folder / "variables.json").write_text(json.dumps(VARIABLES), encoding="utf-8")
