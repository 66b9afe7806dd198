"""What each part of a page, of a feed and of an aggregate is: what the schema learns, the oracle learns here."""

from collections.abc import Callable
from typing import Any

from tests.schema.oracle import around
from tests.schema.oracle.changes import KINDS
from tests.schema.oracle.groups import Figures, count
from tests.schema.oracle.pages import Edge


def _figures(part: str) -> Callable[[Any], Figures]:
    return lambda group: Figures(part, group.rows)


def _tally(kind: str) -> Callable[[Any], int]:
    return lambda feed: sum(change.kind == kind for change in feed.matching)


PARTS: dict[str, Callable[[Any], Any]] = {
    "nodes": lambda page: [page.node(row) for row in page.rows],
    "edges": lambda page: [Edge(page, row) for row in page.rows],
    "node": lambda edge: edge.page.node(edge.row),
    "distanceKm": lambda edge: around.shown(edge.page.distance(edge.row)),
    "cursor": lambda edge: edge.page.cursor(edge.row),
    "pageInfo": lambda page: page,
    "totalCount": lambda page: len(page.matching),  # no list of this world comes near the limit of a cheap count
    "estimatedCount": lambda page: len(page.matching),
    "hasNextPage": lambda page: page.has_behind if page.is_backward else page.has_more,
    "hasPreviousPage": lambda page: page.has_more if page.is_backward else page.has_behind,
    "startCursor": lambda page: page.cursor(page.rows[0]) if page.rows else None,
    "endCursor": lambda page: page.cursor(page.rows[-1]) if page.rows else None,
    "groups": lambda whole: whole.shown,
    "totalGroups": lambda whole: len(whole.groups),
    "key": lambda one: one.key,  # of a group or of a change
    "suppressedCells": lambda whole: whole.suppressed,
    "minCell": lambda whole: whole.min_cell,
    "count": lambda group: count(group.rows),
    **{part: _figures(part) for part in ("countDistinct", "sum", "avg", "min", "max")},
    **{kind: _tally(kind) for kind in KINDS},
    "change": lambda node: node.change.kind,
    "changedFields": lambda node: node.change.fields,
    "before": lambda node: node.record(node.change.before, node.feed.since),
    "after": lambda node: node.record(node.change.after, node.feed.now),
}
