"""What may be compared with what: conditions and keys, before they meet a row."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from publicgsb.datasets.contracts.model import Contract, FilterOp
from tests.schema.oracle.bill import Bill
from tests.schema.oracle.facts import DatasetKey, Facts
from tests.schema.oracle.spelling import read

LIST_MAX = 250
CLAUSES_MAX = 50


@dataclass(slots=True)
class Operands:
    bill: Bill
    facts: Facts

    def by(self, key: DatasetKey, by: Mapping[str, Any] | None, *, is_bound: bool) -> None:
        contract = self.bill.registry.datasets[key].contract
        for name, member in (by or {"": None}).items():
            self.bill.touch(key, *(column for one in contract.unique_keys if one.name == name for column in one.fields))
            for value in member.values() if isinstance(member, dict) else (member,):
                self._operand("eq", value, is_bound=is_bound)

    def where(self, where: Any, *at: tuple[DatasetKey, int | None]) -> None:
        """`at` are the releases whose rows it is held against; without a number none is."""
        key = at[0][0]
        stored = [self.facts.contracts[key, seq] for key, seq in at if seq is not None]
        if self._clauses(where, key, stored) > CLAUSES_MAX:
            self.bill.refuse()

    def _clauses(self, where: Any, key: DatasetKey, stored: list[Contract]) -> int:
        """How many comparisons it holds."""
        if not where:
            self.bill.refuse()
            return 0
        clauses = 0
        for name, inner in where.items():
            if name in ("and", "or"):
                if not inner:
                    self.bill.refuse()
                clauses += sum(self._clauses(part, key, stored) for part in inner or ())
            elif name == "not":
                clauses += self._clauses(inner, key, stored)
            elif not inner:
                self.bill.refuse()
            else:
                column = self.bill.registry.datasets[key].contract.by_api_name[name].name
                self.bill.touch(key, column)
                for op, operand in inner.items():
                    clauses += 1
                    self._operand(op, operand, is_bound=bool(stored))
                    if op == "contains" and not all(_can_look_into(one, column) for one in stored):
                        self.bill.refuse()
        return clauses

    def _operand(self, op: str, operand: Any, *, is_bound: bool) -> None:
        if operand is None:
            self.bill.refuse()
            return
        if not is_bound:
            return
        values = operand if isinstance(operand, list) else [operand]
        if (op == "in" and not 1 <= len(values) <= LIST_MAX) or (op == "startsWith" and operand == ""):
            self.bill.refuse()
        if any(not _fits(value) for value in values) or (op == "contains" and not 2 <= len(read(operand)) <= 200):
            self.bill.refuse()


def searches(where: Any) -> int:
    """How many texts a condition looks into."""
    if isinstance(where, list):
        return sum(map(searches, where))
    if not isinstance(where, dict):
        return 0
    return sum((name == "contains") + searches(inner) for name, inner in where.items())


def _can_look_into(contract: Contract, column: str) -> bool:
    found = contract.by_name.get(column)
    return found is not None and FilterOp.CONTAINS in found.filters


def _fits(value: Any) -> bool:
    """Whether a column could hold the value at all."""
    if isinstance(value, str):
        return "\0" not in value and not any(0xD800 <= ord(character) < 0xE000 for character in value)
    return not isinstance(value, float) or math.isfinite(value)
