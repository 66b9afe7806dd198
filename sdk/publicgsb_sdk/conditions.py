"""From what was said to `where(...)` to the variable the API takes, checked against the contract first."""

import math
import numbers
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from publicgsb_sdk.contract import Contract, Field, FieldType
from publicgsb_sdk.errors import InvalidRequest

if TYPE_CHECKING:
    from publicgsb_sdk.expressions import Condition

JOINTS: Mapping[str, str] = MappingProxyType({"and": "and", "and_": "and", "or": "or", "or_": "or"})
NEGATIONS = ("not", "not_")
Said: TypeAlias = "Condition | Mapping[str, Any]"
OPERATORS: Mapping[str, str] = MappingProxyType(
    {name: name for name in ("eq", "in", "gt", "gte", "lt", "lte", "isNull", "startsWith", "contains")}
    | {"in_": "in", "is_null": "isNull", "starts_with": "startsWith"}
)


def variable(conditions: Iterable[Said], contract: Contract) -> dict[str, Any]:
    """All the conditions together, as the value of `where`; empty when there are none."""
    parts = [_part(condition, contract) for condition in conditions]
    names = [name for part in parts for name in part]
    if len(names) == len(set(names)):
        return {name: value for part in parts for name, value in part.items()}
    return {"and": parts}


def _part(condition: Said, contract: Contract) -> dict[str, Any]:
    part: dict[str, Any] = {}
    said = condition if isinstance(condition, Mapping) else condition.said
    for name, operand in said.items():
        if name in JOINTS:
            part[JOINTS[name]] = [_part(inner, contract) for inner in operand]
        elif name in NEGATIONS:
            part["not"] = _part(operand, contract)
        else:
            field = contract.field(name)
            part[field.api_name] = _tests(field, operand, contract)
    return part


def _tests(field: Field, operand: Any, contract: Contract) -> dict[str, Any]:
    """A bare value asks for equality, a collection for one of its members, None for no value."""
    if operand is None:
        tests: Mapping[str, Any] = {"isNull": True}
    elif isinstance(operand, Mapping):
        tests = cast(Mapping[str, Any], operand)
    elif isinstance(operand, list | tuple | set | frozenset):
        tests = {"in": operand}
    else:
        tests = {"eq": operand}
    return {_operator(field, name, contract): _operand(field, name, value) for name, value in tests.items()}


def _operator(field: Field, name: str, contract: Contract) -> str:
    operator = OPERATORS.get(name)
    if operator in field.filters:
        return operator
    declared = [operator for operator in OPERATORS.values() if operator in field.filters]
    raise InvalidRequest(
        f"{contract.id} cannot be filtered by {field.name} with {name!r}.",
        hint=f"{field.name} takes {', '.join(dict.fromkeys(declared))}." if declared else "Filter the rows yourself.",
        details={"reason": "filter_not_declared"},
    )


def _operand(field: Field, name: str, value: Any) -> Any:
    operator = OPERATORS[name]
    if operator == "isNull":
        return bool(value)
    if operator != "in":
        return _wire(field, value)
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise _wrong(field, "a collection after `in`")
    return [_wire(field, item) for item in value]  # pyright: ignore[reportUnknownVariableType]


def _wire(field: Field, value: Any) -> Any:
    return WRITERS[field.type](field, value)


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(field, f"text: a code is written {str(value)!r}, with all its zeros")
    return str(value)


def _whole(field: Field, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise _wrong(field, "a whole number")
    return int(value)


def _number(field: Field, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real | Decimal) or not math.isfinite(value):
        raise _wrong(field, "a finite number")
    return float(value)


def _exact(field: Field, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise _wrong(field, "an exact number: Decimal, int or text")
    return str(value)


def _truth(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(field, "True or False")
    return value


def _date(field: Field, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _wrong(field, "a date")
    return value.isoformat()


def _moment(field: Field, value: Any) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise _wrong(field, "a datetime with its time zone")
    return value.isoformat()


def _wrong(field: Field, wanted: str) -> InvalidRequest:
    return InvalidRequest(f"{field.name} takes {wanted}.", details={"reason": "operand"})


WRITERS: Mapping[FieldType, Callable[[Field, Any], Any]] = MappingProxyType(
    {
        FieldType.STRING: _text,
        FieldType.INTEGER: _whole,
        FieldType.YEAR: _whole,
        FieldType.BIGINT: lambda field, value: str(_whole(field, value)),
        FieldType.NUMBER: _number,
        FieldType.DECIMAL: _exact,
        FieldType.BOOLEAN: _truth,
        FieldType.DATE: _date,
        FieldType.DATETIME: _moment,
    }
)
