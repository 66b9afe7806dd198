"""Cells of an aggregate-only dataset by the letter of decision 0010: rows in dictionaries, small ones left out."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal
from functools import reduce
from typing import Any

from publicgsb.datasets.contracts.aggregates import Grain
from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.ingest import jalali

COUNT = "_count"
_WIDE = Context(prec=2000)


def sum_of(column: str) -> str:
    return f"_sum_{column}"


def number_of(column: str) -> str:
    """Of how many values."""
    return f"_n_{column}"


def cells(contract: Contract, rows: Iterable[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """The published ones, as rows of the dimensions and figures, and how many are too small to be published."""
    aggregates = contract.aggregates
    assert aggregates is not None and aggregates.min_cell is not None
    made: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        key = tuple(_begin(row.get(one.column), one.grain) for one in aggregates.dimensions)
        made.setdefault(key, []).append(row)
    published = []
    for key, members in made.items():
        if len(members) < aggregates.min_cell:
            continue
        cell = {one.column: value for one, value in zip(aggregates.dimensions, key, strict=True)}
        cell[COUNT] = len(members)
        for measure in aggregates.measures:
            values = [row[measure] for row in members if row.get(measure) is not None]
            is_told = len(values) >= aggregates.min_cell
            cell[sum_of(measure)] = reduce(_WIDE.add, map(_exact, values)) if is_told else None
            cell[number_of(measure)] = len(values) if is_told else 0
        published.append(cell)
    return published, len(made) - len(published)


def _exact(value: Any) -> Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _begin(value: Any, grain: Grain | None) -> Any:
    """The first day, or moment, of the period that a value lies in."""
    if value is None or grain is None:
        return value
    day: date = value.date() if isinstance(value, datetime) else value
    first = _first(day, grain)
    return datetime.combine(first, time(), UTC) if first is not None and isinstance(value, datetime) else first


def _first(day: date, grain: Grain) -> date | None:
    match grain:
        case Grain.DAY:
            return day
        case Grain.MONTH:
            return day.replace(day=1)
        case Grain.YEAR:
            return day.replace(month=1, day=1)
    try:
        _, month, of_month = jalali.from_date(day)
    except ValueError:
        return None
    passed = of_month - 1
    if grain is Grain.JALALI_YEAR:
        passed += sum(31 if one <= 6 else 30 for one in range(1, month))
    return day - timedelta(days=passed)
