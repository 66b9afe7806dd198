"""Filtering, ordering and paging of rows in lists: as simple as it can be written, with SQL's three truth values."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from publicgsb.datasets.contracts.model import Contract
from tests.schema.oracle.facts import Row
from tests.schema.oracle.spelling import read

Truth: TypeAlias = bool | None


def _known(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Truth]:
    """Comparing with an absent value is neither true nor false."""
    return lambda value, operand: None if value is None else test(value, operand)


# One entry per filter operator; a new operator is a new line here.
OPERATORS: dict[str, Callable[[Any, Any], Truth]] = {
    "eq": _known(lambda value, operand: value == operand),
    "in": _known(lambda value, operand: value in operand),
    "gt": _known(lambda value, operand: value > operand),
    "gte": _known(lambda value, operand: value >= operand),
    "lt": _known(lambda value, operand: value < operand),
    "lte": _known(lambda value, operand: value <= operand),
    "isNull": lambda value, operand: (value is None) is operand,
    "contains": _known(lambda value, operand: read(operand) in read(value)),
    "startsWith": _known(lambda value, operand: value.startswith(operand)),
}


def holds(where: Mapping[str, Any], contract: Contract, row: Row) -> Truth:
    """Whether the row meets all members of the condition."""
    truths: list[Truth] = []
    for name, inner in where.items():
        if name == "and":
            truths.append(_all(holds(part, contract, row) for part in inner))
        elif name == "or":
            truths.append(_any(holds(part, contract, row) for part in inner))
        elif name == "not":
            truths.append(holds(inner, contract, row) is not True)
        else:
            value = row.get(contract.by_api_name[name].name)
            truths += [OPERATORS[op](value, operand) for op, operand in inner.items()]
    return _all(truths)


def _all(truths: Iterable[Truth]) -> Truth:
    seen = list(truths)
    return False if False in seen else None if None in seen else True


def _any(truths: Iterable[Truth]) -> Truth:
    seen = list(truths)
    return True if True in seen else None if None in seen else False


def place(row: Row, columns: Iterable[str], *, is_descending: bool) -> tuple[Any, ...]:
    """What a row is sorted by; with `is_descending` the list is then reversed. Nulls come last both ways."""
    key: list[Any] = []
    for column in columns:
        value = row.get(column)
        if value is None:
            key.append((not is_descending,))
        else:
            key.append((is_descending, value))
    return tuple(key)
