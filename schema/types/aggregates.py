"""Aggregates of a dataset as GraphQL types: `airportsAggregate(groupBy: [CITY]) { groups { key { city } count } }`.

Types of results are exact: a sum of 32-bit numbers is a BigInt, one of wider or decimal numbers a Decimal, and of
floats a Float, which is null where no float can hold it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLFloat,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLString,
)

from publicgsb.datasets.contracts.aggregates import Grain
from publicgsb.datasets.contracts.groupings import Grouping, groupings
from publicgsb.datasets.contracts.model import Contract, Field, FieldType
from publicgsb.quotas.prices import POINTS_PER_AGGREGATE
from publicgsb.schema.types.marks import MARK, AggregateMark, ColumnMark, DatasetKey, PartMark
from publicgsb.schema.types.scalars import BIG_INT, DATE, DECIMAL, RELEASE
from publicgsb.schema.types.weights import COST, RECORD_WEIGHT

GROUPINGS_MAX = 3
GROUPS_DEFAULT = 20
DISTINCT_MAX = 4  # columns counted by countDistinct in one aggregate: all rows are sorted for each
GROUPS_MAX = 1000

Scalars: TypeAlias = Mapping[FieldType, GraphQLScalarType]
TypeOf: TypeAlias = Callable[[Field], GraphQLOutputType]


def aggregate_field(
    key: DatasetKey, name: str, contract: Contract, where: GraphQLInputObjectType, scalars: Scalars
) -> GraphQLField:
    """The root field; `name` is the record type's, `scalars` the type of each kind of column."""
    dimensions = tuple(groupings(contract))
    args = {"where": GraphQLArgument(where, description=_WHERE[contract.is_aggregate_only])}
    if dimensions:
        args["groupBy"] = GraphQLArgument(
            GraphQLList(GraphQLNonNull(_group_by(name, contract, dimensions))),
            description=f"At most {GROUPINGS_MAX}, each once; without it everything is one group.",
        )
    args |= {
        "orderBy": GraphQLArgument(_order(name, contract), description="By key when not given; ties end in the key."),
        "first": GraphQLArgument(
            GraphQLInt, default_value=GROUPS_DEFAULT, description=f"How many groups, at most {GROUPS_MAX}."
        ),
        "release": GraphQLArgument(RELEASE, description="Read this release instead of the current one."),
    }
    return GraphQLField(
        _whole(key, name, contract, dimensions, scalars),
        args=args,
        extensions={MARK: AggregateMark(key), COST: POINTS_PER_AGGREGATE},
        description=f"Counts and sums over {contract.title.en} / {contract.title.fa}",
    )


_WHERE = {
    False: "Which records.",
    True: "Which cells; a date stands for its whole period and is compared by the period's first day.",
}


def _whole(
    key: DatasetKey, name: str, contract: Contract, dimensions: tuple[Grouping, ...], scalars: Scalars
) -> GraphQLObjectType:
    group = GraphQLObjectType(
        f"{name}AggregateGroup",
        lambda: _group_fields(key, name, contract, dimensions, scalars),
        description="One group, with what was counted and measured in it.",
        extensions={COST: RECORD_WEIGHT},
    )
    fields = {
        "groups": _part(GraphQLNonNull(GraphQLList(GraphQLNonNull(group))), "groups", "The groups, in order."),
        "totalGroups": _part(
            GraphQLNonNull(GraphQLInt),
            "totalGroups",
            "How many groups there are in all; exact, however many are shown.",
        ),
    }
    if contract.is_aggregate_only:
        fields["suppressedCells"] = _part(
            GraphQLNonNull(GraphQLInt),
            "suppressedCells",
            "How many cells of the release are too small to be published; no count and no sum includes them.",
        )
        fields["minCell"] = _part(
            GraphQLNonNull(GraphQLInt), "minCell", "How many rows a cell needs at least to be published."
        )
    return GraphQLObjectType(
        f"{name}Aggregate", fields, description=f"Groups of {contract.title.en}. {_FROM[contract.is_aggregate_only]}"
    )


_FROM = {
    False: "Computed from the records of one release.",
    True: "Added up from the published cells of one release; the rows themselves are not kept.",
}


