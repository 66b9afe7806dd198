"""What is near me? The towns and airports around a city, nearest first, with their Persian names.

    python examples/what_is_near_me.py یزد 60

Four agencies answer: mapping (towns), aviation (airports), standards (countries and provinces) and interior (the
province in Persian), all in one call. Needs PGSB_URL and PGSB_API_KEY.
"""

import sys
from typing import Any

from publicgsb_sdk import Client

DIGITS = str.maketrans("0123456789.,", "۰۱۲۳۴۵۶۷۸۹٫٬")
UNKNOWN: dict[str, Any] = {"name": None, "nameFa": None}  # the other end of a link that found none

WHERE = """query Where($name: String!) {
  mapping { cities(search: $name, first: 1) { nodes { name nameFa latitude longitude } } }
}"""

AROUND = """query Around($here: NearPoint!) {
  mapping {
    cities(near: $here, first: 8) {
      totalCount
      edges {
        distanceKm
        node {
          name nameFa population
          isoCountry { nameFa }
          subdivision { name provinces(first: 1) { nodes { name } } }
        }
      }
    }
  }
  aviation {
    airports(near: $here, first: 4) { edges { distanceKm node { icao name country { nameFa } } } }
  }
}"""


def persian(number: float) -> str:
    return f"{number:,.0f}".translate(DIGITS)


def joined(*names: str | None) -> str:
    return "، ".join(name for name in names if name)


def place(town: dict[str, Any]) -> str:
    """With the province in Persian where the interior agency knows it, else as ISO has it, and the country."""
    subdivision, country = town["subdivision"], town["isoCountry"]
    provinces = subdivision["provinces"]["nodes"] or [subdivision] if subdivision else [UNKNOWN]
    return joined(town["nameFa"] or town["name"], provinces[0]["name"], (country or UNKNOWN)["nameFa"])


def main(name: str = "یزد", km: str = "60") -> int:
    with Client() as gsb:
        found = gsb.graphql(WHERE, {"name": name}).complete().data["mapping"]["cities"]["nodes"]
        if not found:
            print(f"شهری به نام «{name}» پیدا نشد.", file=sys.stderr)
            return 1
        here = {"lat": found[0]["latitude"], "lon": found[0]["longitude"], "withinKm": float(km)}
        answer = gsb.graphql(AROUND, {"here": here}).complete()
    towns, airports = answer.data["mapping"]["cities"], answer.data["aviation"]["airports"]
    many = "بیش از ۱۰٬۰۰۰" if towns["totalCount"] is None else persian(towns["totalCount"])
    print(f"{many} شهر و آبادی تا {persian(float(km))} کیلومتری {found[0]['nameFa'] or found[0]['name']}")
    for edge in towns["edges"]:
        town = edge["node"]
        print(f"  {persian(edge['distanceKm'])} کیلومتر: {place(town)} ({persian(town['population'])} نفر)")
    for edge in airports["edges"]:
        airport = edge["node"]
        label = joined(f"{airport['name']} ({airport['icao']})", (airport["country"] or UNKNOWN)["nameFa"])
        print(f"  {persian(edge['distanceKm'])} کیلومتر: فرودگاه {label}")
    print("منبع‌ها: " + "؛ ".join(sorted({receipt.attribution for receipt in answer.receipt})))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:3]))
