"""Aggregates over lists: groups by dictionaries, sums by fractions, days by a table of Jalali new years."""

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from publicgsb.datasets.contracts.aggregates import Grain
from publicgsb.datasets.contracts.groupings import Grouping, groupings
from publicgsb.datasets.contracts.model import Contract, Field, FieldType
from publicgsb.datasets.ingest import jalali
from tests.schema.oracle.cells import COUNT, number_of, sum_of
from tests.schema.oracle.facts import Row

GROUPS_DEFAULT = 20
_WIDE = Context(prec=2000)
_LEAST = Fraction(Decimal("5e-324"))


@dataclass(frozen=True, slots=True)
class GroupKey:
    values: Mapping[str, Any]  # by the name in the answer


@dataclass(frozen=True, slots=True)
class Group:
    key: GroupKey
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Whole:
    """`suppressed` and `min_cell` are those of the release, where it has cells."""

    groups: list[Group]
    shown: list[Group]
    suppressed: int = 0
    min_cell: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """One statistic of a group, column by column."""

    part: str
    rows: list[Row]

    def figure(self, field: Field) -> Any:
        values, number = added(self.rows, field.name)
        match self.part:
            case "countDistinct":
                return len(set(values))
            case "min" | "max":
                found = (min if self.part == "min" else max)(values, default=None)
                return _plainly(found) if isinstance(found, Decimal) else found
            case "sum":
                return _sum(values, field) if values else None
            case _:
                return _mean(values, number, field) if number else None


def whole(contract: Contract, rows: Iterable[Row], args: Mapping[str, Any]) -> Whole:
    declared = {(one.field.name, one.grain): one for one in groupings(contract)}
    by = [declared[choice] for choice in args.get("groupBy") or ()]
    grouped: dict[tuple[Any, ...], list[Row]] = {} if by else {(): []}
    for row in rows:
        grouped.setdefault(tuple(_key(row, one) for one in by), []).append(row)
    names = [one.api_name for one in by]
    groups = [Group(GroupKey(dict(zip(names, key, strict=True))), members) for key, members in grouped.items()]
    what, column, is_descending = args.get("orderBy") or ("key", None, False)
    _sort(groups, lambda group: tuple(group.key.values.values()), is_descending=is_descending and what == "key")
    if what != "key":
        _sort(groups, lambda group: (_measure(group, what, column),), is_descending=is_descending)
    first = GROUPS_DEFAULT if args.get("first") is None else args["first"]
    return Whole(groups, groups[:first] if by else groups)


def _sort(groups: list[Group], of: Any, *, is_descending: bool) -> None:
    """Stable, so that what was sorted first decides ties; groups without a value come last both ways."""
    for at in reversed(range(len(of(groups[0])) if groups else 0)):
        groups.sort(key=lambda group: _or_zero(of(group)[at]), reverse=is_descending)
        groups.sort(key=lambda group: of(group)[at] is None)


def _or_zero(value: Any) -> Any:
    return (value is not None, value) if value is not None else (False,)


def _measure(group: Group, what: str, column: str | None) -> Any:
    if column is None:
        return count(group.rows)
    values, number = added(group.rows, column)
    if not values:
        return None
    total = sum(map(_exact, values))
    return total if what == "sum" else total / number


def _key(row: Row, by: Grouping) -> Any:
    value = row.get(by.field.name)
    if value is None or by.grain is None:
        return value
    day: date = value.date() if isinstance(value, datetime) else value
    if by.grain is Grain.DAY:
        return day
    if by.grain in (Grain.MONTH, Grain.YEAR):
        return day.year if by.grain is Grain.YEAR else f"{day.year:04}-{day.month:02}"
    try:
        year, month, _ = jalali.from_date(day)
    except ValueError:
        return None
    return year if by.grain is Grain.JALALI_YEAR else f"{year}-{month:02}"


def count(rows: Iterable[Row]) -> int:
    """A cell stands for the rows that it was made of."""
    return sum(row.get(COUNT, 1) for row in rows)


def added(rows: Iterable[Row], column: str) -> tuple[list[Any], int]:
    """What adds up to the sum of a column, and of how many values that is the sum."""
    listed = list(rows)
    if any(COUNT in row for row in listed):
        sums = [row[sum_of(column)] for row in listed if row.get(sum_of(column)) is not None]
        return sums, sum(row.get(number_of(column), 0) for row in listed)
    values = [row[column] for row in listed if row.get(column) is not None]
    return values, len(values)


# Numbers ---------------------------------------------------------------------------------------------------


def _exact(value: Any) -> Fraction:
    """A float is the number that its shortest spelling says."""
    return Fraction(Decimal(repr(value))) if isinstance(value, float) else Fraction(value)


def _sum(values: list[Any], field: Field) -> Any:
    if field.type is FieldType.NUMBER:
        return _as_float(sum(map(_exact, values), Fraction()))
    if field.type is FieldType.DECIMAL:
        total = values[0]
        for value in values[1:]:
            total = _WIDE.add(total, value)
        return format(total, "f")
    return sum(values)


def _mean(values: list[Any], number: int, field: Field) -> Any:
    mean = sum(map(_exact, values), Fraction()) / number
    if field.type is FieldType.DECIMAL:
        units = mean * 10**20
        nearest = math.floor(abs(units) + Fraction(1, 2)) * (-1 if units < 0 else 1)
        return _plainly(Decimal(nearest).scaleb(-20, _WIDE))
    return _as_float(mean) if field.type is FieldType.NUMBER else float(mean)


def _as_float(value: Fraction) -> float | None:
    """None for what no float can hold."""
    if abs(value) < _LEAST:
        return 0.0
    return float(value) if abs(value) <= Fraction(sys.float_info.max) else None


def _plainly(value: Decimal) -> str:
    """Without zeros at the end of a fraction."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"
