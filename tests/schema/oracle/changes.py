"""What differs between two lists of rows, by key: as a reader of both files would find it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from publicgsb.datasets.contracts.model import AccessLevel, Contract, Field
from tests.schema.oracle.facts import Row

KINDS = ("added", "removed", "changed")


@dataclass(frozen=True, slots=True)
class Change:
    key: tuple[Any, ...]
    kind: str
    before: Row | None
    after: Row | None
    fields: list[str]  # that differ, of a record that is on both sides


def changes_between(
    contract: Contract, before: Iterable[Row], after: Iterable[Row], is_wanted: Callable[[Row], bool]
) -> list[Change]:
    """In the order of the key; a change is wanted when the record is, on one of its sides."""
    sides = [{tuple(row[column] for column in contract.key_columns): row for row in rows} for rows in (before, after)]
    found = []
    for key in sorted({*sides[0], *sides[1]}):
        old, new = sides[0].get(key), sides[1].get(key)
        fields = _differing(contract, old, new) if old and new else []
        kind = "added" if old is None else "removed" if new is None else "changed"
        is_change = bool(fields) or kind != "changed"
        if is_change and any(row is not None and is_wanted(row) for row in (old, new)):
            found.append(Change(key, kind, old, new, fields))
    return found


def _differing(contract: Contract, old: Row, new: Row) -> list[str]:
    return [
        column.api_name
        for column in compared(contract)
        if _written(old.get(column.name)) != _written(new.get(column.name))
    ]


def compared(contract: Contract) -> list[Field]:
    """All but what is closer held than the dataset itself."""
    closed = {AccessLevel.RESTRICTED, AccessLevel.WITHHELD} - {contract.access}
    return [column for column in contract.fields if contract.access_of(column) not in closed]


def _written(value: Any) -> Any:
    """10.5 and 10.50 leave as different texts."""
    return format(value, "f") if isinstance(value, Decimal) else value
