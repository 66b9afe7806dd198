"""Places of the oracle's world: names in every spelling, points on the edges of the Earth, releases that came and went.

Each release is the one before it with a few edits, so that a change feed has few changes, many, and changes taken back.
"""

import random
from decimal import Decimal
from typing import Any

from tests.schema.oracle.declared import dataset, field, link

Rows = list[dict[str, Any]]

NAMES = (
    "علی آباد", "علی\u200cآباد", "علیآباد", "علي اباد بالا", "حسین آباد", "حسین آباد پایین", "مهدی\u200cآباد",
    "رضا آباد", "آباد", "اکبرآباد نو", "تهران", "ت\u0640هران", "تهرانپارس", "تهران کوچک", "شهرکرد", "شهر کرد",
    "شهر\u200cکرد ۲", "خمینی\u200cشهر", "خميني شهر", "قم", "قم رود", "ده نو", "ده ۱۲", "کهریز", "كهريز",
    "خانه\u200cی سبز", "خانهٔ سبز", "Zürich", "zurich 2", "مسئله", "مساله", "ابادی علی", "نهران", "تهارن", "٪ تهران 💧",
)  # fmt: skip
KINDS = ("شهر", "ده", "village", "Village")
CENTRES = (
    (35.7, 51.4, 200.0),
    (35.7, 51.4, 20.5),
    (35.700123, 51.400456, 0.7),
    (89.95, 10.0, 120.0),
    (-90.0, 0.0, 200.0),
    (0.0, 180.0, 199.5),
    (0.1, -179.95, 60.25),
    (10.0, 10.0, 1e-3),
)
OFF = ((91.0, 0.0, 5.0), (0.0, 180.5, 5.0), (0.0, 0.0, 0.0), (0.0, 0.0, 200.5), (0.0, 0.0, -1.0))


def documents() -> tuple[dict[str, Any], dict[str, Any]]:
    """The contract, and the next one, which can search, look around a place and count."""
    fields = [
        field("id", "integer", "eq", "in", "range", required=True),
        field("kind", "string", "eq", "in", "isNull"),
        field("lat", "number", "range"),
        field("lon", "number", format="decimal"),
    ]
    name = field("name", "string", "eq", "startsWith", "isNull")
    early = dataset("geo", "places", "Place", [*fields, name], primaryKey=["id"], orderings=["name"])
    more = [
        field("name", "string", "eq", "startsWith", "isNull", "contains"),
        field("aka", "string", "eq", "contains", "isNull", access="registered"),
        field("province_code", "string", "eq", "isNull"),
        field("height", "integer", "range", "isNull"),
    ]
    late = dataset(
        "geo",
        "places",
        "Place",
        [*fields, *more],
        version="1.1.0",
        primaryKey=["id"],
        orderings=["name", "height", {"name": "by_letter", "fields": ["kind", "name"], "alphabet": "persian"}],
        search=["name", "aka"],
        coordinates={"lat": "lat", "lon": "lon"},
        aggregates={"dimensions": ["kind", "province_code", "height", "id"], "measures": ["height", "lat", "lon"]},
        links=[link("province", ["province_code"], "geo/provinces", ["code"], "places")],
    )
    return early, late


def rows(dice: random.Random, count: int) -> Rows:
    return [_row(dice, number) for number in range(1, count + 1)]


def edited(dice: random.Random, before: Rows, edits: int) -> Rows:
    """Some rows gone, some new, some with another value, the others as they were; in another order."""
    by_id = {row["id"]: dict(row) for row in before}
    for _ in range(edits):
        chosen = dice.choice(sorted(by_id))
        match dice.choice(("gone", "new", "changed", "changed")):
            case "gone":
                del by_id[chosen]
            case "new":
                number = max(by_id) + dice.choice((1, 2))
                by_id[number] = _row(dice, number)
            case _:
                other = _row(dice, chosen)
                column = dice.choice(sorted(set(other) - {"id", "lat", "lon"}))
                by_id[chosen][column] = other[column]
    after = list(by_id.values())
    dice.shuffle(after)
    return after


def _row(dice: random.Random, number: int) -> dict[str, Any]:
    lat, lon = _point(dice)
    return {
        "id": number,
        "kind": dice.choice((None, *KINDS)),
        "name": dice.choice((None, *NAMES, *NAMES[:12])),
        "aka": dice.choice((None, None, *NAMES)),
        "province_code": dice.choice((None, "01", "02", "03", "77")),
        "height": dice.choice((None, -7, 0, 0, 1200, 2_147_483_647)),
        "lat": lat,
        "lon": lon,
    }


def _point(dice: random.Random) -> tuple[float | None, Decimal | None]:
    """Six digits drawn by lot: no two of them are as far from a centre as each other, but those that are one point."""
    if dice.random() < 0.1:
        return dice.choice(((None, None), (35.7, None), (None, Decimal("51.4"))))
    if dice.random() < 0.2:
        return dice.choice(((35.700123, Decimal("51.400456")), (35.7, Decimal("51.40")), (35.7, Decimal("51.4"))))
    lat, lon, _ = dice.choice(CENTRES)
    reach = dice.choice((0.004, 0.1, 1.5))
    return (
        round(min(90.0, max(-90.0, lat + dice.uniform(-reach, reach))), 6),
        Decimal(f"{(lon + dice.uniform(-reach, reach) + 180) % 360 - 180:.6f}"),
    )
