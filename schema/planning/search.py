"""`contains` and `search`: what a plan must know of them before any text is seen."""

from publicgsb.datasets.contracts.model import Contract, FilterOp
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.quotas.prices import POINTS_PER_CONTAINS
from publicgsb.schema.planning.scope import Scope, leaf
from publicgsb.schema.planning.tree.conditions import All, Compare, Condition, IsNull, Not, Some
from publicgsb.schema.planning.values import Leaf, Tree
from publicgsb.schema.types.marks import DatasetKey

SEARCH_ORDER = "~search"  # in the fingerprint of a cursor; no ordering can have this name


def searched_in(condition: Condition | None) -> int:
    """Points for the texts that a condition looks into."""
    match condition:
        case None | IsNull():
            return 0
        case All(of) | Some(of):
            return sum(map(searched_in, of))
        case Not(of):
            return searched_in(of)
        case Compare(_, op, _):
            return POINTS_PER_CONTAINS if op is FilterOp.CONTAINS else 0


def plan_search(scope: Scope, dataset: DatasetKey, contract: Contract, args: dict[str, Tree]) -> Leaf | None:
    """The words to search for; every field that is looked into is touched."""
    search = leaf(args.get("search"))
    if search is None:
        return None
    if leaf(args.get("orderBy")) is not None:
        raise InvalidRequest(
            "`search` and `orderBy` exclude each other.",
            reason="search_order",
            hint="Search gives the best matches first; for an order, filter with `where` and `contains`.",
        )
    for column in contract.search:
        scope.touch(dataset, column)
    return search
