"""From a `where` argument to a condition tree. Null operands and empty objects are errors, never "everything"."""

from collections.abc import Callable
from typing import TypeAlias

from publicgsb.datasets.contracts.model import Contract, Field, FilterOp
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.limits import CLAUSES_MAX
from publicgsb.schema.planning.tree.conditions import All, Compare, Condition, IsNull, Not, Some
from publicgsb.schema.planning.values import Const, Gather, Path, Tree

Touch: TypeAlias = Callable[[str], None]


class ConditionReader:
    """Reads one `where`; `touch` hears of every column a condition looks at."""

    def __init__(self, contract: Contract, variables: dict[str, object], touch: Touch) -> None:
        self._contract = contract
        self._variables = variables
        self._touch = touch
        self._clauses = 0

    def read(self, tree: Tree) -> Condition:
        members = _members(tree, "where")
        parts = [self._member(name, member) for name, member in members.items()]
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _member(self, name: str, tree: Tree) -> Condition:
        if name in ("and", "or"):
            if not isinstance(tree, list) or not tree:
                raise _empty(name)
            parts = tuple(self.read(part) for part in tree)
            return All(parts) if name == "and" else Some(parts)
        if name == "not":
            return Not(self.read(tree))
        field = self._contract.by_api_name[name]
        self._touch(field.name)
        parts = tuple(self._compare(field, FilterOp(op), operand) for op, operand in _members(tree, name).items())
        return parts[0] if len(parts) == 1 else All(parts)

    def _compare(self, field: Field, op: FilterOp, operand: Tree) -> Condition:
        self._clauses += 1
        if self._clauses > CLAUSES_MAX:
            raise InvalidRequest(
                f"A where holds at most {CLAUSES_MAX} conditions.",
                reason="limits",
                hint="`in` takes many values in one condition; else split the request into several smaller ones.",
            )
        if operand is None or not isinstance(operand, (Const, Path, Gather)):
            raise InvalidRequest(
                f"{field.api_name}.{op} is null.",
                reason="null_operand",
                hint=f"Leave the condition out, or ask for absent values with {field.api_name}: {{isNull: true}}.",
            )
        if op is FilterOp.IS_NULL:
            return IsNull(field, bool(operand.get(self._variables)))
        return Compare(field, op, operand)


def _members(tree: Tree, name: str) -> dict[str, Tree]:
    if not isinstance(tree, dict) or not tree:
        raise _empty(name)
    return tree


def _empty(name: str) -> InvalidRequest:
    return InvalidRequest(
        f"`{name}` is null or empty.",
        reason="empty_condition",
        hint=f"Leave `{name}` out to ask for all records.",
    )
