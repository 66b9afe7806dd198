"""What changed between two releases."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from publicgsb_sdk.contract import Contract
from publicgsb_sdk.errors import InvalidRequest
from publicgsb_sdk.selection import Column, Item, Row, row_reader


@dataclass(frozen=True, slots=True)
class Change:
    """One record that was added, removed or changed.

    `before` is None for an added one, `after` for a removed one; both hold the selected fields. `fields` are the names
    of those that differ, of all fields of the contract.

    >>> change = next(gsb.dataset("aviation.airports").select("icao", "code").changes(since=2))
    >>> change.before["code"], change.after["code"]
    ('07', '007')
    """

    kind: Literal["added", "removed", "changed"]
    key: Row
    fields: tuple[str, ...]
    before: Row | None
    after: Row | None


def key_items(contract: Contract) -> tuple[Item, ...]:
    """The fields that a record is known by in both releases."""
    if not contract.primary_key:
        raise InvalidRequest(
            f"{contract.id} has no key by which records could be compared.", details={"reason": "no_primary_key"}
        )
    fields = [contract.field(name) for name in contract.primary_key]
    return tuple(Column(field.name, field.api_name, field) for field in fields)


def change_reader(contract: Contract, items: tuple[Item, ...]) -> Callable[[Mapping[str, Any]], Change]:
    """Turns a change of the answer into one of Python's."""
    read, read_key = row_reader(items), row_reader(key_items(contract))
    names = {field.api_name: field.name for field in contract.fields}
    kinds: dict[str, Literal["added", "removed", "changed"]] = {
        "ADDED": "added",
        "REMOVED": "removed",
        "CHANGED": "changed",
    }

    def change(found: Mapping[str, Any]) -> Change:
        before, after = found["before"], found["after"]
        return Change(
            kind=kinds[found["change"]],
            key=read_key(found["key"]),
            fields=tuple(names.get(str(name), str(name)) for name in found["changedFields"]),
            before=None if before is None else read(before),
            after=None if after is None else read(after),
        )

    return change
