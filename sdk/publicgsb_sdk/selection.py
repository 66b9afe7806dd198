"""Which fields of a record are asked for, over its links too, and how a record becomes a row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeAlias

from publicgsb_sdk.contract import Contract, Field, FieldType
from publicgsb_sdk.errors import InvalidRequest

Path: TypeAlias = tuple[str, ...]
Row: TypeAlias = dict[str, Any]
Selected: TypeAlias = "str | Mapping[str, str | Sequence[Selected]]"

READERS: Mapping[FieldType, Callable[[str], Any]] = MappingProxyType(
    {
        FieldType.BIGINT: int,
        FieldType.DECIMAL: Decimal,
        FieldType.DATE: date.fromisoformat,
        FieldType.DATETIME: datetime.fromisoformat,
    }
)


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the record itself."""

    name: str
    api_name: str
    field: Field


@dataclass(frozen=True, slots=True)
class Branch:
    """Fields of the one record that a link leads to."""

    name: str
    api_name: str
    items: "tuple[Item, ...]"


Item: TypeAlias = Column | Branch


def paths(selected: Iterable[Selected], before: Path = ()) -> Iterator[Path]:
    """`"name"`, `"country.name_fa"` and `{"country": ["name_fa"]}` as paths from the record."""
    for item in selected:
        if isinstance(item, str):
            yield (*before, *item.split("."))
        else:
            for name, inner in item.items():
                yield from paths((inner,) if isinstance(inner, str) else inner, (*before, *name.split(".")))


def resolve(wanted: Iterable[Path], contract: Contract, contract_of: Callable[[str], Contract]) -> tuple[Item, ...]:
    """The paths as fields and links of the contract; without any, the contract's default fields."""
    grouped: dict[str, list[Path]] = {}
    for head, *rest in wanted:
        grouped.setdefault(head, []).append(tuple(rest))
    if not grouped:
        return tuple(Column(field.name, field.api_name, field) for field in contract.default_fields)
    return tuple(_item(name, below, contract, contract_of) for name, below in grouped.items())


def next_contract(wanted: Iterable[Path], contract: Contract, known: Mapping[str, Contract]) -> str | None:
    """The first dataset on the way of a path whose contract is not known yet, or None when all of them are."""
    for path in wanted:
        here = contract
        for name in path[:-1]:
            to = here.link(name).to
            if to not in known:
                return to
            here = known[to]
    return None


def text(items: Iterable[Item]) -> str:
    """The selection set, without its braces."""
    return " ".join(
        item.api_name if isinstance(item, Column) else f"{item.api_name} {{ {text(item.items)} }}" for item in items
    )


def links_count(items: Iterable[Item]) -> int:
    """How many linked records come with each record."""
    return sum(1 + links_count(item.items) for item in items if isinstance(item, Branch))


def columns(items: Iterable[Item], before: str = "") -> Iterator[tuple[str, Field]]:
    """The flat names, `country.name_fa`, with their fields."""
    for item in items:
        if isinstance(item, Column):
            yield before + item.name, item.field
        else:
            yield from columns(item.items, f"{before}{item.name}.")


def row_reader(items: tuple[Item, ...]) -> Callable[[Row], Row]:
    """Turns a record of the answer into a row: contract names, and dates and exact numbers as such."""
    steps = [(item.name, item.api_name, _value_reader(item)) for item in items]

    def read(record: Row) -> Row:
        return {
            name: record[api_name] if reader is None or record[api_name] is None else reader(record[api_name])
            for name, api_name, reader in steps
        }

    return read


def _value_reader(item: Item) -> Callable[[Any], Any] | None:
    return row_reader(item.items) if isinstance(item, Branch) else READERS.get(item.field.type)


def _item(name: str, below: list[Path], contract: Contract, contract_of: Callable[[str], Contract]) -> Item:
    deeper = [path for path in below if path]
    if deeper and len(deeper) == len(below):
        link = contract.link(name)
        return Branch(link.name, link.api_name, resolve(deeper, contract_of(link.to), contract_of))
    if not deeper and name in {spelling for link in contract.links for spelling in (link.name, link.api_name)}:
        raise InvalidRequest(
            f"{name} is a link of {contract.id}, not a field.",
            hint=f'Say which of its fields: select("{name}.…").',
            details={"reason": "link_without_fields"},
        )
    field = contract.field(name)
    return Column(field.name, field.api_name, field)
