"""Bind parameters: what fills each `$n` at a request, checked so that no value makes PostgreSQL fail."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from publicgsb.datasets.contracts.model import Field, FieldType
from publicgsb.datasets.registry import ReleaseRef
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.limits import IN_LIST_MAX, RESPONSE_BYTES_MAX
from publicgsb.schema.planning.tree.changes import Side
from publicgsb.schema.planning.values import Leaf
from publicgsb.schema.sql.cursor import Cursor, bad_cursor, cursor_value
from publicgsb.schema.types.connections import PAGE_MAX

PG_TYPES: Mapping[FieldType, str] = {
    FieldType.STRING: "text",
    FieldType.INTEGER: "int4",
    FieldType.YEAR: "int4",
    FieldType.BIGINT: "int8",
    FieldType.NUMBER: "float8",
    FieldType.DECIMAL: "numeric",
    FieldType.BOOLEAN: "bool",
    FieldType.DATE: "date",
    FieldType.DATETIME: "timestamptz",
}


class Bound(NamedTuple):
    """The values of one request: what the binders read."""

    variables: Mapping[str, Any]
    cursors: Mapping[Leaf, Cursor]
    releases: tuple[ReleaseRef | None, ...]  # by slot
    versions: tuple[tuple[int, int], ...]  # by root field, by side
    secret: bytes
    bytes_max: int = RESPONSE_BYTES_MAX


Binder: TypeAlias = Callable[[Bound], Any]


def operand(leaf: Leaf, field: Field) -> Binder:
    name, type_ = field.api_name, field.type
    return lambda bound: _checked(leaf.get(bound.variables), name, type_)


def operand_list(leaf: Leaf, field: Field) -> Binder:
    def bind(bound: Bound) -> list[Any]:
        values = leaf.get(bound.variables)
        if not isinstance(values, list):
            values = [values]
        if not 1 <= len(values) <= IN_LIST_MAX:
            raise InvalidRequest(
                f"{field.api_name}.in takes 1 to {IN_LIST_MAX} values.",
                reason="limits",
                hint="Ask for the others in a further request; leave `in` out to ask for all records.",
            )
        return [_checked(value, field.api_name, field.type) for value in values]

    return bind


def prefix_bounds(leaf: Leaf, field: Field) -> tuple[Binder, Binder]:
    """The half-open range of all texts that begin with the value, in code point order (COLLATE "C")."""

    def lower(bound: Bound) -> str:
        value: str = _checked(leaf.get(bound.variables), field.api_name, field.type)
        if not value:
            raise InvalidRequest(
                f"{field.api_name}.startsWith is empty.",
                reason="empty_condition",
                hint="Give at least one character, or leave it out.",
            )
        return value

    return lower, lambda bound: _successor(lower(bound))


def page_size(leaf: Leaf, extra: int = 0) -> Binder:
    def bind(bound: Bound) -> int:
        return checked_page_size(leaf.get(bound.variables)) + extra

    return bind


def at_least_one(leaf: Leaf) -> Binder:
    return lambda bound: max(1, checked_page_size(leaf.get(bound.variables)))


def suppressed_cells(slot: int) -> Binder:
    def bind(bound: Bound) -> int:
        release = bound.releases[slot]
        return (release.suppressed_cells or 0) if release is not None else 0

    return bind


def min_cell(slot: int) -> Binder:
    def bind(bound: Bound) -> int:
        release = bound.releases[slot]
        aggregates = release.contract.aggregates if release is not None else None
        return (aggregates.min_cell or 0) if aggregates is not None else 0

    return bind


def checked_page_size(value: Any) -> int:
    if value is None or not 0 <= value <= PAGE_MAX:
        raise InvalidRequest(
            f"A page (`first` or `last`) holds 0 to {PAGE_MAX} records.",
            reason="page_size",
            hint="Read on with `after` and the endCursor, or back with `before` and the startCursor.",
        )
    return int(value)


def cursor_part(leaf: Leaf, fingerprint: Binder, index: int, length: int, type_: FieldType) -> Binder:
    def bind(bound: Bound) -> Any:
        cursor = bound.cursors[leaf]
        if cursor.fingerprint != fingerprint(bound) or len(cursor.values) != length:
            raise bad_cursor("The cursor belongs to another list or another order.")
        return cursor_value(type_, cursor.values[index])

    return bind


def release_rows(slot: int) -> Binder:
    def bind(bound: Bound) -> int:
        release = bound.releases[slot]
        return release.rows if release is not None else 0

    return bind


def root_version(root: int, side: Side) -> Binder:
    return lambda bound: bound.versions[root][side]


def newest_version(root: int) -> Binder:
    return lambda bound: max(bound.versions[root])


def answer_bytes_max(bound: Bound) -> int:
    return bound.bytes_max


def cursor_secret(bound: Bound) -> bytes:
    return bound.secret


def _checked(value: Any, name: str, type_: FieldType) -> Any:
    if value is None:
        raise InvalidRequest(
            f"{name} is compared with null.",
            reason="null_operand",
            hint=f"Ask for absent values with {name}: {{isNull: true}}.",
        )
    if type_ is FieldType.STRING:
        if "\0" in value or not (value.isascii() or _is_encodable(value)):
            raise InvalidRequest(
                f"{name} is compared with text that no column can hold.",
                reason="text",
                hint="Send Unicode text without NUL and without halves of surrogate pairs.",
            )
    elif type_ is FieldType.NUMBER and not math.isfinite(value):
        raise InvalidRequest(
            f"{name} is compared with a number that is not finite.", reason="number", hint="Give a finite number."
        )
    return value


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # lone surrogates
        return False
    return True


def _successor(text: str) -> str:
    """The least text above all texts that begin with `text`."""
    head = text.rstrip("\U0010ffff")
    if not head:
        return "\U0010ffff" * (len(text) + 8)
    last = ord(head[-1]) + 1
    return head[:-1] + chr(0xE000 if last == 0xD800 else last)
