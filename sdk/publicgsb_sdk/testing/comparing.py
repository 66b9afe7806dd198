"""`where` held against a row, with SQL's three truth values: what is compared with nothing is unknown."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from publicgsb_sdk.testing.letters import folded
from publicgsb_sdk.testing.model import MockContract, Row
from publicgsb_sdk.testing.refusals import invalid
from publicgsb_sdk.wire import a_list, an_object

LIST_MAX, CLAUSES_MAX = 250, 50
CONTAINS = range(2, 201)
Truth: TypeAlias = bool | None


def _known(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Truth]:
    return lambda value, operand: None if value is None else test(value, operand)


OPERATORS: Mapping[str, Callable[[Any, Any], Truth]] = MappingProxyType(
    {
        "eq": _known(lambda value, operand: value == operand),
        "in": _known(lambda value, operand: value in operand),
        "gt": _known(lambda value, operand: value > operand),
        "gte": _known(lambda value, operand: value >= operand),
        "lt": _known(lambda value, operand: value < operand),
        "lte": _known(lambda value, operand: value <= operand),
        "isNull": lambda value, operand: (value is None) is operand,
        "contains": _known(lambda value, operand: folded(operand) in folded(value)),
        "startsWith": _known(lambda value, operand: value.startswith(operand)),
    }
)


def holds(where: Mapping[str, Any], contract: MockContract, row: Row) -> Truth:
    """Whether the row meets all members of the condition."""
    truths: list[Truth] = []
    for name, inner in where.items():
        if name in ("and", "or"):
            joined = [holds(part, contract, row) for part in inner]
            truths.append(_all(joined) if name == "and" else _any(joined))
        elif name == "not":
            truths.append(holds(inner, contract, row) is not True)
        else:
            value = row.get(contract.by_api_name[name].name)
            truths += [OPERATORS[op](value, operand) for op, operand in inner.items()]
    return _all(truths)


def keeps(where: Mapping[str, Any] | None, contract: MockContract) -> Callable[[Row], bool]:
    """The condition as a test of rows."""
    return lambda row: where is None or holds(where, contract, row) is True


def check_where(where: Any) -> int:
    """How many texts it looks into. Raises the refusal of a condition that says nothing or too much."""
    clauses, texts = _counted(where)
    if clauses > CLAUSES_MAX:
        raise invalid(f"A `where` holds at most {CLAUSES_MAX} conditions.", "limits")
    return texts


def _counted(where: Any) -> tuple[int, int]:
    if not where:
        raise invalid("A condition is empty or null.", "empty_condition")
    clauses = texts = 0
    for name, inner in where.items():
        parts: list[Any] = []
        if name == "not":
            parts = [inner]
        elif name in ("and", "or"):
            parts = a_list(inner) or [None]
        elif not inner:
            raise invalid(f"The condition on {name} is empty or null.", "empty_condition")
        else:
            for op, operand in (an_object(inner) or {}).items():
                _check_operand(f"{name}.{op}", op, operand)
                clauses, texts = clauses + 1, texts + (op == "contains")
        for part in parts:
            more, others = _counted(part)
            clauses, texts = clauses + more, texts + others
    return clauses, texts


def _check_operand(where: str, op: str, operand: Any) -> None:
    if operand is None or operand == [None]:
        raise invalid(f"{where} is compared with null.", "null_operand", "Ask with isNull.")
    if op == "in" and not 1 <= len(operand) <= LIST_MAX:
        raise invalid(f"{where} takes 1 to {LIST_MAX} values.", "limits")
    if op == "startsWith" and not operand:
        raise invalid(f"{where} is empty.", "empty_condition")
    if op == "contains" and len(folded(operand)) not in CONTAINS:
        raise invalid(f"{where} takes 2 to 200 characters.", "search_length")
    for value in operand if op == "in" else (operand,):
        check_text(where, value)


def check_text(where: str, value: Any) -> None:
    """Raises for a text that no column can hold."""
    if isinstance(value, str) and ("\0" in value or any(0xD800 <= ord(sign) < 0xE000 for sign in value)):
        raise invalid(f"{where} is compared with text that no column can hold.", "text")


def _all(truths: Iterable[Truth]) -> Truth:
    seen = list(truths)
    return False if False in seen else None if None in seen else True


def _any(truths: Iterable[Truth]) -> Truth:
    seen = list(truths)
    return True if True in seen else None if None in seen else False
