"""The JSON object of a connection: aggregates over its page, and expressions over the aggregates."""

from dataclasses import dataclass, field
from typing import Protocol

from publicgsb.schema.planning.tree.records import (
    Connection,
    ConnectionItem,
    CountKind,
    CursorItem,
    DistanceItem,
    EdgesItem,
    NodesItem,
    PageInfoItem,
    PagePart,
    Record,
    TotalItem,
    TypenameItem,
)
from publicgsb.schema.sql.output import output_name


class Paged(Protocol):
    @property
    def is_backward(self) -> bool: ...


class Page(Paged, Protocol):
    """SQL of what is said of a page beside its records."""

    def has_more(self) -> str:
        """Whether it could go on where it stops reading."""
        ...

    def is_behind(self) -> str:
        """Whether something stands where it began."""
        ...

    def bound(self, *, is_last: bool) -> str:
        """The cursor of the record that was read first or last, null when the page is empty."""
        ...


class Expressions(Protocol):
    """What the statement's builder gives: SQL of a cursor and of a total, with their bind parameters."""

    def cursor(self, payload: str) -> str: ...

    def payload(self, c: Connection, values: list[str]) -> str: ...

    def is_behind(self, c: Connection, join: str | None) -> str: ...

    def total(self, c: Connection, join: str | None, kind: CountKind) -> str: ...


@dataclass(slots=True)
class Parts:
    """The members of one connection object: aggregates over its rows, and expressions over the aggregates."""

    builder: Expressions
    connection: Connection
    join: str | None
    p: str
    a: str
    first: str
    terms: int  # of the order
    reads_beyond: bool  # the page reads one record beyond its end
    is_numbered: bool  # records carry their place `rn`, and may come in any order
    aggregates: list[str] = field(default_factory=list)
    records: int = 0

    @property
    def count(self) -> str:
        """How many records the page shows."""
        if self.is_numbered or not self.reads_beyond:
            return f"count(*){self._inside}"
        return f"least(count(*), {self.first})"

    def sum(self, column: str) -> str:
        return f"coalesce(sum({self.p}.{column}){self._inside}, 0)::int8"

    def item(self, item: ConnectionItem) -> str:
        match item:
            case TypenameItem(alias, name):
                return typename(alias, name)
            case NodesItem(alias):
                return f"{self._aggregate(self._list(self._next_record()))} as {output_name(alias)}"
            case EdgesItem(alias):
                return f"{self._aggregate(self._list(self._edge(item)))} as {output_name(alias)}"
            case TotalItem(alias, kind):
                return f"{self.builder.total(self.connection, self.join, kind)} as {output_name(alias)}"
            case PageInfoItem(alias):
                return f"{page_info(item, self)} as {output_name(alias)}"

    def _edge(self, item: EdgesItem) -> str:
        outputs = []
        for part in item.parts:
            match part:
                case TypenameItem(alias, name):
                    outputs.append(typename(alias, name))
                case CursorItem(alias):
                    outputs.append(f"{self.builder.cursor(f'{self.p}.k')} as {output_name(alias)}")
                case DistanceItem(alias):
                    km = "null::float8" if self.connection.near is None else f"{self.p}.km"
                    outputs.append(f"{km} as {output_name(alias)}")
                case NodesItem(alias):
                    outputs.append(f"{self._next_record()} as {output_name(alias)}")
        return json_object(outputs)

    @property
    def is_backward(self) -> bool:
        return self.connection.is_backward

    def has_more(self) -> str:
        return self._aggregate(f"count(*) > {self.first}")

    def is_behind(self) -> str:
        return self.builder.is_behind(self.connection, self.join)

    def bound(self, *, is_last: bool) -> str:
        return self.builder.cursor(self._aggregate(self._bound(is_last=is_last)))

    @property
    def _inside(self) -> str:
        return f" filter (where {self.p}.rn <= {self.first})" if self.reads_beyond and self.is_numbered else ""

    def _list(self, element: str) -> str:
        if self.is_numbered:
            direction = " desc" if self.connection.is_backward else ""
            return f"coalesce(json_agg({element} order by {self.p}.rn{direction}){self._inside}, '[]'::json)"
        if self.reads_beyond:
            return f"coalesce(array_to_json((array_agg({element}))[1:{self.first}]), '[]'::json)"
        return f"coalesce(json_agg({element}), '[]'::json)"

    def _bound(self, *, is_last: bool) -> str:
        """What `bound` makes a cursor of."""
        values = []
        for term in range(self.terms):
            if self.is_numbered:
                direction = " desc" if is_last else ""
                values.append(f"(array_agg({self.p}.k{term} order by {self.p}.rn{direction}){self._inside})[1]")
            else:
                values.append(f"(array_agg({self.p}.k{term}))[{self.count if is_last else 1}]")
        return f"case when {self.count} > 0 then {self.builder.payload(self.connection, values)} end"

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
    cursor: bool  # the cursor of each record is selected
    bounds: bool  # a cursor of the page is
    more: bool  # whether a further record exists is selected


def ahead(c: Paged) -> PagePart:
    """The side on which the page goes on reading: one record more than the page shows whether it could."""
    return PagePart.HAS_PREVIOUS if c.is_backward else PagePart.HAS_NEXT


def needs_of(c: Connection) -> Needs:
    records: list[Record] = []
    cursor = bounds = more = False
    for item in c.items:
        if isinstance(item, NodesItem):
            records.append(item.record)
        elif isinstance(item, EdgesItem):
            records += [part.record for part in item.parts if isinstance(part, NodesItem)]
            cursor |= any(isinstance(part, CursorItem) for part in item.parts)
        elif isinstance(item, PageInfoItem):
            bounds |= item.wants(PagePart.START, PagePart.END)
            more |= item.wants(ahead(c))
    return Needs(tuple(records), cursor, bounds, more)


def page_info(item: PageInfoItem, page: Page) -> str:
    outputs = []
    for part in item.parts:
        if isinstance(part, TypenameItem):
            outputs.append(typename(part.alias, part.name))
            continue
        alias, which = part
        if which is ahead(page):
            sql = page.has_more()
        elif which in (PagePart.HAS_NEXT, PagePart.HAS_PREVIOUS):
            sql = page.is_behind()
        else:
            sql = page.bound(is_last=(which is PagePart.END) is not page.is_backward)
        outputs.append(f"{sql} as {output_name(alias)}")
    return json_object(outputs)


def json_object(outputs: list[str]) -> str:
    # `o.*`, since `o` alone would be the column where a caller's alias is o.
    return f"(select row_to_json(o.*) from (select {', '.join(outputs)}) o)"


def typename(alias: str, name: str) -> str:
    return f"'{name}'::text as {output_name(alias)}"
