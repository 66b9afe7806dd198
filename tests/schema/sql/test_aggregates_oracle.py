"""Random aggregates over random rows, against sums that Python makes of the same rows with fractions."""

import csv
import io
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cmp_to_key
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import pytest
from tests.schema.conftest import asking
from tests.schema.worlds import COMMON, declare, release

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.ingest import jalali
from publicgsb.platform.kernel.database import Connections

Row: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[Any, ...]
Group: TypeAlias = tuple[Key, Row]

QUERIES = 100
SAMPLES = (
    COMMON
    + """
agency: lab
dataset: samples
recordName: Sample
title: { fa: "نمونه‌ها", en: "Samples" }
fields:
  - { name: city, type: string, label: { fa: "شهر", en: "City" }, filters: [eq, in, startsWith, isNull] }
  - { name: flag, type: boolean, label: { fa: "پرچم", en: "Flag" }, filters: [eq, isNull] }
  - { name: small, type: integer, label: { fa: "کوچک", en: "Small" }, filters: [range, isNull] }
  - { name: big, type: integer, label: { fa: "بزرگ", en: "Big" }, constraints: { maximum: 9223372036854775807 } }
  - { name: ratio, type: number, label: { fa: "نسبت", en: "Ratio" }, filters: [range] }
  - { name: price, type: number, format: decimal, label: { fa: "بها", en: "Price" }, filters: [range] }
  - { name: day, type: date, label: { fa: "روز", en: "Day" }, filters: [range, isNull] }
  - { name: at, type: datetime, label: { fa: "زمان", en: "At" } }
  - { name: born, type: year, label: { fa: "سال", en: "Born" } }
aggregates:
  dimensions: [city, flag, small, big, day, at, born]
  measures: [small, big, ratio, price]
"""
)
MEASURES = ("small", "big", "ratio", "price")
COUNTED = (*MEASURES, "city", "day", "at", "flag")
FLOATS = ("0.1", "0.2", "-0.3", "1e308", "1.7e308", "-1.7e308", "5e-324", "1e-300", "12.5", "3", "0")


def make_rows(random: Random) -> list[Row]:
    def maybe(value: Any) -> Any:
        return None if random.random() < 0.15 else value

    return [
        {
            "city": maybe(random.choice(["تهران", "یزد", "Yazd", "yazd", "a b"])),
            "flag": maybe(random.random() < 0.5),
            "small": maybe(random.choice([2**31 - 1, -(2**31), *range(-3, 4)])),
            "big": maybe(random.choice([2**63 - 1, -(2**63), 0, 7])),
            "ratio": maybe(float(random.choice(FLOATS[:3] if random.random() < 0.7 else FLOATS))),
            "price": maybe(Decimal(random.choice(["0.10", "99999999999999999999.99", "-1", "0.005", "3.333"]))),
            "day": maybe(date(2024, 1, 1) + timedelta(days=random.randrange(-40_000, 40_000, 61))),
            "at": maybe(datetime(2025, 3, 20, 20, tzinfo=UTC) + timedelta(hours=random.randrange(-30, 30))),
            "born": maybe(random.choice([1380, 1381])),
        }
        for _ in range(400)
    ]


