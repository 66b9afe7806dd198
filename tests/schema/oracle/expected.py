"""What an operation should answer, by graphql-core's own executor over the lists: no plan, no SQL, no cache."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    execute,
)

from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.platform.kernel.errors import GsbError, InvalidRequest, Withheld
from publicgsb.schema.types.marks import (
    AgencyMark,
    AggregateMark,
    ChangesMark,
    ColumnMark,
    ListMark,
    PartMark,
    RecordMark,
    ThroughMark,
    ToManyMark,
    ToOneMark,
    mark_of,
)
from tests.schema.oracle.changes import changes_between
from tests.schema.oracle.facts import DatasetKey, Row
from tests.schema.oracle.groups import Figures, GroupKey, Whole, whole
from tests.schema.oracle.lists import holds
from tests.schema.oracle.paged import page
from tests.schema.oracle.pages import Between, Feed, Page, Record, Side, Version, window
from tests.schema.oracle.parts import PARTS
from tests.schema.oracle.readable import is_joined
from tests.schema.oracle.reading import Reading

Info: TypeAlias = GraphQLResolveInfo[Any]


class Failure(NamedTuple):
    path: tuple[str, ...]  # without the indexes of lists
    code: str


@dataclass(slots=True)
class Answer:
    data: Any
    failures: set[Failure]
    rounded: set[tuple[str | int, ...]]  # where quotients stand, of which PostgreSQL knows the first digits only


async def answer(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], reading: Reading
) -> Answer:
    ran = execute(schema, document, context_value=reading, variable_values=dict(variables), field_resolver=_resolve)
    result = ran if isinstance(ran, ExecutionResult) else await ran
    failures = set()
    for error in result.errors or ():
        if not isinstance(error.original_error, GsbError):
            raise error
        path = tuple(step for step in error.path or () if isinstance(step, str))
        failures.add(Failure(path, error.original_error.code))
    return Answer(result.data, failures, reading.rounded)


# Resolvers -------------------------------------------------------------------------------------------------


def _resolve(source: Any, info: Info, **args: Any) -> Any:
    mark = mark_of(info.parent_type.fields[info.field_name])
    return RESOLVERS[type(mark)](source, mark, info, args)


def _agency(_: Any, __: AgencyMark, ___: Info, ____: Mapping[str, Any]) -> Any:
    return {}


def _list(_: Any, mark: ListMark, info: Info, args: Mapping[str, Any]) -> Page | None:
    reading, version, seq = _root(mark.dataset, info)
    if reading.is_dry_run:
        return None
    return page(reading, mark.dataset, seq, version, args, lambda row: True)


def _record(_: Any, mark: RecordMark, info: Info, args: Mapping[str, Any]) -> Record | None:
    reading, version, seq = _root(mark.dataset, info)
    if reading.is_dry_run:
        return None
    contract = reading.contract(mark.dataset)
    ((name, member),) = args["by"].items()
    key = next(key for key in contract.unique_keys if key.name == name)
    wanted = [member] if len(key.fields) == 1 else [member[contract.field(column).api_name] for column in key.fields]
    return _find(reading, mark.dataset, seq, version, dict(zip(key.fields, wanted, strict=True)))


def _aggregate(_: Any, mark: AggregateMark, info: Info, args: Mapping[str, Any]) -> Whole | None:
    reading, _version, seq = _root(mark.dataset, info)
    if reading.is_dry_run:
        return None
    contract, where = reading.contract(mark.dataset), args.get("where")
    rows = reading.facts.rows[mark.dataset, seq]
    found = whole(contract, [row for row in rows if where is None or holds(where, contract, row) is True], args)
    stored = reading.facts.contracts[mark.dataset, seq].aggregates
    suppressed = reading.facts.suppressed.get((mark.dataset, seq), 0)
    return replace(found, suppressed=suppressed, min_cell=stored.min_cell if stored else None)


def _root(key: DatasetKey, info: Info) -> tuple[Reading, Version, int]:
    reading: Reading = info.context
    version = reading.versions[tuple(str(step) for step in info.path.as_list())]
    if isinstance(version, GsbError):
        raise version
    assert isinstance(version, Version)
    return reading, version, reading.bind(key, version)


def _find(reading: Reading, key: DatasetKey, seq: int, version: Version, wanted: Mapping[str, Any]) -> Record | None:
    for row in reading.facts.rows[key, seq]:
        if all(value is not None and row.get(column) == value for column, value in wanted.items()):
            return Record(key, seq, version, row)
    return None


def _column(source: Any, mark: ColumnMark, info: Info, _: Mapping[str, Any]) -> Any:
    reading: Reading = info.context
    if isinstance(source, Figures):
        if source.part == "avg":
            reading.rounded.add(tuple(info.path.as_list()))
        return source.figure(mark.field)
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


def _changes(_: Any, mark: ChangesMark, info: Info, args: Mapping[str, Any]) -> Feed | None:
    reading: Reading = info.context
    versions = reading.versions[tuple(str(step) for step in info.path.as_list())]
    if isinstance(versions, GsbError):
        raise versions
    assert isinstance(versions, Between)
    now, since = (Side(reading.bind(mark.dataset, version), version) for version in versions)
    if isinstance(args["since"], int) and args["since"] != since.seq:
        raise InvalidRequest("a cursor of another beginning")
    if reading.is_dry_run:
        return None
    contract, where = reading.contract(mark.dataset), args.get("where")
    changes = changes_between(
        contract,
        reading.facts.rows[mark.dataset, since.seq],
        reading.facts.rows[mark.dataset, now.seq],
        lambda row: where is None or holds(where, contract, row) is True,
    )
    size, cursor, is_backward = window(args)
    rest = changes
    if cursor is not None:
        here = reading.cursors[cursor].place
        rest = [change for change in changes if (change.key < here if is_backward else change.key > here)]
    return Feed(mark.dataset, now, since, size, is_backward, changes, rest)


def _part(source: Any, mark: PartMark, _: Info, __: Mapping[str, Any]) -> Any:
    if isinstance(source, GroupKey):
        return source.values[mark.part]
    return PARTS[mark.part](source)


# One entry per kind of field: what the schema learns, the oracle learns here, and of a part in parts.py.
RESOLVERS: dict[type[Any], Callable[[Any, Any, Info, Mapping[str, Any]], Any]] = {
    AgencyMark: _agency,
    ListMark: _list,
    RecordMark: _record,
    ColumnMark: _column,
    ToOneMark: _to_one,
    ToManyMark: _to_many,
    ThroughMark: _through,
    PartMark: _part,
    AggregateMark: _aggregate,
    ChangesMark: _changes,
}


def is_known(type_: GraphQLObjectType, name: str) -> bool:
    """Whether the oracle has learned to answer the field; what it has not is not generated."""
    mark = mark_of(type_.fields[name])
    if isinstance(mark, PartMark):
        return mark.part in PARTS or type_.name.endswith("AggregateKey")
    return type(mark) in RESOLVERS
