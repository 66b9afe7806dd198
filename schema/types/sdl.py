"""The schema as text, with the directives that apply to it: graphql-core's own printer leaves those out.

Everything is put in order while it is printed. A sorted copy of the schema would do too, but costs more than the
printing and leaves half a million objects in circles behind at 1,400 datasets (measured).
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from graphql import (
    GraphQLArgument,
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    is_specified_directive,
    print_type,
)
from graphql.language.block_string import is_printable_as_block_string, print_block_string
from graphql.language.print_string import print_string
from graphql.pyutils import natural_comparison_key
from graphql.utilities.print_schema import (
    is_defined_type,
    print_block,
    print_deprecated,
    print_input_value,
    print_schema_definition,
)

from publicgsb.schema.types.costs import applied_to, cost_of, cost_of_type

T = TypeVar("T")

APART = "\n\n"  # between two definitions


def schema_text(schema: GraphQLSchema) -> str:
    """SDL in a stable order; what it describes can be built again from it."""
    types = (type_text(one) for _, one in ordered(schema.type_map) if is_written(one))
    return APART.join((*definitions(schema), *types))


def definitions(schema: GraphQLSchema) -> tuple[str, ...]:
    """What stands before the types."""
    definition = print_schema_definition(schema)
    directives = sorted(schema.directives, key=lambda one: natural_comparison_key(one.name))
    return (
        *((definition,) if definition else ()),
        *(_directive(one) for one in directives if not is_specified_directive(one)),
    )


def is_written(type_: GraphQLNamedType) -> bool:
    """False for the types that every schema has."""
    return is_defined_type(type_)


def ordered(named: Mapping[str, T]) -> list[tuple[str, T]]:
    """By name, numbers in it by value."""
    return sorted(named.items(), key=_by_name)


def _by_name(item: tuple[str, object]) -> tuple[object, ...]:
    return _key_of(item[0])


# Fields and arguments of all datasets have the same few names.
_key_of = lru_cache(maxsize=4_096)(natural_comparison_key)


def type_text(type_: GraphQLNamedType) -> str:
    if isinstance(type_, GraphQLObjectType):
        return object_text(type_, [field_text(name, field) for name, field in ordered(type_.fields)])
    if isinstance(type_, GraphQLInputObjectType):
        lines = [_input_field(name, field) for name, field in ordered(type_.fields)]
        return f"{_above(type_)}input {type_.name}{' @oneOf' * type_.is_one_of}{_block(lines)}"
    if isinstance(type_, GraphQLEnumType):
        lines = [_value(name, value) for name, value in ordered(type_.values)]
        return f"{_above(type_)}enum {type_.name}{_block(lines)}"
    if isinstance(type_, GraphQLInterfaceType):
        lines = [field_text(name, field) for name, field in ordered(type_.fields)]
        return f"{_above(type_)}interface {type_.name}{_implemented(type_)}{_block(lines)}"
    if isinstance(type_, GraphQLUnionType):
        members = sorted((one.name for one in type_.types), key=natural_comparison_key)
        return f"{_above(type_)}union {type_.name}" + (" = " + " | ".join(members) if members else "")
    return print_type(type_)


def object_text(type_: GraphQLObjectType, fields: list[str]) -> str:
    """An object type of these fields, each as `field_text` gives it, in order."""
    return f"{_above(type_)}type {type_.name}{_implemented(type_)}{cost_of_type(type_)}{_block(fields)}"


def field_text(name: str, field: GraphQLField) -> str:
    head = f"{_above(field, '  ')}  {name}{_args(field.args)}: {field.type}{print_deprecated(field.deprecation_reason)}"
    return head + "".join(applied_to(field))


def _args(args: Mapping[str, GraphQLArgument]) -> str:
    if not args:
        return ""
    in_order = ordered(args)
    if all(arg.description is None and not cost_of(arg.extensions) for _, arg in in_order):
        return "(" + ", ".join(print_input_value(name, arg) for name, arg in in_order) + ")"
    lines = [_argument(name, arg, "    ") for name, arg in in_order]
    return "(\n" + "\n".join(_spaced(lines, "    ")) + "\n  )"


def _argument(name: str, arg: GraphQLArgument, indentation: str) -> str:
    return f"{_above(arg, indentation)}{indentation}{print_input_value(name, arg)}{cost_of(arg.extensions)}"


def _input_field(name: str, field: GraphQLInputField) -> str:
    # The printer's own annotations leave out what it does for input fields too.
    value = print_input_value(name, field)  # type: ignore[arg-type]
    return f"{_above(field, '  ')}  {value}{cost_of(field.extensions)}"


def _value(name: str, value: GraphQLEnumValue) -> str:
    return f"{_above(value, '  ')}  {name}{print_deprecated(value.deprecation_reason)}"


def _directive(directive: GraphQLDirective) -> str:
    args = [_argument(name, arg, "  ") for name, arg in ordered(directive.args)]
    head = f"{_above(directive)}directive @{directive.name}"
    return head + (
        ("(\n" + "\n".join(_spaced(args, "  ")) + "\n)" if args else "")
        + print_deprecated(directive.deprecation_reason)
        + " repeatable" * directive.is_repeatable
        + " on "
        + " | ".join(sorted(location.name for location in directive.locations))
    )


def _implemented(type_: GraphQLObjectType | GraphQLInterfaceType) -> str:
    names = sorted((one.name for one in type_.interfaces), key=natural_comparison_key)
    return " implements " + " & ".join(names) if names else ""


def _block(lines: list[str]) -> str:
    return print_block(_spaced(lines, "  "))


def _spaced(lines: list[str], indentation: str) -> list[str]:
    """A described line has an empty one before it, except the first."""
    described = f'{indentation}"'
    return [f"\n{line}" if at and line.startswith(described) else line for at, line in enumerate(lines)]


def _above(
    described: GraphQLNamedType
    | GraphQLField
    | GraphQLArgument
    | GraphQLInputField
    | GraphQLEnumValue
    | GraphQLDirective,
    indentation: str = "",
) -> str:
    """The description, on lines of its own."""
    if described.description is None:
        return ""
    return _description(described.description, indentation)


@lru_cache(maxsize=1_024)  # the arguments of all lists are described in the same words
def _description(text: str, indentation: str) -> str:
    written = print_block_string(text) if is_printable_as_block_string(text) else print_string(text)
    return indentation + written.replace("\n", f"\n{indentation}") + "\n"
