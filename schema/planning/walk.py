"""The lists of a plan by the level they fill, for whoever explains the plan rather than runs it."""

from collections.abc import Iterator

from publicgsb.datasets.contracts.model import Link
from publicgsb.schema.planning.model import Connection, EdgesItem, NodesItem, Plan, Record, ToManyItem, ToOneItem
from publicgsb.schema.planning.model_changes import Changes


def lists(plan: Plan) -> dict[int, tuple[Connection, Link | None]]:
    """Level → its list and, below another record, the link that it is read by."""
    found: dict[int, tuple[Connection, Link | None]] = {}
    for root in plan.roots:
        for connection, link in _below(root.body, None):
            found[connection.level] = (connection, link)
    return found


def _below(body: Connection | Record | Changes, link: Link | None) -> Iterator[tuple[Connection, Link | None]]:
    if isinstance(body, Changes):
        for record in body.records:
            yield from _below(record, None)
        return
    if isinstance(body, Connection):
        yield body, link
        for item in body.items:
            parts = item.parts if isinstance(item, EdgesItem) else (item,)
            for part in parts:
                if isinstance(part, NodesItem):
                    yield from _below(part.record, None)
        return
    for member in body.items:
        if isinstance(member, ToOneItem):
            yield from _below(member.record, None)
        elif isinstance(member, ToManyItem):
            yield from _below(member.connection, member.link)
