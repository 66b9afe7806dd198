"""The rows of the oracle's world but those of its places: nulls, equal values, and what lies at the edge of a type."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

TEXTS = ("تهران", "تبریز", "یزد", "يزد", "آمل", "Zürich", "zürich", "", "٪٪", "a'b\"c", "\\n", "💧", "00", "0", "ته")
BIG = (0, -1, 9_007_199_254_740_993, 9_223_372_036_854_775_807, -9_223_372_036_854_775_808)
EXACT = ("0", "10.50", "10.5", "-3.250", "99999999999999999999.99", "0.0000001")
FLOATS = (0.0, 0.1, -2.5, 4055.0, 1e300, 5e-324, 1 / 3)
MOMENTS = (
    datetime(2026, 1, 1, 6, tzinfo=UTC),
    datetime(2026, 1, 2, 8, 30, 0, 123456, tzinfo=UTC),
    datetime(2026, 1, 2, 8, 30, 0, 120000, tzinfo=UTC),
    datetime(1979, 2, 11, 23, 59, 59, 999999, tzinfo=UTC),
)
DAYS = tuple(date(2026, 3, 19) + timedelta(days=step) for step in range(4))
SUBJECTS = ("ریاضی", "شیمی", "art")


def maybe(dice: random.Random, values: tuple[Any, ...]) -> Any:
    return None if dice.random() < 0.25 else dice.choice(values)


def province_rows(dice: random.Random, count: int) -> list[dict[str, Any]]:
    codes = [f"{number:02}" for number in range(1, count + 1)]
    dice.shuffle(codes)
    return [
        {
            "code": code,
            "name": maybe(dice, TEXTS),
            "population": maybe(dice, BIG),
            "area": maybe(dice, tuple(map(Decimal, EXACT))),
            "parent_code": maybe(dice, ("01", "02", "77", code)),
            "register_code": maybe(dice, ("r1", "r2", "r9")),
        }
        for code in codes
    ]


def school_rows(dice: random.Random, count: int, *, is_late: bool) -> list[dict[str, Any]]:
    numbers = [None if dice.random() < 0.2 else number for number in [*BIG, *range(100, 100 + count)]][:count]
    codes = [f"{number:04}" for number in range(count)]
    dice.shuffle(codes)
    rows = []
    for place, code in enumerate(codes):
        row = {
            "code": code,
            "registry_no": numbers[place],
            "name": dice.choice(TEXTS) or "بی‌نام",
            "province_code": maybe(dice, ("01", "02", "03", "1", "99")),
            "founded": maybe(dice, (*DAYS, date(1, 1, 1), date(9999, 12, 31))),
            "opened_year": maybe(dice, (1357, 1979, 2026)),
            "rating": maybe(dice, FLOATS),
            "pupils": maybe(dice, (0, 7, 7, -2147483648, 2147483647)),
            "is_public": maybe(dice, (True, False)),
            "budget": maybe(dice, tuple(map(Decimal, EXACT))),
            "updated_at": maybe(dice, MOMENTS),
        }
        if is_late:
            row |= {"badge": None if place % 3 else f"ب{place}", "twin_code": maybe(dice, (code, "0000", "0001"))}
        rows.append(row)
    return rows


def exam_rows(dice: random.Random, count: int) -> list[dict[str, Any]]:
    keys = [(f"{school:04}", day, subject) for school in range(0, 44, 3) for day in DAYS for subject in SUBJECTS]
    return [
        {
            "school_code": school,
            "held_on": day,
            "subject": subject,
            "score": maybe(dice, (*FLOATS, 12.75)),
            "is_final": maybe(dice, (True, False)),
        }
        for school, day, subject in dice.sample(keys, count)
    ]


def note_rows(dice: random.Random, count: int) -> list[dict[str, Any]]:
    return [
        {
            "text": maybe(dice, TEXTS),
            "school_code": f"{dice.choice((0, 3, 6, 9)):04}",
            "held_on": maybe(dice, DAYS),
            "subject": maybe(dice, SUBJECTS),
            "writer_no": maybe(dice, (*BIG, 100, 101, 999)),
        }
        for _ in range(count)
    ]
