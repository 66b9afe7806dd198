"""Counts, sums and averages by groups: what is asked for them, and how a group becomes a row."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from publicgsb_sdk.contract import Contract, Field, FieldType, Grouping
from publicgsb_sdk.errors import InvalidRequest, QueryTooCostly
from publicgsb_sdk.selection import READERS, Row
from publicgsb_sdk.wire import members

GROUPS_MAX = 1_000
WHOLE = frozenset({FieldType.INTEGER, FieldType.BIGINT, FieldType.YEAR})


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure of each group: `sum` of a field, say."""

    how: str
    field: Field

    @property
    def name(self) -> str:
        """`avg_arr_delay`."""
        return f"{'count_distinct' if self.how == 'countDistinct' else self.how}_{self.field.name}"

    def read(self, value: Any) -> Any:
        """The figure in Python's own type: exact where the service is."""
        if value is None or self.how == "countDistinct":
            return value
        if self.how == "sum" and self.field.type in WHOLE:
            return int(value)
        if self.how == "avg":
            return Decimal(value) if self.field.type is FieldType.DECIMAL else float(value)
        reader = READERS.get(self.field.type)
        return reader(value) if reader else value


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What is asked: groupings, whether to count, and figures."""

    by: tuple[Grouping, ...]
    is_counted: bool
    figures: tuple[Measured, ...]

    @property
    def selection(self) -> str:
        """The selection set of a group, without its braces."""
        parts = ["key { " + " ".join(one.api_name for one in self.by) + " }"] if self.by else []
        parts += ["count"] if self.is_counted else []
        for how in dict.fromkeys(one.how for one in self.figures):
            fields = " ".join(one.field.api_name for one in self.figures if one.how == how)
            parts.append(f"{how} {{ {fields} }}")
        return " ".join(parts)

    def reader(self, contract: Contract) -> Callable[[Mapping[str, Any]], Row]:
        """Turns a group into a row: what it is grouped by, `count`, and figures such as `avg_arr_delay`."""
        keys = [(one.python_name, one.api_name, _key_reader(one, contract)) for one in self.by]

        def read(group: Mapping[str, Any]) -> Row:
            key = members(group.get("key"))
            return {
                **{name: _read(reader, key[api_name]) for name, api_name, reader in keys},
                **({"count": group["count"]} if self.is_counted else {}),
                **{one.name: one.read(group[one.how][one.field.api_name]) for one in self.figures},
            }

        return read


def asked(contract: Contract, by: Iterable[str], is_counted: bool, figures: Mapping[str, Iterable[str]]) -> Aggregate:
    """What was said, checked against the contract."""
    if not contract.groupings and not contract.measures:
        raise InvalidRequest(
            f"{contract.id} declares nothing to aggregate.",
            hint="Read its rows() and count them yourself.",
            details={"reason": "no_aggregates"},
        )
    measured = tuple(Measured(how, contract.field(name)) for how, names in figures.items() for name in names)
    if not (is_counted or measured):
        raise InvalidRequest("An aggregate counts or measures something.", details={"reason": "operand"})
    return Aggregate(tuple(contract.grouping(name) for name in by), is_counted, measured)


def ordering(text: str) -> str:
    """`-count`, `avg_arr_delay` or `COUNT_DESC` as the API writes it."""
    wanted = f"{text[1:]}_DESC" if text.startswith("-") else text
    return wanted.upper() if wanted.upper().endswith(("_ASC", "_DESC")) else f"{wanted}_ASC".upper()


def complete(found: Mapping[str, Any], limit: int | None) -> list[Any]:
    """The groups, if they are all that there are or all that were wanted."""
    groups: list[Any] = found["groups"]
    if len(groups) < found["totalGroups"] and (limit is None or len(groups) < limit):
        raise QueryTooCostly(
            f"There are {found['totalGroups']} groups, and an answer holds {len(groups)}.",
            hint="Narrow the query with where(…), group by less, or say limit(…).",
        )
    return groups


def _key_reader(grouping: Grouping, contract: Contract) -> Callable[[str], Any] | None:
    if grouping.grain == "day":
        return date.fromisoformat
    return READERS.get(contract.field(grouping.field).type) if grouping.grain is None else None


def _read(reader: Callable[[str], Any] | None, value: Any) -> Any:
    return value if reader is None or value is None else reader(value)
