"""What an operation selects, by graphql-core's own CollectFields."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues

Details: TypeAlias = list[FieldDetails]


@dataclass(slots=True)
class Selected:
    schema: GraphQLSchema
    document: DocumentNode
    operation: OperationDefinitionNode
    variables: VariableValues
    _fragments: dict[str, FragmentDetails] = field(init=False)

    def __post_init__(self) -> None:
        self._fragments = {
            node.name.value: FragmentDetails(node)
            for node in self.document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def roots(self, query: GraphQLObjectType) -> dict[str, Details]:
        """Response name → field nodes."""
        return collect_fields(self.schema, self._fragments, self.variables, query, self.operation).grouped_field_set

    def below(self, type_: GraphQLObjectType, details: Details) -> Iterator[tuple[str, Details]]:
        """Response name → field nodes, without __typename."""
        found = collect_subfields(
            self.schema, self._fragments, self.variables, self.operation, type_, details
        ).grouped_field_set
        return ((name, inner) for name, inner in found.items() if not inner[0].node.name.value.startswith("__"))


def object_of(type_: GraphQLObjectType, name: str) -> GraphQLObjectType:
    found = get_named_type(type_.fields[name].type)
    assert isinstance(found, GraphQLObjectType)
    return found
