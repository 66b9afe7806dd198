"""What not everybody may read: a registered dataset with restricted fields, a restricted one, and one of cells only."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.schema.oracle.declared import big, dataset, field, link
from tests.schema.oracle.rows import BIG, FLOATS, MOMENTS, maybe

Document = dict[str, Any]
Rows = list[dict[str, Any]]

_CLOSED: dict[str, Any] = {"access": "restricted", "legalGround": "IR-PD-4.3"}


def wages() -> Document:
    """Registered as a whole; two of its fields need a grant, one of them is a key."""
    return dataset(
        "edu",
        "wages",
        "Wage",
        [
            field("id", "integer", "eq", "in", "range", required=True),
            field("school_code", "string", "eq", "isNull"),
            field("post", "string", "eq", "startsWith", "contains", "isNull", access="open"),
            field("pay", "number", "eq", "range", "isNull", format="decimal"),
            field("bonus", "integer", "eq", "range", "isNull", **_CLOSED),
            field("badge", "string", "eq", "isNull", **_CLOSED),
        ],
        access="registered",
        primaryKey=["id"],
        uniqueKeys=[["badge"]],
        orderings=["pay", "bonus", {"name": "by_letter", "fields": ["post"], "alphabet": "persian"}],
        search=["post"],
        aggregates={"dimensions": ["post", "bonus"], "measures": ["pay", "bonus"]},
        links=[link("school", ["school_code"], "edu/schools", ["code"], "wages")],
    )


def records() -> Document:
    """Restricted as a whole, and a way from wages to provinces."""
    return dataset(
        "old",
        "records",
        "Record",
        [
            field("id", "integer", "eq", required=True),
            field("wage_id", "integer", "eq"),
            field("province_code", "string", "eq"),
            field("title", "string", "eq", "isNull"),
        ],
        access="restricted",
        legalGround="IR-PD-4.3",
        primaryKey=["id"],
        orderings=["title"],
        aggregates={"dimensions": ["title"], "measures": []},
        links=[
            link("wage", ["wage_id"], "edu/wages", ["id"], "records"),
            link("province", ["province_code"], "geo/provinces", ["code"], "records"),
        ],
        shortcuts=[
            {"name": "archived", "from": "wage", "to": "province", "label": {"fa": "بایگانی", "en": "Archived"}}
        ],
    )


def pupils(*, is_late: bool = False) -> Document:
    """Aggregate-only; later with one more measure."""
    fields = [
        field("province_code", "string", "eq", "in", "isNull"),
        field("sex", "string", "eq", "isNull"),
        field("born", "date", "range", "isNull"),
        field("seen", "datetime", "range"),
        field("score", "number"),
        field("fee", "number", format="decimal"),
        field("days", "integer"),
        big("number"),
        field("name", "string", access="withheld", legalGround="IR-FOI-14"),
    ]
    measures = ["score", "fee", "days", "number"]
    if is_late:
        fields.append(field("weight", "number", format="decimal"))
        measures.append("weight")
    dimensions = [
        "province_code",
        "sex",
        {"column": "born", "grain": "jalaliMonth"},
        {"column": "seen", "grain": "month"},
    ]
    aggregates = {"dimensions": dimensions, "measures": measures, "only": True, "minCell": 2}
    return dataset("edu", "pupils", "Pupil", fields, aggregates=aggregates, version=f"1.{int(is_late)}.0")


# Rows ------------------------------------------------------------------------------------------------------


_POSTS = ("آموزگار", "اموزگار", "مدیر", "مدير", "معاون ۲", "معاون ۱۰", "سرایدار", "سرای دار", "Zürich", "art", "٪")


def wage_rows(dice: random.Random, count: int) -> Rows:
    return [
        {
            "id": number,
            "school_code": maybe(dice, ("0000", "0001", "0003", "99")),
            "post": maybe(dice, _POSTS),
            "pay": maybe(dice, (Decimal("10.50"), Decimal("10.5"), Decimal("0"), Decimal("-3.25"))),
            "bonus": maybe(dice, (0, 7, -7)),
            "badge": None if number % 3 else f"ن{number}",
        }
        for number in range(1, count + 1)
    ]


def record_rows(dice: random.Random, count: int) -> Rows:
    return [
        {
            "id": number,
            "wage_id": maybe(dice, (1, 2, 3, 99)),
            "province_code": maybe(dice, ("01", "02", "77")),
            "title": maybe(dice, _POSTS),
        }
        for number in range(1, count + 1)
    ]


def pupil_rows(dice: random.Random, count: int) -> Rows:
    """Few values to each dimension, so that many cells are large enough, and some days beyond either calendar."""
    days = tuple(date(2026, 3, 15) + timedelta(days=5 * step) for step in range(4))
    return [
        {
            "province_code": maybe(dice, ("01", "02")),
            "sex": dice.choice(("f", "m", "m", None)),
            "born": dice.choice((*days, *days, date(1600, 5, 5), None)),
            "seen": dice.choice((MOMENTS[0], MOMENTS[1], datetime(2026, 2, 1, tzinfo=UTC))),
            "score": maybe(dice, FLOATS),
            "fee": maybe(dice, (Decimal("10.50"), Decimal("10.5"), Decimal("0.0000001"), Decimal("-3.250"))),
            "days": maybe(dice, (0, 7, -2147483648, 2147483647)),
            "number": maybe(dice, BIG),
            "weight": maybe(dice, (Decimal("1"), Decimal("2.50"))),
        }
        for _ in range(count)
    ]
