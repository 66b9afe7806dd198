"""Aggregates: rows put into groups, and what is counted and measured in each."""

import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from publicgsb_sdk.contract import FieldType
from publicgsb_sdk.testing.jalali import first_day, month_of
from publicgsb_sdk.testing.model import Column, Grouping, MockContract, Row

COUNT = "_count"  # of a cell: how many rows it stands for
GROUPS_DEFAULT = 20
WIDE = Context(prec=2000)
LEAST = Fraction(Decimal("5e-324"))


@dataclass(frozen=True, slots=True)
class Group:
    """`key` by the name in the answer."""

    key: Mapping[str, Any]
    rows: list[Row]

    @property
    def count(self) -> int:
        return sum(row.get(COUNT, 1) for row in self.rows)

    def values(self, column: str) -> tuple[list[Any], int]:
        """What adds up to the sum of a column, and of how many values that is the sum."""
        values = [row[column] for row in self.rows if row.get(column) is not None]
        if self.rows and COUNT in self.rows[0]:
            return values, sum(row[f"_count {column}"] for row in self.rows)
        return values, len(values)


@dataclass(frozen=True, slots=True)
class Whole:
    """All groups, in order, and those that are shown."""

    groups: list[Group]
    shown: list[Group]


def whole(contract: MockContract, rows: Iterable[Row], args: Mapping[str, Any]) -> Whole:
    """The groups that the arguments ask for."""
    declared = {one.name: one for one in contract.groupings}
    by = [declared[name] for name in args.get("groupBy") or ()]
    grouped: dict[tuple[Any, ...], list[Row]] = {} if by else {(): []}
    for row in rows:
        grouped.setdefault(tuple(key_part(row, one) for one in by), []).append(row)
    names = [one.api_name for one in by]
    groups = [Group(dict(zip(names, key, strict=True)), members) for key, members in grouped.items()]
    what, _, way = (args.get("orderBy") or "KEY_ASC").rpartition("_")
    is_descending = way == "DESC"
    for at in reversed(range(len(by))):
        _sort(groups, lambda one: list(one.key.values())[at], is_descending=is_descending and what == "KEY")  # noqa: B023
    if what != "KEY":
        _sort(groups, _measure(contract, what), is_descending=is_descending)
    first = GROUPS_DEFAULT if args.get("first") is None else args["first"]
    return Whole(groups, groups[:first] if by else groups)


def figure(part: str, group: Group, column: Column) -> Any:
    """One figure of one column of a group."""
    values, number = group.values(column.name)
    match part:
        case "countDistinct":
            return len(set(values))
        case "min" | "max":
            found = (min if part == "min" else max)(values, default=None)
            return plainly(found) if isinstance(found, Decimal) else found
        case "sum":
            return _sum(values, column.type) if values else None
        case _:
            return _mean(values, number, column.type) if number else None


def key_part(row: Row, by: Grouping) -> Any:
    """What a row is grouped under: a value, or the day, month or year of a date."""
    value = row.get(by.column)
    if value is None or by.grain is None:
        return value
    day: date = value.date() if isinstance(value, datetime) else value
    if by.grain in ("jalaliMonth", "jalaliYear"):
        found = month_of(day)
        if found is None:
            return None
        return found[0] if by.grain == "jalaliYear" else f"{found[0]}-{found[1]:02}"
    return {"day": day, "month": f"{day.year:04}-{day.month:02}", "year": day.year}[by.grain]


