"""Which page and which count a list's arguments ask for: forward by `first` and `after`, backward by `last`, `before`.

A null is the same as an argument left out: clients that page both ways send all four and null what they do not use.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import FieldNode, GraphQLField

from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.scope import Scope, leaf
from publicgsb.schema.planning.tree.records import CountKind
from publicgsb.schema.planning.values import Const, Leaf, Tree
from publicgsb.schema.types.connections import PAGE_DEFAULT


@dataclass(frozen=True, slots=True)
class Page:
    """`size` records next to `cursor`: those that follow it, or those that precede it when `is_backward`."""

    size: Leaf
    cursor: Leaf | None
    is_backward: bool


def read_page(args: Mapping[str, Tree]) -> Page:
    """Raises InvalidRequest (reason paging) for arguments that point in two directions at once."""
    first, after, last, before = [leaf(args.get(name)) for name in ("first", "after", "last", "before")]
    for one, other in (("first", "last"), ("after", "before"), ("last", "after"), ("first", "before")):
        if args.get(one) is not None and args.get(other) is not None:
            raise _unclear(f"`{one}` and `{other}` exclude each other.")
    if before is not None and last is None:
        raise _unclear("`before` is given without `last`.")
    if last is not None:
        return Page(last, before, is_backward=True)
    return Page(first or Const(PAGE_DEFAULT), after, is_backward=False)


def count_kind(scope: Scope, field: GraphQLField, node: FieldNode) -> CountKind:
    """Which count a totalCount or estimatedCount asks for."""
    if node.name.value == "estimatedCount":
        return CountKind.ESTIMATE
    exact = leaf(scope.arguments(field, node).get("exact"))
    return CountKind.EXACT if exact is not None and exact.get(scope.variables) else CountKind.TOTAL


def _unclear(message: str) -> InvalidRequest:
    return InvalidRequest(
        message,
        reason="paging",
        hint="Read forward with `first` and `after` (an endCursor), backward with `last` and `before` (a startCursor).",
    )