def as_csv(rows: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    for row in rows:
        writer.writerow({name: str(value).lower() if name == "flag" and value is not None else value
                         for name, value in row.items()})  # fmt: skip
    return out.getvalue()


def by_day(value: date | None, grain: str) -> Any:
    if value is None:
        return None
    day = value.date() if isinstance(value, datetime) else value
    year, month, _ = jalali.from_date(day)
    return {
        "Day": day.isoformat(),
        "Month": f"{day:%Y-%m}",
        "Year": day.year,
        "JalaliMonth": f"{year}-{month:02}",
        "JalaliYear": year,
    }[grain]


@dataclass(frozen=True)
class By:
    name: str
    api_name: str
    of: Callable[[Row], Any]


def _dates(column: str) -> list[By]:
    def of(grain: str) -> Callable[[Row], Any]:
        return lambda row: by_day(row[column], grain)

    grains = {
        "DAY": "Day",
        "MONTH": "Month",
        "YEAR": "Year",
        "JALALI_MONTH": "JalaliMonth",
        "JALALI_YEAR": "JalaliYear",
    }
    return [By(f"{column.upper()}_{name}", column + grain, of(grain)) for name, grain in grains.items()]


def _plain(column: str) -> By:
    return By(column.upper(), column, lambda row: row[column])


BYS = [*map(_plain, ("city", "flag", "small", "big", "born")), *_dates("day"), *_dates("at")]
WHERES: list[tuple[str, Callable[[Row], bool]]] = [
    ("", lambda row: True),
    ('where: {city: {in: ["یزد", "Yazd"]}}', lambda row: row["city"] in ("یزد", "Yazd")),
    ('where: {city: {startsWith: "y"}}', lambda row: bool(row["city"]) and row["city"].startswith("y")),
    ("where: {city: {isNull: true}}", lambda row: row["city"] is None),
    ("where: {not: {flag: {eq: true}}}", lambda row: row["flag"] is not True),
    ("where: {small: {gte: -3, lt: 3}}", lambda row: row["small"] is not None and -3 <= row["small"] < 3),
    ('where: {price: {gt: "0.1"}}', lambda row: row["price"] is not None and row["price"] > Decimal("0.1")),
    ('where: {day: {lt: "1999-12-31"}}', lambda row: row["day"] is not None and row["day"] < date(1999, 12, 31)),
    (
        "where: {or: [{flag: {eq: false}}, {ratio: {lte: 0}}]}",
        lambda row: row["flag"] is False or (row["ratio"] is not None and row["ratio"] <= 0),
    ),
    ('where: {city: {eq: "nowhere"}}', lambda row: False),
]


def exact(row: Row, column: str) -> Fraction:
    value = row[column]
    return Fraction(Decimal(repr(value))) if isinstance(value, float) else Fraction(value)


def figures(rows: list[Row]) -> Row:
    found: Row = {"count": len(rows), "countDistinct": {}, "sum": {}, "avg": {}, "min": {}, "max": {}}
    for column in COUNTED:
        found["countDistinct"][column] = len({row[column] for row in rows} - {None})
    for column in MEASURES:
        values = [exact(row, column) for row in rows if row[column] is not None]
        found["sum"][column] = sum(values) if values else None
        found["avg"][column] = sum(values) / len(values) if values else None
        found["min"][column] = min(values, default=None)
        found["max"][column] = max(values, default=None)
    return found


def key_order(a: Key, b: Key, *, is_descending: bool) -> int:
    for x, y in zip(a, b, strict=True):
        if x == y:
            continue
        if x is None or y is None:
            return 1 if x is None else -1
        return (-1 if x < y else 1) * (-1 if is_descending else 1)
    return 0


def agrees(shown: Any, value: Fraction | None, *, column: str, part: str) -> bool:
    is_float = column == "ratio" or (part == "avg" and column != "price")
    if value is None or (is_float and abs(value) > Fraction(sys.float_info.max)):
        return shown is None
    if is_float:
        return isinstance(shown, (int, float)) and math.isclose(shown, float(value), rel_tol=2**-52, abs_tol=5e-324)
    if part == "avg":
        return abs(Fraction(Decimal(shown)) - value) <= Fraction(1, 2 * 10**20)
    return isinstance(shown, int if column == "small" and part != "sum" else str) and Fraction(shown) == value


SELECTION = """totalGroups groups { %s count countDistinct { %s }
    sum { small big ratio price } avg { small big ratio price } min { small big ratio price }
    max { small big ratio price } }"""
CHOICES = ["KEY", "COUNT", *(f"{what}_{column.upper()}" for what in ("SUM", "AVG") for column in MEASURES)]
ORDERS = [f"{choice}_{direction}" for choice in CHOICES for direction in ("ASC", "DESC")]


_NEAR = Fraction(1, 10**15)


def expect(rows: list[Row], bys: list[By], order: str) -> list[Group]:
    grouped: dict[Key, list[Row]] = {} if bys else {(): []}
    for row in rows:
        grouped.setdefault(tuple(by.of(row) for by in bys), []).append(row)
    found = [(key, figures(members)) for key, members in grouped.items()]
    arrange(found, lambda group: group[0], is_descending=order == "KEY_DESC")
    what, _, rest = order.lower().partition("_")
    if what == "count":
        arrange(found, lambda group: (group[1]["count"],), is_descending=rest == "desc")
    elif what != "key":
        column, _, direction = rest.rpartition("_")
        arrange(found, lambda group: (group[1][what][column],), is_descending=direction == "desc")
    return found


def arrange(groups: list[Group], of: Callable[[Group], Key], *, is_descending: bool) -> None:
    def compare(a: Group, b: Group) -> int:
        return key_order(of(a), of(b), is_descending=is_descending)

    groups.sort(key=cmp_to_key(compare))


def out_of_order(shown: list[Key], wanted: list[Group], bys: list[By], order: str) -> list[tuple[Key, Key]]:
    """Pairs of shown keys, or of the last one and one that is not shown, that stand the wrong way round.

    The database divides to sixteen digits at least, so averages that are nearer to each other may pass for equal there.
    """
    column, _, direction = order.lower().removeprefix("avg_").rpartition("_")
    known = {_as_shown(bys, key): (key, figure["avg"][column]) for key, figure in wanted}
    assert len({*shown}) == len(shown) and {*shown} <= known.keys()

    def is_wrong(a: Key, b: Key) -> bool:
        (key_a, x), (key_b, y) = known[a], known[b]
        if x is not None and y is not None and x != y and abs(x - y) <= _NEAR * max(abs(x), abs(y)):
            return False
        by_value = key_order((x,), (y,), is_descending=direction == "desc")
        return (by_value or key_order(key_a, key_b, is_descending=False)) > 0

    pairs = [*pairwise(shown), *((shown[-1], one) for one in known.keys() - {*shown} if shown)]
    return [(a, b) for a, b in pairs if is_wrong(a, b)]


@pytest.mark.prove
async def test_aggregates_are_what_python_makes_of_the_same_rows(connections: Connections, state_dir: Path) -> None:
    seed = Random().randrange(10**9)
    print(f"seed {seed}")
    random = Random(seed)
    rows = make_rows(random)
    await add_agency(connections, "lab", Label("آزمایشگاه", "Lab"), "tests")
    await declare(connections, SAMPLES)
    outcome = await release(connections, state_dir, "lab/samples", as_csv(rows))
    assert outcome.release is not None, outcome.report.as_table("en")
    ask = asking(connections)
    for _ in range(QUERIES):
        bys, order = random.sample(BYS, random.randrange(4)), random.choice(ORDERS)
        where, keeps = random.choice(WHERES)
        first = random.choice([1, 5, 1000])
        call = f"groupBy: [{', '.join(by.name for by in bys)}], orderBy: {order}, first: {first} {where}"
        distinct = random.sample(COUNTED, 4)
        key = f"key {{ {' '.join(by.api_name for by in bys)} }}" if bys else ""
        answer = await ask(f"{{ lab {{ samplesAggregate({call}) {{ {SELECTION % (key, ' '.join(distinct))} }} }} }}")
        whole = answer["data"]["lab"]["samplesAggregate"]
        wanted = expect([row for row in rows if keeps(row)], bys, order)
        assert whole["totalGroups"] == len(wanted), call
        shown_keys = [tuple(group.get("key", {}).values()) for group in whole["groups"]]
        if bys and order.startswith("AVG"):
            assert (len(shown_keys), out_of_order(shown_keys, wanted, bys, order)) == (min(first, len(wanted)), []), (
                call
            )
        else:
            assert shown_keys == [_as_shown(bys, key) for key, _ in wanted[:first]], call
        known = {_as_shown(bys, key): figure for key, figure in wanted}
        for group, shown_key in zip(whole["groups"], shown_keys, strict=True):
            figure = known[shown_key]
            different = {column: figure["countDistinct"][column] for column in distinct}
            assert (group["count"], group["countDistinct"]) == (figure["count"], different), call
            for part in ("sum", "avg", "min", "max"):
                for column, value in group[part].items():
                    told = f"{call}: {part} {column} {value} for {figure[part][column]}"
                    assert agrees(value, figure[part][column], column=column, part=part), told


def test_averages_that_stand_the_wrong_way_round_are_found_and_nearer_ones_than_digits_are_not() -> None:
    bys = [_plain("city")]
    near = Fraction(1) + Fraction(1, 10**30)
    averages: dict[str, Fraction | None] = {"a": Fraction(1), "b": near, "c": Fraction(1), "d": Fraction(2), "e": None}
    wanted: list[Group] = [((city,), {"avg": {"ratio": value}}) for city, value in averages.items()]

    def wrong(cities: str, order: str = "AVG_RATIO_ASC") -> list[tuple[Key, Key]]:
        return out_of_order([(city,) for city in cities], wanted, bys, order)

    assert wrong("abcde") == wrong("acbde") == wrong("bacde") == wrong("dabce", "AVG_RATIO_DESC") == wrong("acb") == []
    assert wrong("cabde") == [(("c",), ("a",))]  # equal ones follow their key
    assert wrong("adbce") == [(("d",), ("b",))]
    assert wrong("abced") == [(("e",), ("d",))]
    assert sorted(wrong("bd")) == [(("d",), ("a",)), (("d",), ("c",))]  # what is left out would come before


def _as_shown(bys: list[By], key: Key) -> Key:
    """64-bit numbers leave as strings; `big` is the only dimension that has them."""
    is_wide = [by.name == "BIG" for by in bys]
    return tuple(str(part) if wide and part is not None else part for wide, part in zip(is_wide, key, strict=True))
