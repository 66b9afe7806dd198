"""What a field of the schema stands for: kept beside it, for whoever answers, prices or refuses it."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from publicgsb_sdk.testing.model import Column, Join, MockContract, Tie

Kind: TypeAlias = Literal["agency", "list", "record", "aggregate", "changes", "column", "to_one", "to_many", "through"]
ROOTS = frozenset({"list", "record", "aggregate", "changes"})
LISTS = frozenset({"list", "to_many", "through"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """`contract` is that of the records that the field gives, or that a column is of; `via` that of what ties."""

    kind: Kind
    contract: MockContract
    column: Column | None = None
    join: Join | None = None
    tie: Tie | None = None
    via: MockContract | None = None


def meaning_of(field: Any) -> Meaning | None:
    """None for a part of a page, of an aggregate or of the catalogue."""
    found: Meaning | None = field.extensions.get("gsb")
    return found
