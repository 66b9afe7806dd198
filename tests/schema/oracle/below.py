"""What lies below a root field, before a row is looked up: pages, records and links, at one version."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLObjectType, get_named_type
from graphql.execution.values import get_argument_values

from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.schema.types.marks import ColumnMark, ListMark, ThroughMark, ToManyMark, ToOneMark, mark_of
from tests.schema.oracle import around
from tests.schema.oracle.bill import Bill
from tests.schema.oracle.facts import DatasetKey, Facts
from tests.schema.oracle.moments import Moments
from tests.schema.oracle.operands import Operands, searches
from tests.schema.oracle.orders import search_label
from tests.schema.oracle.pages import CursorToken, window
from tests.schema.oracle.ranking import is_askable
from tests.schema.oracle.readable import is_joined
from tests.schema.oracle.selected import Details, Selected, object_of
from tests.schema.oracle.touched import columns_of

PAGE_MAX = 1000
TIED_ROWS = 2000  # of a link dataset, for a point


@dataclass(slots=True)
class Below:
    selected: Selected
    bill: Bill
    moments: Moments
    operands: Operands
    read: set[DatasetKey] = field(default_factory=set)  # under the root field that is being inspected

    @property
    def _facts(self) -> Facts:
        return self.moments.facts

    def connection(
        self,
        type_: Any,
        args: Mapping[str, Any],
        details: Details,
        parents: int,
        at: tuple[DatasetKey, int | None],
        version: int,
        *,
        is_root: bool = False,
        lists: int = 1,
        via: ThroughMark | None = None,
    ) -> None:
        """Of so many records above, which fill so many lists."""
        key, release = at
        bill = self.bill
        if not is_one_way(args):
            bill.refuse()
        size, cursor, _ = window(args)
        if not 0 <= size <= PAGE_MAX:
            bill.refuse()
            size = 0
        bill.records += parents * size
        bill.points += 5 * parents * searches(args.get("where"))
        if args.get("where") is not None:
            self.operands.where(args["where"], at)
        near, words = args.get("near"), args.get("search")
        if sum(one is not None for one in (near, words, args.get("orderBy"))) > 1:
            bill.refuse()
            return
        bill.points += 5 * -(-parents // 50) * (near is not None) + 10 * parents * (words is not None)
        bill.touch(key, *_order_columns(bill, key, args))
        if release is not None:
            self._order(args, (key, release), cursor)
        connection = get_named_type(type_)
        assert isinstance(connection, GraphQLObjectType)
        tenths = 0  # of a point, for counts that the release does not know
        reads = 1  # of what ties a record of a shortcut
        for _, inner in self.selected.below(connection, details):
            name = inner[0].node.name.value
            if name in ("totalCount", "estimatedCount"):
                given = get_argument_values(connection.fields[name], inner[0].node, self.selected.variables)
                tenths += 50 if given.get("exact") else 10 if name == "estimatedCount" else 1
                reads += 2 if name == "estimatedCount" else 1
            if name == "pageInfo" and cursor is not None:
                behind = "hasNextPage" if args.get("last") is not None else "hasPreviousPage"
                parts = self.selected.below(object_of(connection, "pageInfo"), inner)
                reads += sum(part[0].node.name.value == behind for _, part in parts)
            if name == "nodes":
                self.record(object_of(connection, "nodes"), inner, parents * size, at, version, lists=parents)
            elif name == "edges":
                edge = object_of(connection, "edges")
                for _, part in self.selected.below(edge, inner):
                    if part[0].node.name.value == "node":
                        self.record(object_of(edge, "node"), part, parents * size, at, version, lists=parents)
        if via is not None:
            most, rows = self._tied(via)
            bill.points += -(-reads * min(parents * most, lists * rows) // TIED_ROWS)
        if not is_root or any(args.get(name) is not None for name in ("where", "near", "search")):
            bill.points += -(-parents * tenths // 10)

    def record(
        self,
        type_: GraphQLObjectType,
        details: Details,
        count: int,
        at: tuple[DatasetKey, int | None],
        version: int,
        *,
        lists: int = 1,
    ) -> None:
        for _, inner in self.selected.below(type_, details):
            definition = type_.fields[inner[0].node.name.value]
            mark = mark_of(definition)
            if self._is_withheld(mark):
                continue
            for key, column in columns_of(mark):
                self.bill.touch(key, column)
            if isinstance(mark, ThroughMark):
                self.read |= {mark.via, mark.target}
                target = (mark.target, self._through(mark, at, version))
                args = get_argument_values(definition, inner[0].node, self.selected.variables)
                self.connection(definition.type, args, inner, count, target, version, lists=lists, via=mark)
            if not isinstance(mark, (ToOneMark, ToManyMark)):
                continue
            self.read.add(mark.target)
            release = None if at[1] is None else self.moments.bind(mark.target, version)
            if release is not None and at[1] is not None:
                here, there = (at[0], at[1]), (mark.target, release)
                holder, pointed = (here, there) if isinstance(mark, ToOneMark) else (there, here)
                release = release if is_joined(self._facts, mark.link, holder, pointed) else None
            if isinstance(mark, ToOneMark):
                self.bill.records += count
                one = object_of(type_, inner[0].node.name.value)
                self.record(one, inner, count, (mark.target, release), version, lists=count)
            else:
                args = get_argument_values(definition, inner[0].node, self.selected.variables)
                self.connection(definition.type, args, inner, count, (mark.target, release), version)

    def _tied(self, mark: ThroughMark) -> tuple[int, int]:
        """Rows that tie one record now, at most, and all of them; both are all where nobody counted."""
        entry = self.bill.registry.datasets[mark.via]
        if entry.current is None:
            return 0, 0
        rows = self._facts.rows[mark.via, entry.current.seq]
        rate = entry.link_rates.get(mark.inward.name)
        if rate is None or rate.most is None:
            return len(rows), len(rows)
        values = [tuple(row[name] for name in mark.inward.fields) for row in rows]
        of_one = Counter(value for value in values if None not in value)
        return max(of_one.values(), default=0), len(rows)

    def cursors(self, type_: Any, mark: Any, details: Details, args: Mapping[str, Any]) -> Iterable[str]:
        """Every cursor of the lists from here on."""
        if isinstance(mark, (ListMark, ToManyMark, ThroughMark)):
            yield from (args[name] for name in ("after", "before") if args.get(name) is not None)
        for _, inner in self.selected.below(type_, details):
            definition = type_.fields[inner[0].node.name.value]
            below = get_named_type(definition.type)
            if isinstance(below, GraphQLObjectType):
                given = get_argument_values(definition, inner[0].node, self.selected.variables)
                yield from self.cursors(below, mark_of(definition), inner, given)

    def _is_withheld(self, mark: Any) -> bool:
        """An error at its place, and nothing of it is read."""
        if isinstance(mark, ColumnMark):
            contract = self.bill.registry.datasets[mark.dataset].contract
            return contract.access_of(mark.field) is AccessLevel.WITHHELD
        targets = [getattr(mark, name) for name in ("target", "via") if hasattr(mark, name)]
        return any(self.bill.registry.datasets[key].contract.access is AccessLevel.WITHHELD for key in targets)

    def _through(self, mark: ThroughMark, at: tuple[DatasetKey, int | None], version: int) -> int | None:
        """The release of the list's records; None when nothing is read."""
        via, release = self.moments.bind(mark.via, version), self.moments.bind(mark.target, version)
        if at[1] is None or via is None or release is None:
            return None
        inward = is_joined(self._facts, mark.inward, (mark.via, via), (at[0], at[1]))
        outward = is_joined(self._facts, mark.outward, (mark.via, via), (mark.target, release))
        return release if inward and outward else None

    def _order(self, args: Mapping[str, Any], at: tuple[DatasetKey, int], cursor: str | None) -> None:
        """What only the release and the values show."""
        bill, facts = self.bill, self._facts
        stored, newest = facts.contracts[at], bill.registry.datasets[at[0]].contract
        near, words = args.get("near"), args.get("search")
        ordering, is_descending = args.get("orderBy") or ("key", False)
        if near is not None:
            if stored.coordinates != newest.coordinates or not around.is_on_earth(near):
                bill.refuse()
                return
            ordering = around.label(near)
        elif words is not None:
            if not stored.search or not is_askable(words):
                bill.refuse()
                return
            ordering = search_label(words)
        elif ordering not in facts.orderings[at]:
            bill.refuse()
        token: CursorToken | None = None if cursor is None else self.moments.cursors.get(cursor)
        if token is not None and (token.key, token.ordering, token.is_descending) != (at[0], ordering, is_descending):
            bill.refuse()


def _order_columns(bill: Bill, key: DatasetKey, args: Mapping[str, Any]) -> tuple[str, ...]:
    """By what the list comes in its order, as its contract says today."""
    contract = bill.registry.datasets[key].contract
    found = contract.key_columns
    if args.get("search") is not None:
        found += contract.search
    if args.get("near") is not None:
        assert contract.coordinates is not None
        found += (contract.coordinates.lat, contract.coordinates.lon)
    name, _ = args.get("orderBy") or ("key", False)
    return found + next((one.fields for one in contract.orderings if one.name == name), ())


def is_one_way(args: Mapping[str, Any]) -> bool:
    """Whether the page's arguments point in one direction."""
    given = {name for name in ("first", "after", "last", "before") if args.get(name) is not None}
    return given <= {"first", "after"} or given in ({"last"}, {"last", "before"})
