"""Which fields a selection comes to: fragments opened, @skip and @include decided, same response names merged.

Follows CollectFields of the GraphQL specification (section 6.3.2). Our types are all object types, so a fragment
applies when its type condition names the type itself.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
)

from publicgsb.schema.planning.refusal import refuse


def collect(
    selection_sets: Iterable[SelectionSetNode],
    type_name: str,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, Any],
) -> dict[str, list[FieldNode]]:
    """Response name → its field nodes, in the order in which the answer lists them."""
    fields: dict[str, list[FieldNode]] = {}
    visited: set[str] = set()

    def gather(selection_set: SelectionSetNode) -> None:
        for node in selection_set.selections:
            if not _is_included(node.directives or (), variables):
                continue
            if isinstance(node, FieldNode):
                fields.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or node.type_condition.name.value == type_name:
                    gather(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                fragment = fragments[node.name.value]
                if fragment.type_condition.name.value == type_name:
                    gather(fragment.selection_set)

    for selection_set in selection_sets:
        gather(selection_set)
    return fields


def below(nodes: Iterable[FieldNode]) -> list[SelectionSetNode]:
    return [node.selection_set for node in nodes if node.selection_set is not None]


def _is_included(directives: Iterable[DirectiveNode], variables: Mapping[str, Any]) -> bool:
    for directive in sorted(directives, key=_skip_first):
        if directive.name.value in ("skip", "include"):
            value: Any = next(iter(directive.arguments or ())).value
            wanted = variables[value.name.value] if isinstance(value, VariableNode) else value.value
            if wanted is None:  # a nullable variable with a default, given as null
                raise refuse("coercion", f"@{directive.name.value} is decided by true or false, not by null.")
            if wanted is (directive.name.value == "skip"):
                return False
    return True


def _skip_first(directive: DirectiveNode) -> bool:
    """What is skipped anyway needs no value for @include; graphql-core decides in this order too."""
    return directive.name.value != "skip"
