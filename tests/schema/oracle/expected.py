"""What an operation should answer, by graphql-core's own executor over the lists: no plan, no SQL, no cache."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLResolveInfo,
    GraphQLSchema,
    execute,
)

from publicgsb.datasets.contracts.model import AccessLevel, Contract, Link
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.errors import DatasetWithdrawn, GsbError, Withheld
from publicgsb.schema.types.marks import (
    AgencyMark,
    ColumnMark,
    ListMark,
    PartMark,
    RecordMark,
    ThroughMark,
    ToManyMark,
    ToOneMark,
    mark_of,
)
from tests.schema.oracle.lists import holds, place, sort
from tests.schema.oracle.world import DatasetKey, Facts, Row

Info: TypeAlias = GraphQLResolveInfo[Any]

PAGE_DEFAULT = 20


class CursorToken(str):
    """What a cursor means, in the place where the compiled path has one: order, version and row."""

    __slots__ = ("is_descending", "key", "ordering", "place", "version")

    def __new__(cls, key: DatasetKey, ordering: str, is_descending: bool, version: int, place: int) -> "CursorToken":
        token = super().__new__(cls, f"<{key} by {ordering} {is_descending} at {version}: row {place}>")
        token.key, token.ordering, token.is_descending = key, ordering, is_descending
        token.version, token.place = version, place
        return token

    key: DatasetKey
    ordering: str
    is_descending: bool
    version: int
    place: int


class Failure(NamedTuple):
    path: tuple[str, ...]  # without the indexes of lists
    code: str


@dataclass(slots=True)
class Answer:
    data: Any
    failures: set[Failure]


@dataclass(slots=True)
class Reading:
    """The context of one execution: the lists, and at which version each root field is read."""

    facts: Facts
    registry: Registry
    cursors: Mapping[str, CursorToken]
    versions: Mapping[tuple[str, ...], "Version | GsbError"]

    def contract(self, key: DatasetKey) -> Contract:
        return self.registry.datasets[key].contract

    def bind(self, key: DatasetKey, version: "Version") -> int:
        """The release that answers. Raises DatasetWithdrawn."""
        return bound(self.facts, key, version.read)


class Version(NamedTuple):
    """At which version a root field is read, and which one its cursors name: the first at which all was as it is."""

    read: int
    stamp: int


@dataclass(slots=True)
class Record:
    key: DatasetKey
    seq: int
    version: Version
    row: Row


@dataclass(slots=True)
class Page:
    """`matching` is in order and whole; `rest` is what lies on the reading side of the cursor."""

    key: DatasetKey
    seq: int
    version: Version
    ordering: str
    is_descending: bool
    size: int
    is_backward: bool
    matching: list[Row]
    rest: list[Row]

    @property
    def rows(self) -> list[Row]:
        return self.rest[max(0, len(self.rest) - self.size) :] if self.is_backward else self.rest[: self.size]

    @property
    def has_more(self) -> bool:
        """On the side to which the page goes on."""
        return len(self.rest) > self.size

    @property
    def has_behind(self) -> bool:
        """At the cursor or on its other side."""
        return len(self.matching) > len(self.rest)

    def cursor(self, row: Row) -> CursorToken:
        return CursorToken(self.key, self.ordering, self.is_descending, self.version.stamp, row["_row"])


@dataclass(slots=True)
class Edge:
    page: Page
    row: Row


def bound(facts: Facts, key: DatasetKey, version: int) -> int:
    if key in facts.withdrawn:
        raise DatasetWithdrawn("withdrawn")
    step = facts.at(version)
    seq = step.current.get(key) if step else None
    if seq is None:
        raise DatasetWithdrawn("not yet released")
    return seq


def answer(schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], reading: Reading) -> Answer:
    result = execute(schema, document, context_value=reading, variable_values=dict(variables), field_resolver=_resolve)
    assert isinstance(result, ExecutionResult)
    failures = set()
    for error in result.errors or ():
        if not isinstance(error.original_error, GsbError):
            raise error
        path = tuple(step for step in error.path or () if isinstance(step, str))
        failures.add(Failure(path, error.original_error.code))
    return Answer(result.data, failures)


# Resolvers -------------------------------------------------------------------------------------------------


def _resolve(source: Any, info: Info, **args: Any) -> Any:
    mark = mark_of(info.parent_type.fields[info.field_name])
    return RESOLVERS[type(mark)](source, mark, info, args)


def _agency(_: Any, __: AgencyMark, ___: Info, ____: Mapping[str, Any]) -> Any:
    return {}


def _list(_: Any, mark: ListMark, info: Info, args: Mapping[str, Any]) -> Page:
    reading, version, seq = _root(mark.dataset, info)
    return page(reading, mark.dataset, seq, version, args, lambda row: True)


def _record(_: Any, mark: RecordMark, info: Info, args: Mapping[str, Any]) -> Record | None:
    reading, version, seq = _root(mark.dataset, info)
    contract = reading.contract(mark.dataset)
    ((name, member),) = args["by"].items()
    key = next(key for key in contract.unique_keys if key.name == name)
    wanted = [member] if len(key.fields) == 1 else [member[contract.field(column).api_name] for column in key.fields]
    return _find(reading, mark.dataset, seq, version, dict(zip(key.fields, wanted, strict=True)))


def _root(key: DatasetKey, info: Info) -> tuple[Reading, Version, int]:
    reading: Reading = info.context
    version = reading.versions[tuple(str(step) for step in info.path.as_list())]
    if isinstance(version, GsbError):
        raise version
    return reading, version, reading.bind(key, version)


def _find(reading: Reading, key: DatasetKey, seq: int, version: Version, wanted: Mapping[str, Any]) -> Record | None:
    for row in reading.facts.rows[key, seq]:
        if all(value is not None and row.get(column) == value for column, value in wanted.items()):
            return Record(key, seq, version, row)
    return None


def _column(source: Record, mark: ColumnMark, info: Info, _: Mapping[str, Any]) -> Any:
    reading: Reading = info.context
    if reading.contract(mark.dataset).access_of(mark.field) is AccessLevel.WITHHELD:
        raise Withheld("withheld")
    value = source.row.get(mark.field.name)
    return format(value, "f") if isinstance(value, Decimal) else value


def _to_one(source: Record, mark: ToOneMark, info: Info, _: Mapping[str, Any]) -> Record | None:
    reading: Reading = info.context
    seq = reading.bind(mark.target, source.version)
    values = [source.row.get(column) for column in mark.link.fields]
    return _find(reading, mark.target, seq, source.version, dict(zip(mark.link.to_fields, values, strict=True)))


def _to_many(source: Record, mark: ToManyMark, info: Info, args: Mapping[str, Any]) -> Page | None:
    reading: Reading = info.context
    seq = reading.bind(mark.target, source.version)
    if not is_joined(reading.facts, mark.link, (mark.target, seq), (mark.source, source.seq)):
        return None
    values = [source.row.get(column) for column in mark.link.to_fields]
    pairs = list(zip(mark.link.fields, values, strict=True))
    return page(
        reading,
        mark.target,
        seq,
        source.version,
        args,
        lambda row: all(value is not None and row[column] == value for column, value in pairs),
    )


def _through(source: Record, mark: ThroughMark, info: Info, args: Mapping[str, Any]) -> Page | None:
    """Records that some row of the link dataset ties to this one, each once."""
    reading: Reading = info.context
    via = reading.bind(mark.via, source.version)
    seq = reading.bind(mark.target, source.version)
    inward = is_joined(reading.facts, mark.inward, (mark.via, via), (mark.source, source.seq))
    outward = is_joined(reading.facts, mark.outward, (mark.via, via), (mark.target, seq))
    if not (inward and outward):
        return None
    ties = [
        row
        for row in reading.facts.rows[mark.via, via]
        if _meets(row, mark.inward.fields, source.row, mark.inward.to_fields)
    ]
    return page(
        reading,
        mark.target,
        seq,
        source.version,
        args,
        lambda row: any(_meets(tie, mark.outward.fields, row, mark.outward.to_fields) for tie in ties),
    )


def _meets(one: Row, columns: tuple[str, ...], other: Row, other_columns: tuple[str, ...]) -> bool:
    pairs = [(one[here], other[there]) for here, there in zip(columns, other_columns, strict=True)]
    return all(value is not None and value == wanted for value, wanted in pairs)


def is_joined(facts: Facts, link: Link, holder: tuple[DatasetKey, int], pointed: tuple[DatasetKey, int]) -> bool:
    """Whether both releases have the link's columns; what a release lacks is null."""
    return set(link.fields) <= facts.columns[holder] and set(link.to_fields) <= facts.columns[pointed]


