"""The lists of a plan by the level they fill, for whoever explains the plan rather than runs it."""

from collections.abc import Iterator

from publicgsb.datasets.contracts.model import FilterOp
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.tree.aggregates import Aggregate
from publicgsb.schema.planning.tree.changes import Changes
from publicgsb.schema.planning.tree.conditions import All, Compare, Condition, Not, Some
from publicgsb.schema.planning.tree.records import Connection, EdgesItem, NodesItem, Record, ToManyItem, ToOneItem
from publicgsb.schema.planning.values import Leaf


def lists(plan: Plan) -> dict[int, tuple[Connection, ToManyItem | None]]:
    """Level → its list and, below another record, the item that it is read for."""
    found: dict[int, tuple[Connection, ToManyItem | None]] = {}
    for root in plan.roots:
        for connection, by in _below(root.body, None):
            found[connection.level] = (connection, by)
    return found


def backward_levels(plan: Plan) -> set[int]:
    """The levels whose page is read from the end, change feeds included."""
    found = {level for level, (connection, _) in lists(plan).items() if connection.is_backward}
    return found | {root.body.level for root in plan.roots if isinstance(root.body, Changes) and root.body.is_backward}


def looks_of(plan: Plan) -> tuple[Leaf, ...]:
    """What each `contains` of the operation looks for."""
    conditions = [connection.condition for connection, _ in lists(plan).values()]
    conditions += [root.body.condition for root in plan.roots if isinstance(root.body, (Aggregate, Changes))]
    return tuple(dict.fromkeys(leaf for condition in conditions for leaf in _looks(condition)))


def _looks(condition: Condition | None) -> Iterator[Leaf]:
    match condition:
        case All(of) | Some(of):
            for part in of:
                yield from _looks(part)
        case Not(of):
            yield from _looks(of)
        case Compare(_, FilterOp.CONTAINS, leaf):
            yield leaf


def _below(body: object, by: ToManyItem | None) -> Iterator[tuple[Connection, ToManyItem | None]]:
    if isinstance(body, Changes):
        for record in body.records:
            yield from _below(record, None)
        return
    if isinstance(body, Connection):
        yield body, by
        for item in body.items:
            parts = item.parts if isinstance(item, EdgesItem) else (item,)
            for part in parts:
                if isinstance(part, NodesItem):
                    yield from _below(part.record, None)
    if not isinstance(body, Record):
        return
    for member in body.items:
        if isinstance(member, ToOneItem):
            yield from _below(member.record, None)
        elif isinstance(member, ToManyItem):
            yield from _below(member.connection, member)
