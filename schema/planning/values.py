"""Argument values as the planner sees them: their structure is planned, their content is bound at each request.

A plan is kept per variable *shape* (which optional members are there, which enum value, which boolean), never per
value, so one SQL text serves all values.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    GraphQLInputType,
    GraphQLList,
    GraphQLSchema,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    type_from_ast,
)
from graphql.execution.values import get_variable_values
from graphql.pyutils import Undefined
from graphql.utilities import value_from_ast

from publicgsb.schema.planning.limits import ERRORS_MAX
from publicgsb.schema.planning.refusal import RefusedDocument, refuse

Variables: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Const:
    """A value written in the document."""

    value: Any

    def get(self, _: Variables) -> Any:
        return self.value


@dataclass(frozen=True, slots=True)
class Path:
    """A value inside the variables, e.g. ("where", "city", "eq")."""

    steps: tuple[str | int, ...]

    def get(self, variables: Variables) -> Any:
        value: Any = variables
        for step in self.steps:
            value = value[step]
        return value


@dataclass(frozen=True, slots=True)
class Gather:
    """A list in the document with variables among its items."""

    items: tuple["Leaf", ...]

    def get(self, variables: Variables) -> Any:
        return [item.get(variables) for item in self.items]


Leaf: TypeAlias = Const | Path | Gather
Tree: TypeAlias = "Leaf | dict[str, Tree] | list[Tree] | None"  # None is an explicit null
MISSING: Any = object()


def argument(node: ValueNode, declared: GraphQLInputType, variables: Variables) -> Tree:
    """The tree of one argument; MISSING when it is a variable that was not given."""
    type_: Any = get_nullable_type(declared)
    if isinstance(node, VariableNode):
        name = node.name.value
        return _expand(variables[name], (name,), type_) if name in variables else MISSING
    if isinstance(node, NullValueNode):
        return None
    if is_list_type(type_):
        items = node.values if isinstance(node, ListValueNode) else (node,)
        trees = [argument(item, type_.of_type, variables) for item in items]
        if is_input_object_type(get_named_type(type_)):
            return trees
        if any(tree is MISSING or tree is None for tree in trees):
            raise refuse("coercion", f"A list in the document holds null, and {type_} has none.")
        return Gather(tuple(trees))  # type: ignore[arg-type]
    if isinstance(node, ObjectValueNode) and is_input_object_type(type_):
        members = {
            field.name.value: argument(field.value, type_.fields[field.name.value].type, variables)
            for field in node.fields
        }
        return {name: tree for name, tree in members.items() if tree is not MISSING}
    value = value_from_ast(node, type_)
    if value is Undefined:  # 1e400 passes validation, and no column holds it
        raise refuse("coercion", f"A value in the document does not fit its type {type_}.")
    return Const(value)


def _expand(value: Any, steps: tuple[str | int, ...], declared: GraphQLInputType) -> Tree:
    type_: Any = get_nullable_type(declared)
    if value is None:
        return None
    if is_input_object_type(type_):
        return {name: _expand(inner, (*steps, name), type_.fields[name].type) for name, inner in value.items()}
    if is_list_type(type_) and is_input_object_type(get_named_type(type_)):
        return [_expand(inner, (*steps, i), type_.of_type) for i, inner in enumerate(value)]
    return Path(steps)


class VariableReader:
    """Coerces the variables of one operation and tells their shape."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions = operation.variable_definitions or ()
        self._plain = _plain_checks(schema, self._definitions)
        self._shapers = [
            (node.variable.name.value, _shaper(type_from_ast(schema, node.type)))  # type: ignore[arg-type]
            for node in self._definitions
        ]

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Raises RefusedDocument (coercion)."""
        if self._plain is not None and (plain := _plain_values(self._plain, given)) is not None:
            return plain
        result = get_variable_values(
            self._schema, self._definitions, dict(given), max_errors=ERRORS_MAX, hide_suggestions=True
        )
        if isinstance(result, list):
            raise RefusedDocument("coercion", result)
        return result.coerced

    def shape(self, variables: Variables) -> tuple[Any, ...]:
        return tuple([shaper(variables[name]) if name in variables else "absent" for name, shaper in self._shapers])


def _plain_checks(
    schema: GraphQLSchema, definitions: Collection[VariableDefinitionNode]
) -> dict[str, Callable[[Any], bool]] | None:
    """Checks for operations whose variables are all plain scalars: those need none of graphql-core's coercion."""
    checks: dict[str, Callable[[Any], bool]] = {}
    for node in definitions:
        type_: Any = get_nullable_type(type_from_ast(schema, node.type))  # type: ignore[arg-type]
        is_plain = _PLAIN.get(getattr(type_, "name", ""))
        if is_plain is None:
            return None
        checks[node.variable.name.value] = is_plain
    return checks


def _plain_values(checks: Mapping[str, Callable[[Any], bool]], given: Mapping[str, Any]) -> dict[str, Any] | None:
    """The values when every variable is given and passes its check; else None, and graphql-core decides."""
    values: dict[str, Any] = {}
    for name, is_plain in checks.items():
        value = given.get(name)
        if not is_plain(value):
            return None
        values[name] = value
    return values


_PLAIN: Mapping[str, Callable[[Any], bool]] = {
    "String": lambda value: type(value) is str,
    "Boolean": lambda value: type(value) is bool,
    "Int": lambda value: type(value) is int and -(2**31) <= value < 2**31,
}


def _shaper(type_: GraphQLInputType) -> Callable[[Any], Any]:
    """How values of a type differ for the planner: booleans and enums by value, objects by members, others by null."""
    bare: Any = get_nullable_type(type_)
    if isinstance(bare, GraphQLList):
        if is_enum_type(get_named_type(bare)):
            return lambda value: tuple(value) if isinstance(value, list) else value
        if not is_input_object_type(get_named_type(bare)):
            return _presence
        inner = _shaper(bare.of_type)
        return lambda value: None if value is None else tuple(map(inner, value))
    if is_enum_type(bare) or bare.name == "Boolean":
        return lambda value: value
    if is_input_object_type(bare):
        shapers: dict[str, Callable[[Any], Any]] = {}

        def shape(value: Any) -> Any:
            if value is None:
                return None
            for name in value:
                if name not in shapers:
                    shapers[name] = _shaper(bare.fields[name].type)
            return tuple([(name, shapers[name](value[name])) for name in sorted(value)])

        return shape
    return _presence


def _presence(value: Any) -> bool:
    return value is not None
