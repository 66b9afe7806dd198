"""The smallest operation that still shows a difference: parts are left out for as long as it does."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from graphql import (
    BREAK,
    REMOVE,
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    Node,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from tests.schema.oracle.generator import Operation

_TRIES = 400
_REMOVABLE = (
    "field",
    "inline_fragment",
    "fragment_spread",
    "argument",
    "directive",
    "object_field",
)


def shrink(operation: Operation, differs: Callable[[Operation], bool]) -> Operation:
    """At most a few hundred tries; `differs` says whether an operation still shows the difference."""
    tries = 0
    while True:
        for smaller in _smaller(operation):
            tries += 1
            if tries > _TRIES:
                return operation
            if differs(smaller):
                operation = smaller
                break
        else:
            return operation


def _smaller(operation: Operation) -> Iterator[Operation]:
    document = parse(operation.source)
    for at in range(_count(document)):
        left = _without(document, at)
        if left is not None:
            yield _tidied(left, operation)


class _Counter(Visitor):
    """Visits what could be left out; at the `at`-th one it takes it out."""

    def __init__(self, at: int = -1) -> None:
        super().__init__()
        self.seen = 0
        self._at = at

    def enter(self, node: Node, *_: Any) -> Any:
        if node.kind not in _REMOVABLE:
            return None
        self.seen += 1
        return REMOVE if self.seen - 1 == self._at else None


def _count(document: DocumentNode) -> int:
    counter = _Counter()
    visit(document, counter)
    return counter.seen


def _without(document: DocumentNode, at: int) -> DocumentNode | None:
    left = visit(document, _Counter(at))
    return left if isinstance(left, DocumentNode) and not _has_empty_selection(left) else None


def _has_empty_selection(document: DocumentNode) -> bool:
    found = False

    class Empties(Visitor):
        def enter_selection_set(self, node: Any, *_: Any) -> Any:
            nonlocal found
            found |= not node.selections
            return BREAK if found else None

    visit(document, Empties())
    return found


def _tidied(document: DocumentNode, before: Operation) -> Operation:
    """Without the fragments and variables that nothing uses any more."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    kept: list[Node] = [operation]
    names = set()
    for node in kept:  # grows while it is walked
        for spread in _all(node, FragmentSpreadNode):
            if spread.name.value not in names:
                names.add(spread.name.value)
                kept.append(fragments[spread.name.value])
    bodies = [operation.selection_set, *kept[1:]]
    used = {variable.name.value for node in bodies for variable in _all(node, VariableNode)}
    definitions = [one for one in operation.variable_definitions or () if one.variable.name.value in used]
    header = ", ".join(map(print_ast, definitions))
    source = f"query{f'({header})' if header else ''} {' '.join(map(print_ast, bodies))}"
    given = {name: value for name, value in before.variables.items() if name in used}
    return replace(before, source=source, variables=given)


def _all(node: Node, kind: type[Any]) -> list[Any]:
    found: list[Any] = []

    class Finder(Visitor):
        def enter(self, one: Node, *_: Any) -> None:
            if isinstance(one, kind):
                found.append(one)

    visit(node, Finder())
    return found
