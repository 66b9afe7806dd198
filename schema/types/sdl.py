"""The schema as text, with the directives that apply to it: graphql-core's own printer leaves those out.

Object and input types are printed here from the pieces of that printer, everything else by it.
"""

from collections.abc import Iterable, Mapping

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_specified_directive,
    lexicographic_sort_schema,
    print_directive,
    print_type,
)
from graphql.utilities.print_schema import (
    is_defined_type,
    print_args,
    print_block,
    print_deprecated,
    print_description,
    print_implemented_interfaces,
    print_input_value,
    print_schema_definition,
)

from publicgsb.schema.types.costs import applied_to, cost_of, cost_of_type


def schema_text(schema: GraphQLSchema) -> str:
    """SDL in a stable order; what it describes can be built again from it."""
    ordered = lexicographic_sort_schema(schema)
    definition = print_schema_definition(ordered)
    return "\n\n".join(
        (
            *((definition,) if definition else ()),
            *(print_directive(one) for one in ordered.directives if not is_specified_directive(one)),
            *(_type(one) for one in ordered.type_map.values() if is_defined_type(one)),
        )
    )


def _type(type_: GraphQLNamedType) -> str:
    if isinstance(type_, GraphQLObjectType):
        head = f"type {type_}{print_implemented_interfaces(type_)}{cost_of_type(type_)}"
        fields: Iterable[str] = (_field(name, field, at) for at, (name, field) in enumerate(type_.fields.items()))
    elif isinstance(type_, GraphQLInputObjectType):
        head = f"input {type_}{' @oneOf' * type_.is_one_of}"
        fields = (_input_field(name, field, at) for at, (name, field) in enumerate(type_.fields.items()))
    else:
        return print_type(type_)
    return print_description(type_) + head + print_block(list(fields))


def _field(name: str, field: GraphQLField, at: int) -> str:
    head = f"  {name}{_args(field.args)}: {field.type}{print_deprecated(field.deprecation_reason)}"
    return _description(field, at) + head + "".join(applied_to(field))


def _args(args: Mapping[str, GraphQLArgument]) -> str:
    if not any(cost_of(arg.extensions) for arg in args.values()):
        return print_args(dict(args), "  ")
    lines = (
        f"{print_description(arg, '    ', not at)}    {print_input_value(name, arg)}{cost_of(arg.extensions)}"
        for at, (name, arg) in enumerate(args.items())
    )
    return "(\n" + "\n".join(lines) + "\n  )"


def _input_field(name: str, field: GraphQLInputField, at: int) -> str:
    # The printer's own annotations leave out what it does for input fields too.
    value = print_input_value(name, field)  # type: ignore[arg-type]
    return f"{_description(field, at)}  {value}{cost_of(field.extensions)}"


def _description(field: GraphQLField | GraphQLInputField, at: int) -> str:
    return print_description(field, "  ", not at)  # type: ignore[arg-type]