def _group_fields(
    key: DatasetKey, name: str, contract: Contract, dimensions: tuple[Grouping, ...], scalars: Scalars
) -> dict[str, GraphQLField]:
    assert contract.aggregates is not None
    measures = [contract.field(column) for column in contract.aggregates.measures]
    # Named once, though a column may be both grouped and measured.
    counted = [field for field in contract.fields if field.name in contract.aggregates.columns]
    fields: dict[str, GraphQLField] = {}
    if dimensions:
        type_ = GraphQLObjectType(
            f"{name}AggregateKey",
            {grouping.api_name: _key_part(grouping, scalars) for grouping in dimensions},
            description="What a group has in common. Only what is grouped by may be selected.",
        )
        fields["key"] = _part(GraphQLNonNull(type_), "key", "What the group has in common.")
    fields["count"] = _part(GraphQLNonNull(GraphQLInt), "count", "How many records.")

    def add(part: str, type_: GraphQLObjectType, description: str) -> None:
        fields[part] = _part(GraphQLNonNull(type_), part, description)

    if not contract.is_aggregate_only:
        distinct = _figures(
            key, f"{name}AggregateDistinct", counted, lambda _: GraphQLNonNull(GraphQLInt), POINTS_PER_AGGREGATE
        )
        add("countDistinct", distinct, f"How many different values, nulls left out; at most {DISTINCT_MAX} columns.")
    if measures:
        add("sum", _figures(key, f"{name}AggregateSum", measures, _sum_type), "Sums; null where there is no value.")
        add("avg", _figures(key, f"{name}AggregateAverage", measures, _average_type), _AVERAGE)
    if measures and not contract.is_aggregate_only:
        values = _figures(key, f"{name}AggregateValues", measures, lambda field: scalars[field.type])
        add("min", values, "Least values.")
        add("max", values, "Greatest values.")
    return fields


_AVERAGE = "Means of what is not null; those of Decimal columns are rounded to 20 places."


def _figures(
    key: DatasetKey, name: str, columns: Iterable[Field], type_of: TypeOf, points: int = 0
) -> GraphQLObjectType:
    return GraphQLObjectType(
        name,
        {
            field.api_name: GraphQLField(
                type_of(field),
                extensions={MARK: ColumnMark(key, field)} | ({COST: points} if points else {}),
                description=_words(field) + (f" ({field.unit})" if field.unit else ""),
            )
            for field in columns
        },
        description="One figure per column.",
    )


def _sum_type(field: Field) -> GraphQLOutputType:
    return {FieldType.INTEGER: BIG_INT, FieldType.NUMBER: GraphQLFloat}.get(field.type, DECIMAL)


def _average_type(field: Field) -> GraphQLOutputType:
    return DECIMAL if field.type is FieldType.DECIMAL else GraphQLFloat


def _key_part(grouping: Grouping, scalars: Scalars) -> GraphQLField:
    field, grain = grouping.field, grouping.grain
    type_ = scalars[field.type] if grain is None else _GRAIN_TYPES[grain]
    words = ""
    if grain is not None:
        clock = " in UTC" if field.type is FieldType.DATETIME else ""
        words = f"\nThe {_GRAIN_WORDS[grain].format(clock)}"
    return _part(type_, grouping.api_name, f"{_words(field)}{words}")


_GRAIN_TYPES: Mapping[Grain, GraphQLScalarType] = {
    Grain.DAY: DATE,
    Grain.MONTH: GraphQLString,
    Grain.YEAR: GraphQLInt,
    Grain.JALALI_MONTH: GraphQLString,
    Grain.JALALI_YEAR: GraphQLInt,
}
_GRAIN_WORDS = {
    Grain.DAY: "day{}.",
    Grain.MONTH: "month{}: 2013-05.",
    Grain.YEAR: "year{}.",
    Grain.JALALI_MONTH: "Jalali month{}: 1392-02. Null outside 1210-1634.",
    Grain.JALALI_YEAR: "Jalali year{}. Null outside 1210-1634.",
}


def _group_by(name: str, contract: Contract, dimensions: tuple[Grouping, ...]) -> GraphQLEnumType:
    return GraphQLEnumType(
        f"{name}GroupBy",
        {
            grouping.name: GraphQLEnumValue(
                (grouping.field.name, grouping.grain),
                description=_words(grouping.field),
            )
            for grouping in dimensions
        },
        description=f"What {contract.title.en} may be grouped by.",
    )


def _order(name: str, contract: Contract) -> GraphQLEnumType:
    assert contract.aggregates is not None
    choices: list[tuple[str, str, str | None]] = [("KEY", "key", None), ("COUNT", "count", None)]
    for column in contract.aggregates.measures:
        choices += [(f"SUM_{column}", "sum", column), (f"AVG_{column}", "avg", column)]
    values = {
        f"{choice}_{direction}".upper(): GraphQLEnumValue((what, column, direction == "desc"))
        for choice, what, column in choices
        for direction in ("asc", "desc")
    }
    return GraphQLEnumType(
        f"{name}AggregateOrder", values, description="Orders of groups; groups without a value come last both ways."
    )


def _words(field: Field) -> str:
    return f"{field.label.en} / {field.label.fa}"


def _part(type_: GraphQLOutputType, part: str, description: str) -> GraphQLField:
    return GraphQLField(type_, extensions={MARK: PartMark(part)}, description=description)
