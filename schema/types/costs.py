"""Prices in the SDL: @cost and @listSize as IBM's cost specification has them, from the constants that price.

A tool that adds up the weights of the objects an operation can return, and those that fields and arguments carry, finds
at least the points that we reserve for it: a record weighs a hundredth of a point, the query itself one point, a count
what it costs under a filter, everything else nothing. Ours is lower by what whole points round off, and by counts that
are free. Known from elsewhere only: introspection, and the surcharge of an operation that was never seen before.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    DirectiveLocation,
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLDirective,
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
    get_named_type,
)

from publicgsb.schema.types.connections import PAGE_DEFAULT
from publicgsb.schema.types.marks import AggregateMark, ListMark, ToManyMark, mark_of
from publicgsb.schema.types.weights import COST

_SLICING = ("first", "last")
_SIZED = ("nodes", "edges", "groups")

COST_DIRECTIVE = GraphQLDirective(
    "cost",
    [
        DirectiveLocation.ARGUMENT_DEFINITION,
        DirectiveLocation.ENUM,
        DirectiveLocation.FIELD_DEFINITION,
        DirectiveLocation.INPUT_FIELD_DEFINITION,
        DirectiveLocation.OBJECT,
        DirectiveLocation.SCALAR,
    ],
    args={"weight": GraphQLArgument(GraphQLNonNull(GraphQLString), description="Points, as a decimal number.")},
    description="What one of these adds to the price of an operation, in points.",
)
LIST_SIZE_DIRECTIVE = GraphQLDirective(
    "listSize",
    [DirectiveLocation.FIELD_DEFINITION],
    args={
        "assumedSize": GraphQLArgument(GraphQLInt, description="How many, when no slicing argument is given."),
        "slicingArguments": GraphQLArgument(
            GraphQLList(GraphQLNonNull(GraphQLString)), description="The arguments that say how many at most."
        ),
        "sizedFields": GraphQLArgument(
            GraphQLList(GraphQLNonNull(GraphQLString)), description="The fields below that are of that length."
        ),
        "requireOneSlicingArgument": GraphQLArgument(
            GraphQLBoolean, default_value=True, description="Whether one slicing argument must be given."
        ),
    },
    description="How long a list can be.",
)


def cost_of_type(type_: GraphQLNamedType) -> str:
    """The applied directive, with a space before it; "" where the specification's own default is right."""
    weight = type_.extensions.get(COST)
    if weight is None:
        # An object weighs 1 unless it says otherwise, and ours cost nothing unless they are records.
        return _cost(0) if isinstance(type_, GraphQLObjectType) else ""
    return _cost(weight)


def cost_of(extensions: Mapping[str, Any]) -> str:
    """For fields, arguments and input fields, which cost nothing by themselves."""
    weight = extensions.get(COST)
    return "" if weight is None else _cost(weight)


def list_size_of(field: GraphQLField) -> str:
    """@listSize of a field that answers with a page."""
    if not isinstance(mark_of(field), (ListMark, ToManyMark, AggregateMark)):
        return ""
    slicing = [name for name in _SLICING if name in field.args]
    page = get_named_type(field.type)
    assert isinstance(page, GraphQLObjectType)
    sized = [name for name in _SIZED if name in page.fields]
    # A page that asks for no length has the default one.
    return (
        f" @listSize(assumedSize: {PAGE_DEFAULT}, slicingArguments: {_names(slicing)}, "
        f"sizedFields: {_names(sized)}, requireOneSlicingArgument: false)"
    )


def applied_to(field: GraphQLField) -> Iterator[str]:
    yield cost_of(field.extensions)
    yield list_size_of(field)


def _cost(weight: float) -> str:
    return f' @cost(weight: "{weight:g}")'


def _names(names: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"
