"""How large a document may be: the service's bounds, so that a test meets them before a user does."""

from dataclasses import dataclass

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, FragmentSpreadNode, OperationDefinitionNode
from graphql.language import InlineFragmentNode, SelectionSetNode

from publicgsb_sdk.testing.refusals import Refusal, invalid

CHARACTERS_MAX, TOKENS_MAX = 16_384, 1_000
DEPTH_MAX, ALIASES_MAX, FIELDS_MAX = 12, 50, 500  # fragments included
INTROSPECTION = ("__schema", "__type")


@dataclass(frozen=True, slots=True)
class Size:
    """Of a selection set with its fragments."""

    fields: int = 0
    aliases: int = 0
    depth: int = 0

    def beside(self, other: "Size") -> "Size":
        return Size(self.fields + other.fields, self.aliases + other.aliases, max(self.depth, other.depth))


def check_length(text: str) -> None:
    """Before it is read."""
    if len(text) > CHARACTERS_MAX:
        raise too_large(f"The document is longer than {CHARACTERS_MAX} characters.")


def check_sizes(document: DocumentNode) -> None:
    """Of each operation of a document that was validated, so that no fragment spreads itself."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    known: dict[str, Size] = {}
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            size = _measured(operation.selection_set, fragments, known)
            for found, most, what in (
                (size.depth, DEPTH_MAX, "levels deep"),
                (size.aliases, ALIASES_MAX, "aliases"),
                (size.fields, FIELDS_MAX, "fields"),
            ):
                if found > most:
                    raise too_large(f"The operation has more than {most} {what}, fragments included.")


def too_large(message: str) -> Refusal:
    return invalid(message, "limits", "Split the request into several smaller ones.")


def _measured(
    selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], known: dict[str, Size]
) -> Size:
    size = Size()
    for node in selections.selections:
        inner = Size()
        if isinstance(node, FieldNode):
            if node.selection_set is not None and node.name.value not in INTROSPECTION:
                inner = _measured(node.selection_set, fragments, known)
            inner = Size(inner.fields + 1, inner.aliases + (node.alias is not None), inner.depth + 1)
        elif isinstance(node, InlineFragmentNode):
            inner = _measured(node.selection_set, fragments, known)
        elif isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in known:
                known[name] = _measured(fragments[name].selection_set, fragments, known)
            inner = known[name]
        size = size.beside(inner)
    return size