def page(
    reading: Reading,
    key: DatasetKey,
    seq: int,
    version: Version,
    args: Mapping[str, Any],
    belongs: Callable[[Row], bool],
) -> Page:
    contract = reading.contract(key)
    ordering, is_descending = args.get("orderBy") or ("key", False)
    columns = (*reading.facts.orderings[key, seq][ordering], *contract.key_columns)
    where = args.get("where")
    rows = [row for row in reading.facts.rows[key, seq] if belongs(row)]
    matching = [row for row in rows if where is None or holds(where, contract, row) is True]
    matching = sort(matching, columns, is_descending=is_descending)
    size, cursor, is_backward = window(args)
    rest = matching
    if cursor is not None:
        at = reading.facts.rows[key, seq][reading.cursors[cursor].place - 1]
        here = place(at, columns, is_descending=is_descending)
        wants_greater = is_descending is is_backward
        there = [(place(row, columns, is_descending=is_descending), row) for row in matching]
        rest = [row for other, row in there if (other > here if wants_greater else other < here)]
    return Page(key, seq, version, ordering, is_descending, size, is_backward, matching, rest)


def window(args: Mapping[str, Any]) -> tuple[int, str | None, bool]:
    """Size, cursor and whether the page is read from the end; a null is an argument left out."""
    if args.get("last") is not None:
        return args["last"], args.get("before"), True
    first = args.get("first")
    return (PAGE_DEFAULT if first is None else first), args.get("after"), False


