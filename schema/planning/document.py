"""From text to a validated document, in linear time, whatever the text is.

Order matters: source length, tokens, then our own linear analyser, and only then the validation rules, some of which
are superlinear in what a hostile document can hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from publicgsb.platform.kernel.memory import uncollected
from publicgsb.schema.planning import limits
from publicgsb.schema.planning.refusal import RefusedDocument, refuse
from publicgsb.schema.planning.tokens import forget_tokens


@dataclass(frozen=True, slots=True)
class Document:
    """A document that passed every rule, with its parts by name."""

    operations: Mapping[str | None, OperationDefinitionNode]
    fragments: Mapping[str, FragmentDefinitionNode]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Raises RefusedDocument for an unknown name, or none where several operations are defined."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None:
            raise refuse("operation", "The document has several operations: say which one by operationName.")
        if name not in self.operations:
            raise refuse("operation", "The document has no operation of that name.")
        return self.operations[name]


def tighten_validation() -> None:
    """graphql-core keeps the budget of its costliest rule in a module attribute; called once, at composition."""
    overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = limits.OVERLAP_BUDGET


def read_document(schema: GraphQLSchema, source: str) -> Document:
    """Raises RefusedDocument with at most five errors, and never a suggestion: on a schema of 1,300 datasets
    suggestions for 100 misspelt names take seconds of CPU.
    """
    with uncollected:
        ast = _parse(source)
        _Analyser(ast).check()
        errors = validate(schema, ast, max_errors=limits.ERRORS_MAX, hide_suggestions=True)
        if errors:
            raise RefusedDocument("validation", errors)
        forget_tokens(ast)
    return Document(
        operations={
            (node.name.value if node.name else None): node
            for node in ast.definitions
            if isinstance(node, OperationDefinitionNode)
        },
        fragments={node.name.value: node for node in ast.definitions if isinstance(node, FragmentDefinitionNode)},
    )


def kind_of(source: str, operation_name: str | None) -> str | None:
    """ "query", "mutation" or "subscription": what the document's operation is, valid or not; None if there is none."""
    try:
        ast = _parse(source)
    except RefusedDocument:
        return None
    for node in ast.definitions:
        if isinstance(node, OperationDefinitionNode) and (
            operation_name is None or (node.name is not None and node.name.value == operation_name)
        ):
            return node.operation.value
    return None


def _parse(source: str) -> DocumentNode:
    if len(source) > limits.SOURCE_CHARACTERS_MAX:
        raise refuse("limits", f"The document is longer than {limits.SOURCE_CHARACTERS_MAX} characters.")
    try:
        return parse(
            source,
            max_lexical_tokens=limits.TOKENS_MAX,
            max_comments=limits.COMMENTS_MAX,
            max_source_length=limits.SOURCE_CHARACTERS_MAX,
            allow_empty_selection_sets=False,
        )
    except GraphQLSyntaxError as error:
        raise RefusedDocument("parse", [error]) from None
    except GraphQLError as error:
        raise RefusedDocument("limits", [error]) from None


@dataclass(frozen=True, slots=True)
class _Size:
    """What a selection set comes to once its fragments are expanded."""

    fields: int = 0
    aliases: int = 0
    depth: int = 0


class _Analyser:
    """Each fragment is measured once: a document that expands to 2^151 fields takes no longer than it is long."""

    def __init__(self, ast: DocumentNode) -> None:
        self._operations = [node for node in ast.definitions if isinstance(node, OperationDefinitionNode)]
        self._fragments = {
            node.name.value: node for node in ast.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._sizes: dict[str, _Size] = {}
        self._open: set[str] = set()

    def check(self) -> None:
        for operation in self._operations:
            size = self._measure(operation.selection_set)
            for found, most, what in (
                (size.depth, limits.DEPTH_MAX, "levels deep"),
                (size.aliases, limits.ALIASES_MAX, "aliases"),
                (size.fields, limits.FIELDS_MAX, "fields"),
            ):
                if found > most:
                    raise refuse("limits", f"The operation has more than {most} {what}, fragments included.")

    def _measure(self, selection_set: SelectionSetNode) -> _Size:
        fields = aliases = depth = 0
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                fields += 1
                aliases += node.alias is not None
                below = 1
                if node.selection_set is not None and node.name.value not in ("__schema", "__type"):
                    inner = self._measure(node.selection_set)
                    fields, aliases, below = fields + inner.fields, aliases + inner.aliases, 1 + inner.depth
                depth = max(depth, below)
                continue
            inner = (
                self._fragment(node.name.value)
                if isinstance(node, FragmentSpreadNode)
                else self._measure(node.selection_set)  # type: ignore[attr-defined]
            )
            fields, aliases, depth = fields + inner.fields, aliases + inner.aliases, max(depth, inner.depth)
        return _Size(fields, aliases, depth)

    def _fragment(self, name: str) -> _Size:
        """Unknown fragments and cycles measure nothing here; validation names them."""
        if name in self._sizes:
            return self._sizes[name]
        if name not in self._fragments or name in self._open:
            return _Size()
        self._open.add(name)
        size = self._sizes[name] = self._measure(self._fragments[name].selection_set)
        self._open.discard(name)
        return size
