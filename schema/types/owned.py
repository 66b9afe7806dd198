"""The types that belong to one dataset: those that its root fields lead to before a link leads away.

Types that all datasets share (scalars, filters, PageInfo) are among them: they look the same wherever they are met.
"""

from collections.abc import Iterable, Iterator

from graphql import (
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
)

from publicgsb.schema.types.marks import ThroughMark, ToManyMark, ToOneMark, mark_of


def owned_types(roots: Iterable[GraphQLField]) -> dict[str, GraphQLNamedType]:
    """By name, each once."""
    found: dict[str, GraphQLNamedType] = {}
    waiting = [type_ for field in roots for type_ in _led_to(field)]
    while waiting:
        type_ = waiting.pop()
        if type_.name not in found:
            found[type_.name] = type_
            waiting.extend(_below(type_))
    return found


def _below(type_: GraphQLNamedType) -> Iterator[GraphQLNamedType]:
    if isinstance(type_, (GraphQLObjectType, GraphQLInputObjectType)):
        for field in type_.fields.values():
            yield from _led_to(field)


def _led_to(field: GraphQLField | GraphQLInputField) -> Iterator[GraphQLNamedType]:
    if isinstance(field, GraphQLField):
        if isinstance(mark_of(field), (ToOneMark, ToManyMark, ThroughMark)):
            return
        for argument in field.args.values():
            yield get_named_type(argument.type)
    yield get_named_type(field.type)
