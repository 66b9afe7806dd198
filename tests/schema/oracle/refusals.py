"""Why an operation should be refused as a whole, and at which version each root field is read: no value is looked up.

A refusal names no place, and several reasons may hold at once, so what comes of it is a set of codes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, get_named_type
from graphql.execution.values import get_argument_values

from publicgsb.datasets.contracts.groupings import groupings
from publicgsb.datasets.contracts.model import ROW_COLUMN
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.schema.types.marks import (
    AgencyMark,
    AggregateMark,
    ChangesMark,
    ListMark,
    RecordMark,
    mark_of,
)
from tests.schema.oracle.below import PAGE_MAX, Below, is_one_way
from tests.schema.oracle.bill import Bill
from tests.schema.oracle.changes import KINDS, compared
from tests.schema.oracle.facts import DatasetKey, Facts
from tests.schema.oracle.groups import GROUPS_DEFAULT
from tests.schema.oracle.moments import Moments, Root
from tests.schema.oracle.operands import Operands, searches
from tests.schema.oracle.pages import Between, CursorToken, Version, window
from tests.schema.oracle.selected import Details, Selected, object_of

GROUPINGS_MAX = 3
DISTINCT_MAX = 4
FREE = frozenset({"me", "rateLimit", "__typename"})


@dataclass(slots=True)
class Inspector:
    """Walks the selections; `bill` and `versions` are what it finds."""

    selected: Selected
    registry: Registry
    facts: Facts
    cursors: Mapping[str, CursorToken]
    caller: Caller
    bill: Bill = field(init=False)
    versions: dict[tuple[str, ...], Version | Between | GsbError] = field(default_factory=dict)
    is_dry_run: bool = False
    has_statement: bool = False  # whether any root field is read
    _names: set[str] = field(default_factory=set)  # of the fields at the root
    _moments: Moments = field(init=False)
    _operands: Operands = field(init=False)
    _below: Below = field(init=False)

    def __post_init__(self) -> None:
        self.bill = Bill(self.registry)
        self._moments = Moments(self.facts, self.registry.version, self.cursors)
        self._operands = Operands(self.bill, self.facts)
        self._below = Below(self.selected, self.bill, self._moments, self._operands)

    @property
    def cost(self) -> tuple[int, int]:
        """Points and records that are reserved, as `rateLimit` tells them."""
        is_free = not self.versions and self._names <= FREE
        return (0, 0) if is_free and not self.is_dry_run else (self.bill.whole, self.bill.records)

    def inspect(self) -> None:
        query = self.selected.schema.query_type
        assert query is not None
        try:
            self._agencies(query)
        except GraphQLError:  # a null where none may be, told by graphql-core where we refuse the whole
            self.bill.refuse()
        self.bill.close(self.caller)

    def _agencies(self, query: GraphQLObjectType) -> None:
        for name, details in self.selected.roots(query).items():
            field_name = details[0].node.name.value
            self._names.add(field_name)
            if field_name.startswith("__"):
                continue
            definition = query.fields[field_name]
            if not isinstance(mark_of(definition), AgencyMark):
                given = get_argument_values(definition, details[0].node, self.selected.variables)
                self.is_dry_run |= given.get("dryRun", False)
                continue
            agency = object_of(query, field_name)
            for inner, inner_details in self.selected.below(agency, details):
                self._root(agency, (name, inner), inner_details)

    def _root(self, agency: GraphQLObjectType, path: tuple[str, ...], details: Details) -> None:
        definition = agency.fields[details[0].node.name.value]
        mark = mark_of(definition)
        assert isinstance(mark, (ListMark, RecordMark, AggregateMark, ChangesMark))
        args = get_argument_values(definition, details[0].node, self.selected.variables)
        type_ = get_named_type(definition.type)
        assert isinstance(type_, GraphQLObjectType)
        root = Root(mark.dataset, path, args.get("release"))
        root.afters = list(self._below.cursors(type_, mark, details, args))
        if isinstance(mark, ChangesMark):
            if root.afters:  # of lists inside a change
                self.bill.refuse()
            root.afters = [args[name] for name in ("after", "before") if args.get(name) is not None]
        if root.is_pinned_twice:
            self.bill.refuse()
        known = [after for after in root.afters if after in self.cursors]
        if len(known) < len(root.afters):  # what is asked below may refuse it for another reason
            self.bill.refuse()
            root.afters = known
        if isinstance(mark, ChangesMark):
            self.versions[path] = self._feed(type_, args, details, root)
            return
        version = self._moments.version(root)
        self._below.read = {mark.dataset}
        release: int | None = None
        if not isinstance(version, GsbError):
            release = self._moments.bind(mark.dataset, version)
        else:
            version = 0
        self.has_statement |= release is not None
        if isinstance(mark, RecordMark):
            self.bill.records += 1
            self._operands.by(mark.dataset, args["by"], is_bound=release is not None)
            self._below.record(type_, details, 1, (mark.dataset, release), version)
        elif isinstance(mark, AggregateMark):
            self._aggregate(type_, args, details, (mark.dataset, release))
        else:
            at = (mark.dataset, release)
            self._below.connection(definition.type, args, details, 1, at, version, is_root=True)
        found = self._moments.version(root)
        self.versions[path] = found if isinstance(found, GsbError) else self._moments.stamped(found, self._below.read)

    # What is below a root field ------------------------------------------------------------------------------

    def _aggregate(
        self, type_: GraphQLObjectType, args: Mapping[str, Any], details: Details, at: tuple[DatasetKey, int | None]
    ) -> None:
        bill, key = self.bill, at[0]
        grouped = args.get("groupBy") or []
        if len(grouped) > GROUPINGS_MAX or len(set(grouped)) < len(grouped):
            bill.refuse()
        _, ordered, _ = args.get("orderBy") or ("key", None, False)
        bill.touch(key, ROW_COLUMN, *(column for column, _ in grouped), *([ordered] if ordered else []))
        size = GROUPS_DEFAULT if args.get("first") is None else args["first"]
        if not 0 <= size <= PAGE_MAX:
            bill.refuse()
            size = 0
        if not grouped:
            size = 1
        if args.get("where") is not None:
            self._operands.where(args["where"], at)
        declared = {
            one.api_name
            for one in groupings(self.registry.datasets[key].contract)
            if (one.field.name, one.grain) in grouped
        }
        counted: set[str] = set()
        for name, members in self._figures(type_, details):
            if name == "key" and members - declared:
                bill.refuse()
            if name != "key":
                contract = self.registry.datasets[key].contract
                bill.touch(key, *(contract.by_api_name[member].name for member in members))
            counted |= members if name == "countDistinct" else set()
        if len(counted) > DISTINCT_MAX:
            bill.refuse()
        bill.records += size
        bill.points += 10 * (1 + len(counted)) + 5 * searches(args.get("where"))

    def _figures(self, type_: GraphQLObjectType, details: Details) -> Iterator[tuple[str, set[str]]]:
        """The parts of the groups that have members, with those that are selected."""
        for _, inner in self.selected.below(type_, details):
            if inner[0].node.name.value != "groups":
                continue
            group = object_of(type_, "groups")
            for _, part in self.selected.below(group, inner):
                name = part[0].node.name.value
                if name != "count":
                    yield name, {one[0].node.name.value for _, one in self.selected.below(object_of(group, name), part)}

    def _feed(
        self, type_: GraphQLObjectType, args: Mapping[str, Any], details: Details, root: Root
    ) -> Between | GsbError:
        """Both versions of a change feed; a cursor names them, and must be one of this feed."""
        bill = self.bill
        if not is_one_way(args):
            bill.refuse()
        size, _, _ = window(args)
        if not 0 <= size <= PAGE_MAX:
            bill.refuse()
            size = 0
        contract = self.registry.datasets[root.key].contract
        bill.touch(root.key, *contract.primary_key, *(column.name for column in compared(contract)))
        versions = self._moments.feed_versions(args["since"], root)
        at: list[tuple[DatasetKey, int | None]] = [(root.key, None)] * 2
        if not isinstance(versions, GsbError):
            bound = [self._moments.bind(root.key, version) for version in versions]
            since = args["since"]
            if None not in bound and (not isinstance(since, int) or since == bound[1]):
                at = [(root.key, seq) for seq in bound]
                self.has_statement = True
        now, since_version = (0, 0) if isinstance(versions, GsbError) else versions
        if args.get("where") is not None:
            is_compared = at[0] != at[1]
            self._operands.where(args["where"], *(at if is_compared else [(root.key, None)]))
        names = {inner[0].node.name.value for _, inner in self.selected.below(type_, details)}
        bill.records += size
        bill.points += 10 * (2 if names & set(KINDS) else 1) + 5 * searches(args.get("where"))
        stamps = []
        for side, version, which in (("after", now, at[0]), ("before", since_version, at[1])):
            self._below.read = {root.key}
            for change, nodes in self._changes(type_, details):
                for _, inner in self.selected.below(change, nodes):
                    if inner[0].node.name.value == side:
                        self._below.record(object_of(change, side), inner, size, which, version)
            stamps.append(self._moments.stamped(version, self._below.read))
        return versions if isinstance(versions, GsbError) else Between(*stamps)

    def _changes(self, type_: GraphQLObjectType, details: Details) -> Iterator[tuple[GraphQLObjectType, Details]]:
        for _, inner in self.selected.below(type_, details):
            name = inner[0].node.name.value
            if name == "nodes":
                yield object_of(type_, "nodes"), inner
            elif name == "edges":
                edge = object_of(type_, "edges")
                for _, part in self.selected.below(edge, inner):
                    if part[0].node.name.value == "node":
                        yield object_of(edge, "node"), part
