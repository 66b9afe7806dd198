"""Conditions, as a tree over leaves that are filled at each request."""

from dataclasses import dataclass
from typing import TypeAlias

from publicgsb.datasets.contracts.model import Field, FilterOp
from publicgsb.schema.planning.values import Leaf


@dataclass(frozen=True, slots=True)
class Compare:
    field: Field
    op: FilterOp
    operand: Leaf


@dataclass(frozen=True, slots=True)
class IsNull:
    field: Field
    wanted: bool


@dataclass(frozen=True, slots=True)
class All:
    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Some:
    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    of: "Condition"


Condition: TypeAlias = Compare | IsNull | All | Some | Not