def _part(source: Any, mark: PartMark, _: Info, __: Mapping[str, Any]) -> Any:
    return PARTS[mark.part](source)


def _nodes(source: Page) -> list[Record]:
    return [Record(source.key, source.seq, source.version, row) for row in source.rows]


# One entry per kind of field and per part of a connection: what the schema learns, the oracle learns here.
RESOLVERS: dict[type[Any], Callable[[Any, Any, Info, Mapping[str, Any]], Any]] = {
    AgencyMark: _agency,
    ListMark: _list,
    RecordMark: _record,
    ColumnMark: _column,
    ToOneMark: _to_one,
    ToManyMark: _to_many,
    ThroughMark: _through,
    PartMark: _part,
}
PARTS: dict[str, Callable[[Any], Any]] = {
    "nodes": _nodes,
    "edges": lambda page: [Edge(page, row) for row in page.rows],
    "node": lambda edge: Record(edge.page.key, edge.page.seq, edge.page.version, edge.row),
    "cursor": lambda edge: edge.page.cursor(edge.row),
    "pageInfo": lambda page: page,
    "totalCount": lambda page: len(page.matching),  # no list of this world comes near the limit of a cheap count
    "estimatedCount": lambda page: len(page.matching),
    "hasNextPage": lambda page: page.has_behind if page.is_backward else page.has_more,
    "hasPreviousPage": lambda page: page.has_more if page.is_backward else page.has_behind,
    "startCursor": lambda page: page.cursor(page.rows[0]) if page.rows else None,
    "endCursor": lambda page: page.cursor(page.rows[-1]) if page.rows else None,
}
