"""What the parts of a page, of a feed, of an aggregate and of the catalogue are."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from publicgsb_sdk.testing import grouping
from publicgsb_sdk.testing.feed import Change, Feed, Side
from publicgsb_sdk.testing.grouping import Group
from publicgsb_sdk.testing.meaning import Meaning
from publicgsb_sdk.testing.model import Row
from publicgsb_sdk.testing.pages import Page
from publicgsb_sdk.testing.refusals import Refusal
from publicgsb_sdk.testing.resolving import Caller, Found, Told

Part: TypeAlias = Callable[[Any, Any], Any]
Parts: TypeAlias = Mapping[str, Part]


@dataclass(frozen=True, slots=True)
class Edge:
    """A record of a page."""

    page: Page
    row: Row


@dataclass(frozen=True, slots=True)
class Node:
    """A change of a feed."""

    feed: Feed
    change: Change

    def side(self, row: Row | None, side: Side) -> Found | None:
        return None if row is None else Found(row, side.release, side.version)


@dataclass(frozen=True, slots=True)
class Figures:
    """One statistic of a group, column by column."""

    part: str
    group: Group


def group_key(name: str, key: Mapping[str, Any], _: Any) -> Any:
    if name not in key:
        raise Refusal("INVALID_REQUEST", f"{name} is not what is grouped by.", reason="not_grouped")
    return key[name]


def figure(meaning: Meaning, of: Figures, _: Any) -> Any:
    assert meaning.column is not None
    return grouping.figure(of.part, of.group, meaning.column)


def _total(page: Page, _: Any, exact: bool | None = False) -> int | None:
    return page.total(is_exact=bool(exact))


def _distance(edge: Edge, _: Any) -> float | None:
    """To the metre."""
    km = edge.page.order.distance(edge.row)
    return None if km is None else round(km, 3)


def _cursor(source: Any, *, is_last: bool) -> str | None:
    shown = source.window.shown
    return source.cursor(shown[-1 if is_last else 0]) if shown else None


def _figures(part: str) -> Part:
    return lambda group, _: Figures(part, group)


def _tally(kind: str) -> Part:
    return lambda feed, _: feed.tally(kind)


PAGE: Parts = {
    "nodes": lambda page, _: [Found(row, page.release, page.version) for row in page.rows],
    "edges": lambda page, _: [Edge(page, row) for row in page.rows],
    "pageInfo": lambda page, _: page,
    "totalCount": _total,
    "estimatedCount": lambda page, _: len(page.window.matching),
}
EDGE: Parts = {
    "node": lambda edge, _: Found(edge.row, edge.page.release, edge.page.version),
    "cursor": lambda edge, _: edge.page.cursor(edge.row),
    "distanceKm": _distance,
}
PAGE_INFO: Parts = {
    "hasNextPage": lambda page, _: page.window.has_next,
    "hasPreviousPage": lambda page, _: page.window.has_previous,
    "startCursor": lambda page, _: _cursor(page, is_last=False),
    "endCursor": lambda page, _: _cursor(page, is_last=True),
}
FEED: Parts = {
    "nodes": lambda feed, _: [Node(feed, one) for one in feed.changes],
    "edges": lambda feed, _: [Node(feed, one) for one in feed.changes],
    "pageInfo": lambda feed, _: feed,
    **{kind: _tally(kind) for kind in ("added", "removed", "changed")},
}
CHANGE_EDGE: Parts = {"node": lambda node, _: node, "cursor": lambda node, _: node.feed.cursor(node.change)}
CHANGE: Parts = {
    "change": lambda node, _: node.change.kind.upper(),
    "key": lambda node, _: node.side(node.change.after or node.change.before, node.feed.now),
    "before": lambda node, _: node.side(node.change.before, node.feed.since),
    "after": lambda node, _: node.side(node.change.after, node.feed.now),
    "changedFields": lambda node, _: list(node.change.fields),
}
AGGREGATE: Parts = {
    "groups": lambda found, _: found.whole.shown,
    "totalGroups": lambda found, _: len(found.whole.groups),
    "suppressedCells": lambda found, _: found.release.suppressed,
    "minCell": lambda found, _: found.release.contract.min_cell,
}
GROUP: Parts = {
    "key": lambda group, _: group.key,
    "count": lambda group, _: group.count,
    **{part: _figures(part) for part in ("countDistinct", "sum", "avg", "min", "max")},
}


# The catalogue and the account -----------------------------------------------------------------------------


def _told(info: Any) -> Told:
    found: Told = info.context.told
    return found


def _caller(info: Any) -> Caller:
    found: Caller = info.context.caller
    return found


def _one(found: Iterable[dict[str, Any]], name: str, value: str) -> dict[str, Any] | None:
    return next((one for one in found if one[name] == value), None)


def _agency(_: Any, info: Any, slug: str = "") -> Any:
    return _one(_told(info).agencies(), "slug", slug)


def _dataset(_: Any, info: Any, id: str = "") -> Any:
    return _one(_told(info).datasets(), "id", id)


def _rate_limit(_: Any, info: Any, **__: Any) -> Any:
    return _caller(info).rate_limit()


def _usage(_: Any, info: Any, **args: Any) -> Any:
    return _caller(info).usage(args)


QUERY: Parts = {
    "agencies": lambda _, info: _told(info).agencies(),
    "agency": _agency,
    "datasets": lambda _, info: _told(info).datasets(),
    "dataset": _dataset,
    "me": lambda _, info: _caller(info).me(),
    "rateLimit": _rate_limit,
}
ME: Parts = {"quota": lambda _, info: _caller(info).quota(), "usage": _usage}
