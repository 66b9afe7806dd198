"""What callers give to a dataset's fields: conditions, an order, a key."""

from collections.abc import Iterable

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
)

from publicgsb.datasets.contracts.model import Contract, Field, FilterOp
from publicgsb.datasets.contracts.names import pascal_case
from publicgsb.quotas.prices import POINTS_PER_CONTAINS
from publicgsb.schema.types.marks import key_fields
from publicgsb.schema.types.names import describe, record_type_name
from publicgsb.schema.types.scalars import SCALARS
from publicgsb.schema.types.weights import COST


class Conditions:
    """Of one schema: fields of one type and the same operators share a type of filter."""

    def __init__(self) -> None:
        self._filters: dict[str, GraphQLInputObjectType] = {}

    def where(self, name: str, contract: Contract) -> GraphQLInputObjectType:
        """The conditions on a dataset's records, which nest."""

        def fields() -> dict[str, GraphQLInputField]:
            own = GraphQLList(GraphQLNonNull(where))
            declared = {
                field.api_name: GraphQLInputField(self._filter(field), description=describe(field.label))
                for field in contract.fields
                if field.filters
            }
            return declared | {
                "and": GraphQLInputField(own, description="All of these."),
                "or": GraphQLInputField(own, description="At least one of these."),
                "not": GraphQLInputField(where, description="None of this; records where it is unknown are included."),
            }

        where = GraphQLInputObjectType(f"{name}Where", fields, description=f"Conditions on {contract.title.en}.")
        return where

    def _filter(self, field: Field) -> GraphQLInputObjectType:
        scalar = SCALARS[field.type]
        operators = sorted(field.filters)
        name = scalar.name + "".join(op[:1].upper() + op[1:] for op in operators) + "Filter"
        if name not in self._filters:
            self._filters[name] = GraphQLInputObjectType(
                name,
                {op.value: _operator(op, scalar) for op in operators},
                description=f"Conditions on a {scalar.name}; all that are given must hold.",
            )
        return self._filters[name]


def order_type(name: str, contract: Contract) -> GraphQLEnumType:
    values = {}
    for ordering in ("key", *(o.name for o in contract.orderings)):
        for direction in ("asc", "desc"):
            values[f"{ordering}_{direction}".upper()] = GraphQLEnumValue((ordering, direction == "desc"))
    return GraphQLEnumType(f"{name}Order", values, description=f"The declared orders of {contract.title.en}.")


def key_type(contract: Contract) -> GraphQLInputObjectType:
    name = record_type_name(contract.agency, contract.record_name, contract.major) + "By"
    fields: dict[str, GraphQLInputField] = {}
    for key in contract.unique_keys:
        columns = key_fields(contract, key)
        if len(columns) == 1:
            fields[key.name] = GraphQLInputField(SCALARS[columns[0].type], description=describe(columns[0].label))
        else:
            composite = GraphQLInputObjectType(
                name + pascal_case(key.name), _required(columns), description="All the columns of one key."
            )
            fields[key.name] = GraphQLInputField(composite)
    return GraphQLInputObjectType(name, fields, is_one_of=True, description="Exactly one key.")


_OPERATORS = {
    FilterOp.EQ: "Equal to.",
    FilterOp.IN: "Equal to one of, at most 250.",
    FilterOp.GT: "Greater than.",
    FilterOp.GTE: "Greater than or equal to.",
    FilterOp.LT: "Less than.",
    FilterOp.LTE: "Less than or equal to.",
    FilterOp.IS_NULL: "Whether there is no value.",
    FilterOp.STARTS_WITH: "Begins with these characters.",
    FilterOp.CONTAINS: "Has these characters in it, at least 2 (3 where there are more than 250,000 records), whatever "
    "the spelling and the case.",
}


def _operator(op: FilterOp, scalar: GraphQLScalarType) -> GraphQLInputField:
    extensions = {COST: POINTS_PER_CONTAINS} if op is FilterOp.CONTAINS else None
    return GraphQLInputField(_operand(op, scalar), description=_OPERATORS[op], extensions=extensions)


def _operand(op: FilterOp, scalar: GraphQLScalarType) -> GraphQLInputType:
    if op is FilterOp.IN:
        return GraphQLList(GraphQLNonNull(scalar))
    return GraphQLBoolean if op is FilterOp.IS_NULL else scalar


def _required(columns: Iterable[Field]) -> dict[str, GraphQLInputField]:
    return {
        column.api_name: GraphQLInputField(GraphQLNonNull(SCALARS[column.type]), description=describe(column.label))
        for column in columns
    }
