"""Introspection: which documents are the standard ones that tools send, and how much any other asks for.

The standard ones (graphql-js's getIntrospectionQuery with any options, hence GraphiQL's) are a closed set, so their
answers can be made once per schema and kept. Any other shape is counted object by object before it runs: a circular
one multiplies fields by fields.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLArgument,
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
    OperationDefinitionNode,
    is_abstract_type,
    is_wrapping_type,
    parse,
    print_ast,
)

from publicgsb.schema.planning.collect import below, collect
from publicgsb.schema.planning.limits import INTROSPECTED_MAX
from publicgsb.schema.planning.values import Leaf, Variables, argument
from publicgsb.schema.types.standard import Variant

_FIELDS = frozenset({"__schema", "__type"})
_NAMES_MAX = 256  # counts kept per `__type` of one plan

_Ids: TypeAlias = tuple[int, ...]  # of merged nodes: one node may be merged with others elsewhere
Element: TypeAlias = Any  # a type, field, argument, enum value or directive of the schema


@dataclass(slots=True)
class Introspected:
    """One `__schema` or `__type` of an operation."""

    schema: GraphQLSchema
    nodes: list[FieldNode]
    fragments: Mapping[str, FragmentDefinitionNode]
    decided: Mapping[str, Any]  # the variables that @skip and @include look at: the same in every use of the plan
    type_name: Leaf | None  # of `__type`
    is_standard: bool
    _counts: dict[str | None, int] = field(default_factory=dict)

    def objects(self, variables: Variables) -> int:
        """How many objects the answer holds, or some number above INTROSPECTED_MAX."""
        if self.is_standard:
            return len(self.schema.type_map)
        name = None if self.type_name is None else str(self.type_name.get(variables))
        if name not in self._counts:
            if len(self._counts) >= _NAMES_MAX:
                self._counts.clear()
            self._counts[name] = self._count(name)
        return self._counts[name]

    def _count(self, name: str | None) -> int:
        start = self.schema if self.type_name is None else self.schema.get_type(name or "")
        if start is None:
            return 0
        return _Counter(self.fragments, self.decided).count(self.nodes, start)


def introspected(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, Any],
    is_standard: bool,
) -> tuple[Introspected, ...]:
    """Every `__schema` and `__type` of a validated operation."""
    assert schema.query_type is not None
    fields = collect([operation.selection_set], schema.query_type.name, fragments, variables)
    found = []
    for nodes in fields.values():
        if nodes[0].name.value in _FIELDS:
            names = [argument(arg.value, GraphQLString, variables) for arg in nodes[0].arguments or ()]
            name = names[0] if names else None
            assert not isinstance(name, (dict, list))
            found.append(Introspected(schema, nodes, fragments, variables, name, is_standard))
    return tuple(found)


def standard_text(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> str | None:
    """The document in one spelling when it is a standard introspection query, else None."""
    selections = operation.selection_set.selections
    if len(selections) != 1 or operation.directives or operation.variable_definitions:
        return None
    (node,) = selections
    if not isinstance(node, FieldNode) or node.name.value != "__schema" or node.alias or node.directives:
        return None
    text = _spell(operation, fragments.values())
    variant = Variant.of(text)
    return text if text == variant.spelt(_spell_source(variant.source())) else None


def _spell_source(source: str) -> str:
    (operation, *fragments) = parse(source, no_location=True).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return _spell(operation, (one for one in fragments if isinstance(one, FragmentDefinitionNode)))


def _spell(operation: OperationDefinitionNode, fragments: Iterable[FragmentDefinitionNode]) -> str:
    nameless = OperationDefinitionNode(operation=operation.operation, selection_set=operation.selection_set)
    ordered = sorted(fragments, key=lambda one: one.name.value)
    return print_ast(DocumentNode(definitions=(nameless, *ordered)))


class _TooManyError(Exception):
    """Counted past the limit; the exact number does not matter any more."""


class _Counter:
    """Each selection is counted once per element of the schema, and no further than the limit."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]) -> None:
        self._fragments = fragments
        self._variables = variables
        self._known: dict[tuple[_Ids, int], int] = {}
        self._collected: dict[tuple[_Ids, str], dict[str, list[FieldNode]]] = {}

    def count(self, nodes: list[FieldNode], element: Element) -> int:
        try:
            return self._count(nodes, element)
        except _TooManyError:
            return INTROSPECTED_MAX + 1

    def _count(self, nodes: list[FieldNode], element: Element) -> int:
        key = (tuple(map(id, nodes)), id(element))
        if key in self._known:
            return self._known[key]
        if len(self._known) > INTROSPECTED_MAX:
            raise _TooManyError
        total = 1
        for inner in self._selected(nodes, element):
            children = _children(element, inner[0].name.value)
            if total + len(children) > INTROSPECTED_MAX:  # each is one at least: the types of a large schema are enough
                raise _TooManyError
            for child in children:
                total += self._count(inner, child)
                if total > INTROSPECTED_MAX:
                    raise _TooManyError
        self._known[key] = total
        return total

    def _selected(self, nodes: list[FieldNode], element: Element) -> Iterable[list[FieldNode]]:
        type_name = _type_name(element)
        key = (tuple(map(id, nodes)), type_name)
        if key not in self._collected:
            found = collect(below(nodes), type_name, self._fragments, self._variables)
            self._collected[key] = {name: inner for name, inner in found.items() if inner[0].selection_set}
        return self._collected[key].values()


def _type_name(element: Element) -> str:
    if isinstance(element, GraphQLSchema):
        return "__Schema"
    if isinstance(element, GraphQLDirective):
        return "__Directive"
    if isinstance(element, GraphQLField):
        return "__Field"
    if isinstance(element, (GraphQLArgument, GraphQLInputField)):
        return "__InputValue"
    return "__EnumValue" if element is _ENUM_VALUE else "__Type"


_ENUM_VALUE = object()  # stands for any: nothing lies below one


def _children(element: Element, name: str) -> Collection[Element]:
    """What a field of the introspection types leads to."""
    if isinstance(element, GraphQLSchema):
        return _of_schema(element, name)
    if isinstance(element, (GraphQLField, GraphQLDirective)) and name == "args":
        return element.args.values()
    if name == "type":
        return (element.type,)
    return _of_type(element, name)


def _of_schema(schema: GraphQLSchema, name: str) -> Collection[Element]:
    if name == "types":
        return schema.type_map.values()
    if name == "directives":
        return schema.directives
    root = {"queryType": schema.query_type, "mutationType": schema.mutation_type}.get(name, schema.subscription_type)
    return (root,) if root else ()


def _of_type(type_: Element, name: str) -> Collection[Element]:
    if name == "ofType":
        return (type_.of_type,) if is_wrapping_type(type_) else ()
    has_fields = isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType))
    if name == "fields":
        return type_.fields.values() if has_fields else ()
    if name == "interfaces":
        return type_.interfaces if has_fields else ()
    if name == "inputFields":
        return type_.fields.values() if isinstance(type_, GraphQLInputObjectType) else ()
    if name == "enumValues":
        return [_ENUM_VALUE] * len(type_.values) if isinstance(type_, GraphQLEnumType) else ()
    if name == "possibleTypes" and is_abstract_type(type_):
        return type_.types if isinstance(type_, GraphQLUnionType) else ()
    return ()
