"""Synthetic values: each by the seed, its dataset, its column and its row, so that none depends on another's.

Half of what goes wrong with real data is in here on purpose: leading zeros, two spellings of one name, half-spaces,
nulls wherever they are allowed, numbers that no float holds, moments with fractions of a second.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from publicgsb_sdk.contract import FieldType
from publicgsb_sdk.testing.model import Column, MockContract
from publicgsb_sdk.testing.patterns import matching
from publicgsb_sdk.testing.refusals import MockSetup
from publicgsb_sdk.testing.rows import compared
from publicgsb_sdk.testing.values import read_day, read_moment, read_value

NULL_EVERY = 8  # rows, in a column that allows nulls
TRIES_MAX = 200
LAT, LON = (25.0, 40.0), (44.0, 63.0)  # Iran, roughly
PLACES = ("تهران", "اصفهان", "علی‌آباد", "علي‌اباد", "کاشان", "كاشان", "شهرکرد", "آمل", "یزد", "خرّم‌آباد", "بندر عباس")
WORDS = ("دانش‌آموزان", "شرکت", "مرکزی", "نو", "پارس", "۱۲", "سبز", "خانهٔ", "بهار", "ایران")
LATIN = ("Central", "North", "Green", "Pars", "New", "Spring", "River", "Old", "Institute", "Station")
CODE = re.compile(r"(?:^|_)(?:id|code|key|number|no|tail|ref)$")


class Maker:
    """Values of one dataset's columns."""

    def __init__(
        self,
        contract: MockContract,
        seed: int | str,
        records: int,
        narrower: Mapping[str, Sequence[Column]] = MappingProxyType({}),
    ) -> None:
        """`narrower`: by column, those of other datasets that hold its values too, and may allow fewer of them."""
        self._contract = contract
        self._narrower = narrower
        self._seed = f"{seed}/{contract.id}"
        self._width = max(4, len(str(records)) + 1)
        self._keys = {name for key in contract.keys for name in key.columns}

    def value(self, column: Column, row: int, attempt: int = 0) -> Any:
        """Allowed by the contract. Another attempt is another value. Raises MockSetup where none can be found."""
        if not column.is_required and self.is_null(column.name, row):
            return None
        others = [one for one in self._narrower.get(column.name, ()) if one.type is column.type]
        for further in range(TRIES_MAX):
            dice = self.dice(column.name, row, attempt * TRIES_MAX + further)
            by = dice.choice([column, *others])
            value = self._made(replace(column, values=by.values, bounds=by.bounds), dice, row, attempt + further)
            is_late = further >= TRIES_MAX // 2  # what others allow is wanted, what the contract allows is needed
            if is_allowed(column, value) and (is_late or all(is_allowed(one, value) for one in others)):
                return value
        raise MockSetup(
            f"No value was found for {self._contract.id}.{column.name} that its contract allows.",
            hint=f'Bring rows of your own: rows={{"{self._contract.agency}.{self._contract.dataset}": […]}}.',
        )

    def is_null(self, name: str, row: int) -> bool:
        """Of what may be: so that eight rows have one in each column."""
        return (row + self.dice("null", name).randrange(NULL_EVERY)) % NULL_EVERY == 0

    def dice(self, *of: Any) -> random.Random:
        """Always the same for the same thing."""
        return random.Random("/".join(map(str, (self._seed, *of))))  # noqa: S311 - made-up data hold no secret

    def _made(self, column: Column, dice: random.Random, row: int, attempt: int) -> Any:
        if column.values:
            return dice.choice(column.values)
        if column.bounds.pattern is not None:
            return matching(column.bounds.pattern, dice)
        if self._contract.coordinates and column.name in self._contract.coordinates:
            within = LAT if column.name == self._contract.coordinates[0] else LON
            return read_value(column.type, f"{dice.uniform(*within):.5f}")
        if column.type is FieldType.STRING:
            return self._text(column, dice, row, attempt)
        return MAKERS[column.type](column, dice)

    def _text(self, column: Column, dice: random.Random, row: int, attempt: int) -> str:
        if column.name in self._keys or CODE.search(column.name):
            text = f"{(row + 1 + attempt * 7919) % 10**self._width:0{self._width}d}"
            return text[-(column.bounds.length_most or len(text)) :].rjust(column.bounds.length_least or 0, "0")
        if column.name.endswith("_en"):
            text = f"{dice.choice(LATIN)} {dice.choice(LATIN)}"
        else:
            text = f"{dice.choice(PLACES)} {dice.choice(WORDS)}"
        return text[: column.bounds.length_most].ljust(column.bounds.length_least or 0, "ا")


def is_allowed(column: Column, value: Any) -> bool:
    """Whether the column may hold the value, which is no null."""
    bounds = column.bounds
    if column.values and value not in column.values:
        return False
    if column.type in (FieldType.STRING, FieldType.BOOLEAN):
        is_long = column.type is FieldType.STRING and len(value) > (bounds.length_most or len(value))
        return not is_long and (bounds.pattern is None or re.fullmatch(bounds.pattern, str(value)) is not None)
    least = bounds.least is None or compared(column, value) >= compared(column, bounds.least)
    return least and (bounds.most is None or compared(column, value) <= compared(column, bounds.most))


def _range(column: Column, least: int, most: int) -> tuple[int, int]:
    """The contract's bounds, or those given; a contract with one bound reaches as far from it."""
    low = None if column.bounds.least is None else int(compared(column, column.bounds.least))
    high = None if column.bounds.most is None else int(compared(column, column.bounds.most))
    if low is None:
        low = least if high is None or least <= high else high - (most - least)
    if high is None:
        high = most if low <= most else low + (most - least)
    return low, max(low, high)


def _day(column: Column, dice: random.Random) -> date:
    least, most = read_day(column.bounds.least or "2000-01-01"), read_day(column.bounds.most or "2025-12-31")
    return least + timedelta(days=dice.randrange(max(1, (most - least).days + 1)))


def _moment(column: Column, dice: random.Random) -> datetime:
    least = read_moment(column.bounds.least or "2020-01-01T00:00:00Z")
    found = least + timedelta(seconds=dice.randrange(5 * 365 * 86_400))
    return (found + timedelta(microseconds=dice.choice((0, 0, 250_000, 123_456)))).astimezone(UTC)


def _exact(column: Column, dice: random.Random) -> Decimal:
    low, high = _range(column, 0, 100_000_000_000_000)
    return Decimal(dice.randint(low * 100, high * 100)).scaleb(-2)


def _number(column: Column, dice: random.Random) -> float:
    low, high = _range(column, -1000, 10_000)
    return dice.choice((round(dice.uniform(low, high), 2), float(dice.randint(low, high))))


MAKERS: Mapping[FieldType, Callable[[Column, random.Random], Any]] = MappingProxyType(
    {
        FieldType.INTEGER: lambda column, dice: dice.randint(*_range(column, -10, 1_000)),
        FieldType.YEAR: lambda column, dice: dice.randint(*_range(column, 1_900, 2_026)),
        FieldType.BIGINT: lambda column, dice: dice.randint(*_range(column, 0, 2**60)),
        FieldType.NUMBER: _number,
        FieldType.DECIMAL: _exact,
        FieldType.BOOLEAN: lambda column, dice: dice.random() < 0.5,
        FieldType.DATE: _day,
        FieldType.DATETIME: _moment,
    }
)
