"""Columns that a release holds beside its fields, made of them at ingest: for searching and for alphabetical order.

They are no data: no file, no list of columns and no hash knows them, and every name begins with `_`.
"""

from dataclasses import dataclass
from enum import StrEnum

from publicgsb.datasets.contracts.model import Contract, FieldType, FilterOp

SEARCH_COLUMN = "_search"


class HiddenKind(StrEnum):
    FOLD = "fold"  # the folded text: what `contains` looks into
    SEARCH = "search"  # the words of several fields: what `search` looks into
    SORT = "sort"  # a text whose code points stand in the order of an alphabet


@dataclass(frozen=True, slots=True)
class Hidden:
    """One such column; `required` when it never holds null."""

    name: str
    kind: HiddenKind
    sources: tuple[str, ...]
    required: bool


def fold_column(column: str) -> str:
    return f"_fold_{column}"


def sort_column(column: str) -> str:
    return f"_sort_{column}"


def hidden_columns(contract: Contract) -> tuple[Hidden, ...]:
    """In the order in which the copy file holds them, after the source order."""
    found = [
        Hidden(fold_column(field.name), HiddenKind.FOLD, (field.name,), field.required)
        for field in contract.released_fields
        if FilterOp.CONTAINS in field.filters
    ]
    sorted_by = {column for ordering in contract.orderings if ordering.alphabet for column in ordering.fields}
    found += [
        Hidden(sort_column(field.name), HiddenKind.SORT, (field.name,), field.required)
        for field in contract.released_fields
        if field.name in sorted_by and field.type is FieldType.STRING
    ]
    if contract.search:
        found.append(Hidden(SEARCH_COLUMN, HiddenKind.SEARCH, contract.search, required=True))
    return tuple(found)
