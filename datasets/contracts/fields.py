"""Reading one field of a contract document."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from publicgsb.datasets.contracts.decisions import read_decision
from publicgsb.datasets.contracts.model import (
    FALSE_VALUES,
    JALALI,
    TRUE_VALUES,
    AccessLevel,
    Category,
    Constraints,
    Field,
    FieldType,
    FilterOp,
    Label,
    MissingValue,
    Normalisation,
    Value,
)
from publicgsb.datasets.contracts.names import COLUMN, RESERVED_COLUMNS, camel_case
from publicgsb.datasets.contracts.node import Node, nearest
from publicgsb.datasets.contracts.transforms import check_own_transforms, read_derivation, read_transforms

INT4 = range(-(2**31), 2**31)
INT8 = range(-(2**63), 2**63)
PATTERN_LENGTH_MAX = 300
_RANGE = (FilterOp.GT, FilterOp.GTE, FilterOp.LT, FilterOp.LTE)
_TYPES = ("string", "integer", "number", "boolean", "date", "datetime", "year")
_WHOLE = {FieldType.INTEGER, FieldType.BIGINT, FieldType.YEAR}


_UNCONSTRAINED = Constraints()


def read_field(node: Node, missing_values: tuple[MissingValue, ...]) -> Field | None:
    """The field, or None when its name is unusable; every other problem leaves a stand-in behind."""
    name = node.text("name", required=True, pattern=COLUMN)
    if name in RESERVED_COLUMNS:
        node.problems.add(node.at("name"), "is reserved.", "نام محفوظ است.", "Choose another column name.")
    type_ = _type(node)
    constraints_node = node.node("constraints")
    constraints = _constraints(constraints_node, type_) if constraints_node else _UNCONSTRAINED
    if type_ is FieldType.INTEGER and _is_beyond_int4(constraints):
        type_ = FieldType.BIGINT
    required = constraints_node.flag("required") if constraints_node else False
    if constraints_node:
        constraints_node.flag("unique")
        constraints_node.refuse_unknown()
    field = Field(
        name=name or "?",
        api_name=camel_case(name or "?"),
        type=type_,
        label=node.label("label", required=True) or Label("", ""),
        required=required,
        description=node.label("description"),
        unit=node.text("unit"),
        categories=_categories(node),
        filters=_filters(node, type_),
        access=node.choice("access", AccessLevel),
        legal_ground=node.text("legalGround"),
        decision=read_decision(node),
        constraints=constraints,
        transforms=read_transforms(node, "apply"),
        derive=read_derivation(node),
        missing_values=read_missing_values(node) if node.has("missingValues") else missing_values,
        normalise=_normalise(node),
        format=_format(node, type_),
        true_values=node.texts("trueValues") or TRUE_VALUES,
        false_values=node.texts("falseValues") or FALSE_VALUES,
    )
    node.refuse_unknown()
    check_own_transforms(node, field)
    return field if name else None


def read_missing_values(node: Node) -> tuple[MissingValue, ...]:
    """Texts, or objects {value, label} as Table Schema v2 has them."""
    found = []
    for at, item in enumerate(node.items("missingValues")):
        value, label = (item.get("value"), item.get("label")) if isinstance(item, Mapping) else (item, None)
        if isinstance(value, str) and isinstance(label, str | None):
            found.append(MissingValue(value, label))
        else:
            node.expected(
                f"missingValues[{at}]",
                "text, or {value, label}",
                "متن یا {value, label}",
                "Put it in quotes.",
            )
    return tuple(found)


def _type(node: Node) -> FieldType:
    word = node.text("type", required=True)
    if word is None:
        return FieldType.STRING
    if word not in _TYPES:
        node.expected("type", f"one of: {', '.join(_TYPES)}", f"یکی از: {', '.join(_TYPES)}", nearest(word, _TYPES))
        return FieldType.STRING
    if word == "number" and node.raw("format") == "decimal":
        return FieldType.DECIMAL
    return FieldType(word)


def _format(node: Node, type_: FieldType) -> str:
    written = node.text("format") or "default"
    if written == JALALI and type_ is FieldType.DATE:
        return written
    is_pattern = type_ in {FieldType.DATE, FieldType.DATETIME} and "%" in written
    if written == "default" or is_pattern or (written == "decimal" and type_ is FieldType.DECIMAL):
        return written
    node.expected(
        "format",
        '"default", "decimal" for a number, "jalali" or a pattern such as %Y/%m/%d for a date',
        "«default»، برای عدد «decimal»، برای تاریخ «jalali» یا الگویی مانند %Y/%m/%d",
        "Remove it for ISO 8601.",
    )
    return "default"


def _constraints(node: Node, type_: FieldType) -> Constraints:
    def bound(name: str) -> Value | None:
        raw = node.raw(name)
        if raw is None:
            return None
        if type_ in {FieldType.STRING, FieldType.BOOLEAN}:
            node.problems.add(
                node.at(name),
                "bounds numbers and dates only.",
                "تنها برای عدد و تاریخ است.",
                "Use a pattern.",
            )
            return None
        return _value(node, name, raw, type_)

    enum = tuple(_value(node, f"enum[{at}]", raw, type_) for at, raw in enumerate(node.items("enum")))
    return Constraints(
        min_length=_length(node, "minLength", type_),
        max_length=_length(node, "maxLength", type_),
        minimum=bound("minimum"),
        maximum=bound("maximum"),
        exclusive_minimum=bound("exclusiveMinimum"),
        exclusive_maximum=bound("exclusiveMaximum"),
        pattern=_pattern(node, type_),
        enum=tuple(value for value in enum if value is not None),
    )


def _length(node: Node, name: str, type_: FieldType) -> int | None:
    if node.has(name) and type_ is not FieldType.STRING:
        node.problems.add(node.at(name), "is for text only.", "تنها برای متن است.", "Remove it.")
    return node.integer(name, least=0, most=1_000_000)


def _pattern(node: Node, type_: FieldType) -> str | None:
    pattern = node.text("pattern")
    if pattern is None:
        return None
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):  # the last two: a repeat or a nesting beyond the matcher's bounds
        node.expected("pattern", "a regular expression", "عبارت باقاعده", "Correct it.")
        return None
    if type_ is not FieldType.STRING or len(pattern) > PATTERN_LENGTH_MAX:
        node.expected(
            "pattern",
            f"on a string field, of at most {PATTERN_LENGTH_MAX} characters",
            f"روی فیلد متنی و تا {PATTERN_LENGTH_MAX} نویسه",
            "Codes are strings.",
        )
    return pattern


def _value(node: Node, name: str, raw: Any, type_: FieldType) -> Value | None:
    """`raw` as a value of the field's type; the document may write numbers and dates as text."""
    try:
        return value_of(raw, type_)
    except (ValueError, InvalidOperation, OverflowError):
        node.expected(name, f"a value of type {type_}", f"مقداری از نوع {type_}", "Correct it, or quote it.")
        return None


