"""From a row to a value whose fields are columns of the same names."""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

import asyncpg

Value = TypeVar("Value")


def value_of(kind: Callable[..., Value], row: asyncpg.Record, /, **converted: Any) -> Value:
    """A value of the dataclass `kind`; `converted` are the fields that are not taken from the row as they are."""
    taken = {name: row[name] for name in _names(kind) if name not in converted}
    return kind(**taken, **converted)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.init)
