"""The JSON object of a connection: aggregates over its page, and expressions over the aggregates."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from publicgsb.schema.planning.model import (
    Connection,
    ConnectionItem,
    CursorItem,
    EdgesItem,
    NodesItem,
    PageInfoItem,
    PagePart,
    Record,
    TotalItem,
    TypenameItem,
)
from publicgsb.schema.sql.output import output_name


class Expressions(Protocol):
    """What the statement's builder gives: SQL of a cursor and of a total, with their bind parameters."""

    def cursor(self, payload: str) -> str: ...

    def total(self, c: Connection, join: str | None) -> str: ...


@dataclass(slots=True)
class Parts:
    """The members of one connection object: aggregates over its rows, and expressions over the aggregates."""

    builder: Expressions
    connection: Connection
    p: str
    a: str
    first: str
    inside: str
    sequence: str
    join: str | None
    aggregates: list[str] = field(default_factory=list)
    records: int = 0

    def item(self, item: ConnectionItem) -> str:
        match item:
            case TypenameItem(alias, name):
                return typename(alias, name)
            case NodesItem(alias):
                return f"{self._aggregate(self._list(self._next_record()))} as {output_name(alias)}"
            case EdgesItem(alias):
                return f"{self._aggregate(self._list(self._edge(item)))} as {output_name(alias)}"
            case TotalItem(alias):
                return f"{self.builder.total(self.connection, self.join)} as {output_name(alias)}"
            case PageInfoItem(alias):
                return f"{self._page_info(item)} as {output_name(alias)}"

    def _edge(self, item: EdgesItem) -> str:
        outputs = []
        for part in item.parts:
            match part:
                case TypenameItem(alias, name):
                    outputs.append(typename(alias, name))
                case CursorItem(alias):
                    outputs.append(f"{self.builder.cursor(f'{self.p}.k')} as {output_name(alias)}")
                case NodesItem(alias):
                    outputs.append(f"{self._next_record()} as {output_name(alias)}")
        return json_object(outputs)

    def _page_info(self, item: PageInfoItem) -> str:
        outputs = []
        for part in item.parts:
            if isinstance(part, TypenameItem):
                outputs.append(typename(part.alias, part.name))
                continue
            alias, which = part
            if which is PagePart.HAS_NEXT:
                sql = self._aggregate(f"count(*) > {self.first}")
            elif which is PagePart.HAS_PREVIOUS:
                sql = "true" if self.connection.after is not None else "false"
            else:
                direction = "" if which is PagePart.START else " desc"
                keys = f"(array_agg({self.p}.k order by {self.p}.rn{direction}){self.inside})[1]"
                sql = self.builder.cursor(self._aggregate(keys))
            outputs.append(f"{sql} as {output_name(alias)}")
        return json_object(outputs)

    def _list(self, element: str) -> str:
        return f"coalesce(json_agg({element}{self.sequence}){self.inside}, '[]'::json)"

    def _next_record(self) -> str:
        self.records += 1
        return f"{self.p}.r{self.records - 1}"

    def _aggregate(self, sql: str) -> str:
        name = f"v{len(self.aggregates)}"
        self.aggregates.append(f"{sql} as {name}")
        return f"{self.a}.{name}"


@dataclass(frozen=True, slots=True)
class Needs:
    records: tuple[Record, ...]  # in the order in which _Parts asks for them
    cursor: bool  # some cursor is selected
    more: bool  # whether a further record exists is selected


def needs_of(items: Iterable[ConnectionItem]) -> Needs:
    records: list[Record] = []
    cursor = more = False
    for item in items:
        if isinstance(item, NodesItem):
            records.append(item.record)
        elif isinstance(item, EdgesItem):
            records += [part.record for part in item.parts if isinstance(part, NodesItem)]
            cursor |= any(isinstance(part, CursorItem) for part in item.parts)
        elif isinstance(item, PageInfoItem):
            cursor |= item.wants(PagePart.START, PagePart.END)
            more |= item.wants(PagePart.HAS_NEXT)
    return Needs(tuple(records), cursor, more)


def json_object(outputs: list[str]) -> str:
    # `o.*`, since `o` alone would be the column where a caller's alias is o.
    return f"(select row_to_json(o.*) from (select {', '.join(outputs)}) o)"


def typename(alias: str, name: str) -> str:
    return f"'{name}'::text as {output_name(alias)}"