def value_of(raw: Any, type_: FieldType) -> Value:
    """Raises ValueError or InvalidOperation for what is no value of the type."""
    if isinstance(raw, bool) != (type_ is FieldType.BOOLEAN) or not isinstance(raw, str | int | float):
        raise ValueError
    if type_ is FieldType.STRING:
        if not isinstance(raw, str):
            raise ValueError
        return raw
    if type_ is FieldType.BOOLEAN:
        return bool(raw)
    if type_ in _WHOLE:
        if isinstance(raw, float) or int(raw) not in INT8:
            raise ValueError
        return int(raw)
    if type_ is FieldType.DATE:
        return date.fromisoformat(str(raw))
    if type_ is FieldType.DATETIME:
        moment = datetime.fromisoformat(str(raw))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    number = Decimal(str(raw))
    if not number.is_finite() or not math.isfinite(float(number)):
        raise ValueError
    return number if type_ is FieldType.DECIMAL else float(number)


def _is_beyond_int4(constraints: Constraints) -> bool:
    bounds = (
        constraints.minimum,
        constraints.maximum,
        constraints.exclusive_minimum,
        constraints.exclusive_maximum,
        *constraints.enum,
    )
    return any(isinstance(bound, int) and bound not in INT4 for bound in bounds)


def _categories(node: Node) -> tuple[Category, ...]:
    found = []
    for at, item in enumerate(node.items("categories")):
        if isinstance(item, str):
            found.append(Category(item))
        elif isinstance(item, Mapping):
            entry = Node(item, node.at(f"categories[{at}]"), node.problems)
            value = entry.text("value", required=True)
            label = entry.label("label")
            entry.refuse_unknown()
            if value is not None:
                found.append(Category(value, label))
        else:
            node.expected(f"categories[{at}]", "text, or {value, label}", "متن یا {value, label}", "Quote it.")
    if len({category.value for category in found}) < len(found):
        node.expected("categories", "a list without repetition", "فهرستی بی‌تکرار", "Remove the repeated ones.")
    return tuple(found)


def _filters(node: Node, type_: FieldType) -> frozenset[FilterOp]:
    found: set[FilterOp] = set()
    for word in node.texts("filters"):
        if word == "range":
            found.update(_RANGE)
        elif (op := node.member("filters", word, FilterOp)) is not None:
            found.add(op)
    if FilterOp.STARTS_WITH in found and type_ is not FieldType.STRING:
        node.problems.add(
            node.at("filters"), "startsWith is for strings.", "startsWith تنها برای متن است.", "Remove it."
        )
    if FilterOp.CONTAINS in found and type_ is not FieldType.STRING:
        node.problems.add(node.at("filters"), "contains is for strings.", "contains تنها برای متن است.", "Remove it.")
    if type_ is FieldType.BOOLEAN and found & set(_RANGE):
        node.problems.add(node.at("filters"), "true has no range.", "بازه برای بولی معنا ندارد.", "Use eq.")
    return _shared(frozenset(found))


def _normalise(node: Node) -> frozenset[Normalisation]:
    members = (node.member("normalise", word, Normalisation) for word in node.texts("normalise"))
    return _shared(frozenset(member for member in members if member is not None))


@lru_cache(maxsize=256)
def _shared(found: frozenset[Any]) -> frozenset[Any]:
    """Equal sets as one: there are a few different ones, and two of 216 bytes in each of 28,000 fields."""
    return found
