"""Conditions as they are typed: `city=یزد`, `elevation>=1000`, `country:in=IR,TR`, `iata:isNull=true`."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, cast

from publicgsb_sdk.contract import Contract, Field, FieldType
from publicgsb_sdk.errors import InvalidRequest

WRITTEN = re.compile(
    r"\s*(?P<name>[A-Za-z_]\w*)\s*(?::(?P<word>\w+)=|(?P<sign>>=|<=|~=|\^=|=|>|<))(?P<value>.*)", re.ASCII | re.DOTALL
)
SIGNS: Mapping[str, str] = MappingProxyType(
    {"=": "eq", ">=": "gte", "<=": "lte", ">": "gt", "<": "lt", "~=": "contains", "^=": "startsWith"}
)
TRUTH: Mapping[str, bool] = MappingProxyType({"true": True, "yes": True, "false": False, "no": False})
WHOLE = (FieldType.INTEGER, FieldType.YEAR, FieldType.BIGINT)


def conditions(written: Iterable[str], contract: Contract) -> list[Mapping[str, Any]]:
    """What `Dataset.where` takes, each value of the type that the contract gives its field."""
    return [_condition(text, contract) for text in written]


def _condition(text: str, contract: Contract) -> Mapping[str, Any]:
    if text.lstrip().startswith("{"):
        return _group(text)
    found = WRITTEN.fullmatch(text)
    if found is None:
        raise InvalidRequest(
            f"{text!r} is not a condition.",
            hint="Write field=value; instead of = also >= <= > < ~= (contains) ^= (begins with), or field:in=a,b.",
            details={"reason": "where"},
        )
    field = contract.field(found["name"])
    operator = found["word"] or SIGNS[found["sign"]]
    return {field.name: {operator: _operand(field, operator, found["value"])}}


def _group(text: str) -> Mapping[str, Any]:
    """Groups, as the library takes them: {"or": [{"city": "یزد"}, {"city": {"startsWith": "ی"}}]}."""
    try:
        group: Any = json.loads(text)  # an object, or it is no JSON: it begins with {
    except ValueError as error:
        raise InvalidRequest(f"This condition is not JSON: {error}.", details={"reason": "where"}) from None
    return cast(Mapping[str, Any], group)


def _operand(field: Field, operator: str, text: str) -> Any:
    if operator in ("isNull", "is_null"):
        return _truth(field, text)
    if operator in ("in", "in_"):
        return [_value(field, one) for one in _members(text)]
    return _value(field, text)


def _members(text: str) -> list[str]:
    """Parted by commas, or a JSON list where a value has a comma of its own."""
    if text.startswith("["):
        try:
            return [one if isinstance(one, str) else json.dumps(one) for one in json.loads(text)]
        except ValueError:
            raise InvalidRequest(f"{text!r} is not a list in JSON.", details={"reason": "where"}) from None
    return text.split(",")


def _value(field: Field, text: str) -> Any:
    """Digits of any script are numbers; a code stays the text that it is."""
    if field.type is FieldType.STRING:
        return text
    try:
        if field.type in WHOLE:
            return int(text)
        if field.type is FieldType.NUMBER:
            return float(text)
        if field.type is FieldType.DECIMAL:
            return Decimal(text)
        if field.type is FieldType.DATE:
            return date.fromisoformat(_latin(text))
    except (ValueError, InvalidOperation):
        raise InvalidRequest(
            f"{text!r} is not a value of {field.name}, whose type is {field.type}.",
            hint="Days are written 2026-03-21." if field.type is FieldType.DATE else None,
            details={"reason": "operand"},
        ) from None
    return _truth(field, text) if field.type is FieldType.BOOLEAN else _latin(text)


def _truth(field: Field, text: str) -> bool:
    if text.lower() not in TRUTH:
        raise InvalidRequest(f"{field.name} takes true or false here.", details={"reason": "operand"})
    return TRUTH[text.lower()]


def _latin(text: str) -> str:
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)
