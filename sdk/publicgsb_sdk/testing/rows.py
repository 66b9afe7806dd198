"""Rows that a test brings, held against the contract: what the service would refuse to release is refused here."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from publicgsb_sdk.contract import FieldType
from publicgsb_sdk.testing.model import Column, MockContract
from publicgsb_sdk.testing.refusals import MockSetup
from publicgsb_sdk.testing.values import read_value, written

SHOWN_MAX = 10


def read_rows(contract: MockContract, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows by column, with Python's values. Raises MockSetup that names the first ten mistakes."""
    problems: list[str] = []
    found = [_read(contract, at, row, problems) for at, row in enumerate(rows)]
    problems += _repeated(contract, found)
    if problems:
        more = f"\n… and {len(problems) - SHOWN_MAX} more" if len(problems) > SHOWN_MAX else ""
        raise MockSetup(
            f"{contract.id} does not allow these rows:\n" + "\n".join(problems[:SHOWN_MAX]) + more,
            hint=f"Its columns are {', '.join(one.name for one in contract.columns)}.",
        )
    return found


def _read(contract: MockContract, at: int, row: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, raw in row.items():
        column = contract.by_name.get(name) or contract.by_api_name.get(name)
        if column is None:
            problems.append(f"rows[{at}].{name}: there is no such column.")
            continue
        try:
            found[column.name] = None if raw is None else read_value(column.type, raw)
        except (ValueError, UnicodeError) as error:
            problems.append(f"rows[{at}].{name}: {raw!r} {error}.")
            continue
        problems += (f"rows[{at}].{name}: {text}" for text in _wrong(column, found[column.name]))
    for column in contract.columns:
        if column.name not in found and column.is_required and not contract.is_withheld(column):
            problems.append(f"rows[{at}].{column.name}: is required and not there.")
    return found


def _wrong(column: Column, value: Any) -> Iterator[str]:
    if value is None:
        if column.is_required:
            yield "is required and null."
        return
    bounds = column.bounds
    if column.values and value not in column.values:
        yield f"{value!r} is not in the code list."
    if bounds.pattern is not None and not re.fullmatch(bounds.pattern, str(value)):
        yield f"{value!r} does not match {bounds.pattern}."
    if column.type is FieldType.STRING:
        if not (bounds.length_least or 0) <= len(value) <= (bounds.length_most or len(value)):
            yield f"{value!r} is too short or too long."
    elif bounds.least is not None and compared(column, value) < compared(column, bounds.least):
        yield f"{written(value)} is less than {bounds.least}."
    elif bounds.most is not None and compared(column, value) > compared(column, bounds.most):
        yield f"{written(value)} is more than {bounds.most}."


def compared(column: Column, value: Any) -> Any:
    """A bound of the contract, or a value, as both can be compared."""
    if column.type in (FieldType.DATE, FieldType.DATETIME):
        return read_value(column.type, value)
    return Decimal(str(value))


def _repeated(contract: MockContract, rows: list[dict[str, Any]]) -> Iterator[str]:
    """Keys whose values occur twice; one with a null in it names nothing."""
    for key in contract.keys:
        seen: dict[tuple[Any, ...], int] = {}
        for at, row in enumerate(rows):
            values = tuple(row.get(one) for one in key.columns)
            if None in values:
                continue
            if values in seen:
                yield f"rows[{at}]: has the {key.name} of rows[{seen[values]}], {values}."
            seen.setdefault(values, at)
