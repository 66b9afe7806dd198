"""The schema that can be executed: the SDL, with what each field means and how it is answered."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias

from graphql import GraphQLField, GraphQLObjectType, GraphQLScalarType, GraphQLSchema, build_schema

from publicgsb_sdk.contract import FieldType, camel
from publicgsb_sdk.testing import parts, resolving, sdl
from publicgsb_sdk.testing.meaning import Kind, Meaning
from publicgsb_sdk.testing.model import MockContract, Name, pascal
from publicgsb_sdk.testing.values import read_day, read_decimal, read_moment, read_release, read_value, write_moment

Resolver: TypeAlias = Callable[..., Any]


def executable(contracts: Iterable[MockContract]) -> GraphQLSchema:
    """Of the contracts that are in the schema: those that were released once, and those withheld."""
    known = {one.name: one for one in contracts}
    schema = build_schema(sdl.schema_text(known.values()))
    for name, (read, write) in SCALARS.items():
        _teach(_named(schema, name, GraphQLScalarType), read, write)
    for contract in known.values():
        _roots(schema, contract)
        if contract.has_records:
            _record(schema, contract, known)
            _page(schema, contract)
            if contract.primary_key:
                _changes(schema, contract)
        if contract.has_aggregates:
            _aggregate(schema, contract)
    _static(schema)
    return schema


# What the scalars read and write. On the wire wide and exact numbers are texts.
SCALARS: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = MappingProxyType(
    {
        "BigInt": (partial(read_value, FieldType.BIGINT), str),
        "Decimal": (read_decimal, lambda value: format(value, "f") if isinstance(value, Decimal) else str(value)),
        "Date": (read_day, lambda value: value if isinstance(value, str) else value.isoformat()),
        "DateTime": (read_moment, lambda value: value if isinstance(value, str) else write_moment(value)),
        "Release": (read_release, str),
    }
)


def _teach(scalar: GraphQLScalarType, read: Callable[[Any], Any], write: Callable[[Any], Any]) -> None:
    """A literal is read as the value that a variable would bring."""

    def parse(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValueError(f"{scalar.name} is written as a string.")
        return read(str(value))

    scalar.coerce_input_value = parse
    scalar.coerce_output_value = write


def _roots(schema: GraphQLSchema, contract: MockContract) -> None:
    query = _named(schema, "Query", GraphQLObjectType)
    agency = query.fields[camel(contract.agency)]
    agency.resolve = _agency
    agency.extensions["gsb"] = Meaning("agency", contract)
    fields = _named(schema, pascal(contract.agency), GraphQLObjectType).fields
    for kind, text in sdl.root_fields(contract).items():
        meaning = Meaning(ROOT_KINDS[kind], contract)
        _attach(fields[text.partition("(")[0]], meaning, ROOTS[kind])


def _agency(_: Any, __: Any) -> dict[str, Any]:
    """A field that groups; what is in it is asked by itself."""
    return {}


ROOT_KINDS: Mapping[str, Kind] = MappingProxyType(
    {"list": "list", "record": "record", "aggregate": "aggregate", "changes": "changes"}
)
ROOTS: Mapping[str, Resolver] = MappingProxyType(
    {
        "list": resolving.records,
        "record": resolving.record,
        "aggregate": resolving.aggregate,
        "changes": resolving.changes,
    }
)


def _record(schema: GraphQLSchema, contract: MockContract, known: Mapping[Name, MockContract]) -> None:
    fields = _named(schema, contract.type_name, GraphQLObjectType).fields
    for column in contract.columns:
        _attach(fields[column.api_name], Meaning("column", contract, column=column), resolving.column)
    for join in contract.joins:
        if join.name in fields:
            _attach(fields[join.name], Meaning("to_one", known[join.to], join=join), resolving.to_one)
    for source, join in sdl.reverse_joins(contract.name, known):
        assert join.reverse is not None
        _attach(fields[join.reverse], Meaning("to_many", source, join=join), resolving.to_many)
    for via, tie in sdl.ties_on(contract.name, known):
        if tie.name in fields:
            meaning = Meaning("through", known[tie.outward.to], tie=tie, via=via)
            _attach(fields[tie.name], meaning, resolving.through)


def _page(schema: GraphQLSchema, contract: MockContract) -> None:
    name = contract.type_name
    _answer(schema, f"{name}Connection", parts.PAGE)
    _answer(schema, f"{name}Edge", parts.EDGE)
    _answer(schema, "PageInfo", parts.PAGE_INFO)


def _changes(schema: GraphQLSchema, contract: MockContract) -> None:
    name = contract.type_name
    _answer(schema, f"{name}ChangeConnection", parts.FEED)
    _answer(schema, f"{name}ChangeEdge", parts.CHANGE_EDGE)
    _answer(schema, f"{name}Change", parts.CHANGE)
    for column in contract.columns:
        if column.name in contract.primary_key:
            field = _named(schema, f"{name}Key", GraphQLObjectType).fields[column.api_name]
            field.resolve = partial(resolving.column, Meaning("column", contract, column=column))


def _aggregate(schema: GraphQLSchema, contract: MockContract) -> None:
    name = contract.type_name
    _answer(schema, f"{name}Aggregate", parts.AGGREGATE)
    _answer(schema, f"{name}AggregateGroup", parts.GROUP)
    for grouping in contract.groupings:
        field = _named(schema, f"{name}AggregateKey", GraphQLObjectType).fields[grouping.api_name]
        field.resolve = partial(parts.group_key, grouping.api_name)
    for type_ in {sdl.FIGURES[one] for one in sdl.figures_of(contract)}:
        for api_name, field in _named(schema, name + type_, GraphQLObjectType).fields.items():
            column = contract.by_api_name[api_name]
            _attach(field, Meaning("column", contract, column=column), parts.figure)


def _static(schema: GraphQLSchema) -> None:
    _answer(schema, "Query", parts.QUERY)
    _answer(schema, "Me", parts.ME)


def _answer(schema: GraphQLSchema, type_: str, known: Mapping[str, parts.Part]) -> None:
    for name, field in _named(schema, type_, GraphQLObjectType).fields.items():
        if name in known:
            field.resolve = known[name]


def _attach(field: GraphQLField, meaning: Meaning, resolver: Resolver) -> None:
    field.extensions["gsb"] = meaning
    field.resolve = partial(resolver, meaning)


def _named(schema: GraphQLSchema, name: str, kind: Any) -> Any:
    found = schema.type_map[name]
    assert isinstance(found, kind)
    return found
