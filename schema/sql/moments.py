"""Dates and moments travel as text: asyncpg sends the first and the last one that Python knows as infinities.

0001-01-01 is what stands for an absent date in an order, so a page after a record without a date began again at the
first such record; and a condition on 9999-12-31, which registers use for "open end", met nothing.
"""

from typing import Any

from publicgsb.schema.sql.binding import Binder, Bound

_TYPES = ("date", "timestamptz")


def carried(binder: Binder, type_: str) -> tuple[Binder, str]:
    """The binder, and the type in which its value is sent before it is cast to `type_`."""
    if type_.removesuffix("[]") not in _TYPES:
        return binder, type_

    def bind(bound: Bound) -> Any:
        value = binder(bound)
        return [one.isoformat() for one in value] if isinstance(value, list) else value.isoformat()

    return bind, f"text[]::{type_}" if type_.endswith("[]") else f"text::{type_}"