def cells(contract: MockContract, rows: Iterable[Row]) -> tuple[list[dict[str, Any]], int]:
    """Rows put together into cells of at least `min_cell`, and how many were too small to be told."""
    finest = list({one.column: one for one in reversed(contract.groupings)}.values())
    grouped: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        grouped[tuple(_period(row.get(one.column), one.grain) for one in finest)].append(row)
    found: list[dict[str, Any]] = []
    assert contract.min_cell is not None
    for key, members in grouped.items():
        if len(members) >= contract.min_cell:
            cell: dict[str, Any] = {one.column: value for one, value in zip(finest, key, strict=True)}
            for name in contract.measures:
                values = [row[name] for row in members if row.get(name) is not None]
                is_told = len(values) >= contract.min_cell and _is_spread(values, contract.p_percent)
                added = _added(values, contract.by_name[name].type) if is_told else None
                cell |= {name: added, f"_count {name}": len(values) if is_told else 0}
            found.append(cell | {COUNT: len(members)})
    return found, len(grouped) - len(found)


def _is_spread(values: Iterable[Any], percent: int | None) -> bool:
    """Whether all values but the two largest come to the percentage of the largest."""
    if percent is None:
        return True
    largest, *others = sorted((abs(Decimal(str(one))) for one in values), reverse=True)
    return sum(others[1:], Decimal()) * 100 >= largest * percent


def plainly(value: Decimal) -> str:
    """Without zeros at the end of a fraction."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"


def _period(value: Any, grain: str | None) -> Any:
    """The first day of the period, by which cells are compared."""
    if value is None or grain is None:
        return value
    first = _first_day(value.date() if isinstance(value, datetime) else value, grain)
    return datetime.combine(first, time(), UTC) if first is not None and isinstance(value, datetime) else first


def _first_day(day: date, grain: str) -> date | None:
    if grain in ("jalaliMonth", "jalaliYear"):
        return first_day(day, is_year=grain == "jalaliYear")
    if grain == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if grain == "year" else day


def _measure(contract: MockContract, what: str) -> Callable[[Group], Any]:
    if what == "COUNT":
        return lambda group: group.count
    how, _, name = what.partition("_")
    column = next(one.name for one in contract.columns if one.name.upper() == name)

    def of(group: Group) -> Any:
        values, number = group.values(column)
        if not values:
            return None
        total = sum(map(_exact, values))
        return total if how == "SUM" else total / number

    return of


def _sort(groups: list[Group], of: Callable[[Group], Any], *, is_descending: bool) -> None:
    """Stable, so that what was sorted first decides ties; groups without a value come last both ways."""
    groups.sort(key=lambda group: (False,) if (value := of(group)) is None else (True, value), reverse=is_descending)
    groups.sort(key=lambda group: of(group) is None)


def _exact(value: Any) -> Fraction:
    """A float is the number that its shortest spelling says."""
    return Fraction(Decimal(repr(value))) if isinstance(value, float) else Fraction(value)


def _sum(values: list[Any], type_: FieldType) -> Any:
    total = _added(values, type_)
    if type_ is FieldType.NUMBER:
        return _as_float(total)
    return format(total, "f") if type_ is FieldType.DECIMAL else total


def _added(values: list[Any], type_: FieldType) -> Any:
    """Exact; of decimals with as many places as the longest has."""
    if type_ is FieldType.DECIMAL:
        total = values[0]
        for value in values[1:]:
            total = WIDE.add(total, value)
        return total
    total = sum(map(_exact, values), Fraction())
    return total if type_ is FieldType.NUMBER else int(total)


def _mean(values: list[Any], number: int, type_: FieldType) -> Any:
    mean = sum(map(_exact, values), Fraction()) / number
    if type_ is FieldType.DECIMAL:
        return plainly(_decimal(mean))
    return _as_float(mean) if type_ is FieldType.NUMBER else float(mean)


def _decimal(value: Fraction) -> Decimal:
    """To twenty places."""
    units = value * 10**20
    nearest = math.floor(abs(units) + Fraction(1, 2)) * (-1 if units < 0 else 1)
    return Decimal(nearest).scaleb(-20, WIDE)


def _as_float(value: Fraction) -> float | None:
    """None for what no float can hold."""
    if abs(value) < LEAST:
        return 0.0
    return float(value) if abs(value) <= Fraction(sys.float_info.max) else None
