"""Why an operation should be refused as a whole, and at which version each root field is read: no value is looked up.

A refusal names no place, and several reasons may hold at once, so what comes of it is a set of codes.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values

from publicgsb.datasets.contracts.groupings import Grouping, groupings
from publicgsb.datasets.contracts.model import AccessLevel, Contract, FilterOp
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.errors import GsbError, InvalidRequest, NotFound, QueryTooCostly
from publicgsb.schema.types.marks import (
    AgencyMark,
    AggregateMark,
    ChangesMark,
    ListMark,
    RecordMark,
    ThroughMark,
    ToManyMark,
    ToOneMark,
    mark_of,
)
from tests.schema.oracle import around
from tests.schema.oracle.changes import KINDS
from tests.schema.oracle.expected import bound, check_readable, is_joined, search_label
from tests.schema.oracle.groups import GROUPS_DEFAULT
from tests.schema.oracle.pages import PAGE_DEFAULT, Between, CursorToken, Version, window
from tests.schema.oracle.ranking import is_askable
from tests.schema.oracle.spelling import read
from tests.schema.oracle.world import DatasetKey, Facts

PAGE_MAX = 1000
RECORDS_MAX = 10_000
POINTS_MAX = 1_000
LIST_MAX = 250
CLAUSES_MAX = 50
GROUPINGS_MAX = 3
DISTINCT_MAX = 4

Details = list[FieldDetails]


@dataclass(slots=True)
class _Root:
    key: DatasetKey
    path: tuple[str, ...]
    release: Any = None
    afters: list[str] = field(default_factory=list)

    @property
    def is_pinned_twice(self) -> bool:
        return self.release is not None and bool(self.afters)


@dataclass(slots=True)
class Inspector:
    """Walks the selections with graphql-core's own CollectFields; `refusals` and `versions` are what it finds."""

    schema: GraphQLSchema
    document: DocumentNode
    operation: OperationDefinitionNode
    variables: VariableValues
    registry: Registry
    facts: Facts
    cursors: Mapping[str, CursorToken]
    refusals: set[str] = field(default_factory=set)
    versions: dict[tuple[str, ...], Version | Between | GsbError] = field(default_factory=dict)
    _read: set[DatasetKey] = field(default_factory=set)  # under the root field that is being inspected
    records: int = 0
    points: int = 1  # beside those of records

    def inspect(self) -> None:
        query = self.schema.query_type
        assert query is not None
        try:
            self._agencies(query)
        except GraphQLError:  # a null where none may be, told by graphql-core where we refuse the whole
            self.refusals.add(InvalidRequest.code)
        if self.records > RECORDS_MAX or self.points + self.records // 100 > POINTS_MAX:
            self.refusals.add(QueryTooCostly.code)

    def _agencies(self, query: GraphQLObjectType) -> None:
        fields = collect_fields(self.schema, self._fragments(), self.variables, query, self.operation)
        for name, details in fields.grouped_field_set.items():
            field_name = details[0].node.name.value
            if field_name.startswith("__") or not isinstance(mark_of(query.fields[field_name]), AgencyMark):
                continue
            agency = _object(query, field_name)
            for inner, inner_details in self._below(agency, details):
                self._root(agency, (name, inner), inner_details)

    def _root(self, agency: GraphQLObjectType, path: tuple[str, ...], details: Details) -> None:
        definition = agency.fields[details[0].node.name.value]
        mark = mark_of(definition)
        assert isinstance(mark, (ListMark, RecordMark, AggregateMark, ChangesMark))
        args = get_argument_values(definition, details[0].node, self.variables)
        root = _Root(mark.dataset, path, args.get("release"))
        self._collect_afters(get_named_type(definition.type), mark, details, args, root)
        if isinstance(mark, ChangesMark):
            if root.afters:  # of lists inside a change
                self.refuse()
            root.afters = [args["after"]] if args.get("after") is not None else []
        if root.is_pinned_twice:
            self.refuse()
        if any(after not in self.cursors for after in root.afters):
            self.refuse()
            return
        type_ = get_named_type(definition.type)
        assert isinstance(type_, GraphQLObjectType)
        if isinstance(mark, ChangesMark):
            self.versions[path] = self._feed(type_, args, details, root)
            return
        version = self._version(root)
        self._read = {mark.dataset}
        release: int | None = None
        if not isinstance(version, GsbError):
            release = self._bind(mark.dataset, version)
        else:
            version = 0
        if isinstance(mark, RecordMark):
            self.records += 1
            self._by(args["by"], is_bound=release is not None)
            self._record(type_, details, 1, (mark.dataset, release), version)
        elif isinstance(mark, AggregateMark):
            self._aggregate(type_, args, details, (mark.dataset, release))
        else:
            self._connection(definition.type, args, details, 1, (mark.dataset, release), version, is_root=True)
        found = self._version(root)
        self.versions[path] = found if isinstance(found, GsbError) else self._stamped(found)

    def _stamped(self, version: int) -> Version:
        return Version(version, self._stamp(version))

    def _stamp(self, version: int) -> int:
        """The first version from which on everything that is read was as it is at `version`."""
        stamp = 0
        for key in self._read:
            seq = self._bind(key, version)
            if seq is None:
                continue
            since = version
            for step in reversed([step for step in self.facts.steps if step.version <= version]):
                if step.current.get(key) != seq:
                    break
                since = step.version
            stamp = max(stamp, since)
        return stamp

    def _version(self, root: _Root) -> int | GsbError:
        if root.release is not None:
            return self._version_of(root.key, root.release)
        versions = {self.cursors[after].version for after in root.afters}
        if len(versions) > 1:
            return InvalidRequest("cursors of two states")
        return versions.pop() if versions else self.registry.version

    def _version_of(self, key: DatasetKey, release: int | date | str | None) -> int | GsbError:
        """Of a number the last version at which it was current, of a day the last version of that day."""
        if isinstance(release, date):
            return self._version_at(key, release)
        if not isinstance(release, int):
            return self.registry.version
        try:
            check_readable(self.facts, key, release)
        except GsbError as error:
            return error
        places = [at for at, step in enumerate(self.facts.steps) if step.current.get(key) == release]
        if not places:
            return NotFound("no such release")
        later = [step for step in self.facts.steps[places[-1] :] if step.current.get(key) != release]
        return later[0].version - 1 if later else self.registry.version

    def _version_at(self, key: DatasetKey, day: date) -> int | GsbError:
        if day >= self.facts.steps[-1].day:
            return self.registry.version
        version = max((step.version for step in self.facts.steps if step.day <= day), default=0)
        began = next(step.version for step in self.facts.steps if step.current.get(key) is not None)
        if version < began and not self.facts.forgotten_before(key):
            return NotFound("no release yet")
        return version

    def _bind(self, key: DatasetKey, version: int) -> int | None:
        try:
            return bound(self.facts, key, version)
        except GsbError:
            return None

    def refuse(self) -> None:
        self.refusals.add(InvalidRequest.code)

    # What is below a root field ------------------------------------------------------------------------------

    def _aggregate(
        self, type_: GraphQLObjectType, args: Mapping[str, Any], details: Details, at: tuple[DatasetKey, int | None]
    ) -> None:
        grouped = args.get("groupBy") or []
        if len(grouped) > GROUPINGS_MAX or len(set(grouped)) < len(grouped):
            self.refuse()
        size = 1
        if grouped:
            size = GROUPS_DEFAULT if args.get("first") is None else args["first"]
            if not 0 <= size <= PAGE_MAX:
                self.refuse()
                size = 0
        if args.get("where") is not None:
            self._check_where(args["where"], at)
        declared = {
            one.api_name for one in groupings(self.registry.datasets[at[0]].contract) if _choice(one) in grouped
        }
        counted: set[str] = set()
        for _, inner in self._below(type_, details):
            if inner[0].node.name.value != "groups":
                continue
            group = _object(type_, "groups")
            for _, part in self._below(group, inner):
                name = part[0].node.name.value
                if name not in ("key", "countDistinct"):
                    continue
                members = {one[0].node.name.value for _, one in self._below(_object(group, name), part)}
                if name == "key" and members - declared:
                    self.refuse()
                counted |= members if name == "countDistinct" else set()
        if len(counted) > DISTINCT_MAX:
            self.refuse()
        self.records += size
        self.points += 10 * (1 + len(counted)) + 5 * _searches(args.get("where"))

    def _feed(
        self, type_: GraphQLObjectType, args: Mapping[str, Any], details: Details, root: _Root
    ) -> Between | GsbError:
        """Both versions of a change feed; a cursor names them, and must be one of this feed."""
        size = PAGE_DEFAULT if args.get("first") is None else args["first"]
        if not 0 <= size <= PAGE_MAX:
            self.refuse()
            size = 0
        versions = self._feed_versions(args, root)
        at: list[tuple[DatasetKey, int | None]] = [(root.key, None)] * 2
        if not isinstance(versions, GsbError):
            bound = [self._bind(root.key, version) for version in versions]
            since = args["since"]
            if None not in bound and (not isinstance(since, int) or since == bound[1]):
                at = [(root.key, seq) for seq in bound]
        now, since_version = (0, 0) if isinstance(versions, GsbError) else versions
        if args.get("where") is not None:
            is_compared = at[0] != at[1]
            self._check_where(args["where"], *(at if is_compared else [(root.key, None)]))
        names = {inner[0].node.name.value for _, inner in self._below(type_, details)}
        self.records += size
        self.points += 10 * (2 if names & set(KINDS) else 1) + 5 * _searches(args.get("where"))
        stamps = []
        for side, version, which in (("after", now, at[0]), ("before", since_version, at[1])):
            self._read = {root.key}
            for change, nodes in self._changes(type_, details):
                for _, inner in self._below(change, nodes):
                    if inner[0].node.name.value == side:
                        self._record(_object(change, side), inner, size, which, version)
            stamps.append(self._stamped(version))
        return versions if isinstance(versions, GsbError) else Between(*stamps)

    def _feed_versions(self, args: Mapping[str, Any], root: _Root) -> tuple[int, int] | GsbError:
        if root.afters:
            token = self.cursors[root.afters[0]]
            if token.between is None or token.key != root.key:
                return InvalidRequest("a cursor of another list")
            return token.between
        since = self._version_of(root.key, args["since"])
        if isinstance(since, GsbError):
            return since
        now = self._version(root)
        return now if isinstance(now, GsbError) else (now, since)

    def _changes(self, type_: GraphQLObjectType, details: Details) -> Iterator[tuple[GraphQLObjectType, Details]]:
        for _, inner in self._below(type_, details):
            name = inner[0].node.name.value
            if name == "nodes":
                yield _object(type_, "nodes"), inner
            elif name == "edges":
                edge = _object(type_, "edges")
                for _, part in self._below(edge, inner):
                    if part[0].node.name.value == "node":
                        yield _object(edge, "node"), part

    def _connection(
        self,
        type_: Any,
        args: Mapping[str, Any],
        details: Details,
        parents: int,
        at: tuple[DatasetKey, int | None],
        version: int,
        *,
        is_root: bool = False,
    ) -> None:
        key, release = at
        if not _is_one_way(args):
            self.refuse()
        size, cursor, _ = window(args)
        if not 0 <= size <= PAGE_MAX:
            self.refuse()
            size = 0
        self.records += parents * size
        self.points += 5 * parents * _searches(args.get("where"))
        if args.get("where") is not None:
            self._check_where(args["where"], at)
        near, words = args.get("near"), args.get("search")
        if sum(one is not None for one in (near, words, args.get("orderBy"))) > 1:
            self.refuse()
            return
        self.points += 5 * -(-parents // 50) * (near is not None) + 10 * parents * (words is not None)
        if release is not None:
            self._order(args, (key, release), cursor)
        connection = get_named_type(type_)
        assert isinstance(connection, GraphQLObjectType)
        tenths = 0  # of a point, for counts that the release does not know
        for _, inner in self._below(connection, details):
            name = inner[0].node.name.value
            if name in ("totalCount", "estimatedCount"):
                given = get_argument_values(connection.fields[name], inner[0].node, self.variables)
                tenths += 50 if given.get("exact") else 10 if name == "estimatedCount" else 1
            if name == "nodes":
                self._record(_object(connection, "nodes"), inner, parents * size, at, version)
            elif name == "edges":
                edge = _object(connection, "edges")
                for _, part in self._below(edge, inner):
                    if part[0].node.name.value == "node":
                        self._record(_object(edge, "node"), part, parents * size, at, version)
        if not is_root or any(args.get(name) is not None for name in ("where", "near", "search")):
            self.points += -(-parents * tenths // 10)

    def _order(self, args: Mapping[str, Any], at: tuple[DatasetKey, int], cursor: str | None) -> None:
        """What only the release and the values show."""
        stored, newest = self.facts.contracts[at], self.registry.datasets[at[0]].contract
        near, words = args.get("near"), args.get("search")
        ordering, is_descending = args.get("orderBy") or ("key", False)
        if near is not None:
            if stored.coordinates != newest.coordinates or not around.is_on_earth(near):
                self.refuse()
                return
            ordering = around.label(near)
        elif words is not None:
            if not stored.search or not is_askable(words):
                self.refuse()
                return
            ordering = search_label(words)
        elif ordering not in self.facts.orderings[at]:
            self.refuse()
        if cursor is not None:
            token = self.cursors[cursor]
            if (token.key, token.ordering, token.is_descending) != (at[0], ordering, is_descending):
                self.refuse()

    def _record(
        self, type_: GraphQLObjectType, details: Details, count: int, at: tuple[DatasetKey, int | None], version: int
    ) -> None:
        for _, inner in self._below(type_, details):
            definition = type_.fields[inner[0].node.name.value]
            mark = mark_of(definition)
            if isinstance(mark, ThroughMark):
                self._read |= {mark.via, mark.target}
                target = (mark.target, self._through(mark, at, version))
                args = get_argument_values(definition, inner[0].node, self.variables)
                self._connection(definition.type, args, inner, count, target, version)
            if not isinstance(mark, (ToOneMark, ToManyMark)):
                continue
            if self.registry.datasets[mark.target].contract.access is AccessLevel.WITHHELD:
                continue
            self._read.add(mark.target)
            release = None if at[1] is None else self._bind(mark.target, version)
            if release is not None and at[1] is not None:
                here, there = (at[0], at[1]), (mark.target, release)
                holder, pointed = (here, there) if isinstance(mark, ToOneMark) else (there, here)
                release = release if is_joined(self.facts, mark.link, holder, pointed) else None
            if isinstance(mark, ToOneMark):
                self.records += count
                self._record(_object(type_, inner[0].node.name.value), inner, count, (mark.target, release), version)
            else:
                args = get_argument_values(definition, inner[0].node, self.variables)
                self._connection(definition.type, args, inner, count, (mark.target, release), version)

    def _through(self, mark: ThroughMark, at: tuple[DatasetKey, int | None], version: int) -> int | None:
        """The release of the list's records; None when nothing is read."""
        via, release = self._bind(mark.via, version), self._bind(mark.target, version)
        if at[1] is None or via is None or release is None:
            return None
        inward = is_joined(self.facts, mark.inward, (mark.via, via), (at[0], at[1]))
        outward = is_joined(self.facts, mark.outward, (mark.via, via), (mark.target, release))
        return release if inward and outward else None

    def _collect_afters(self, type_: Any, mark: Any, details: Details, args: Mapping[str, Any], root: _Root) -> None:
        if isinstance(mark, (ListMark, ToManyMark, ThroughMark)):
            root.afters += [args[name] for name in ("after", "before") if args.get(name) is not None]
        for _, inner in self._below(type_, details):
            definition = type_.fields[inner[0].node.name.value]
            below = get_named_type(definition.type)
            if isinstance(below, GraphQLObjectType):
                given = get_argument_values(definition, inner[0].node, self.variables)
                self._collect_afters(below, mark_of(definition), inner, given, root)

    # Arguments -------------------------------------------------------------------------------------------------

    def _by(self, by: Mapping[str, Any] | None, *, is_bound: bool) -> None:
        for member in (by or {"": None}).values():
            for value in member.values() if isinstance(member, dict) else (member,):
                self._operand("eq", value, is_bound=is_bound)

    def _check_where(self, where: Any, *at: tuple[DatasetKey, int | None]) -> None:
        """`at` are the releases whose rows it is held against; without a number none is."""
        contract = self.registry.datasets[at[0][0]].contract
        stored = [self.facts.contracts[key, seq] for key, seq in at if seq is not None]
        if self._where(where, contract, stored) > CLAUSES_MAX:
            self.refuse()

    def _where(self, where: Any, contract: Contract, stored: list[Contract]) -> int:
        """How many comparisons it holds."""
        if not where:
            self.refuse()
            return 0
        clauses = 0
        for name, inner in where.items():
            if name in ("and", "or"):
                if not inner:
                    self.refuse()
                clauses += sum(self._where(part, contract, stored) for part in inner or ())
            elif name == "not":
                clauses += self._where(inner, contract, stored)
            elif not inner:
                self.refuse()
            else:
                column = contract.by_api_name[name].name
                for op, operand in inner.items():
                    clauses += 1
                    self._operand(op, operand, is_bound=bool(stored))
                    if op == "contains" and not all(_can_look_into(one, column) for one in stored):
                        self.refuse()
        return clauses

    def _operand(self, op: str, operand: Any, *, is_bound: bool) -> None:
        if operand is None:
            self.refuse()
            return
        if not is_bound:
            return
        values = operand if isinstance(operand, list) else [operand]
        if (op == "in" and not 1 <= len(values) <= LIST_MAX) or (op == "startsWith" and operand == ""):
            self.refuse()
        if any(not _fits(value) for value in values) or (op == "contains" and not 2 <= len(read(operand)) <= 200):
            self.refuse()

    # graphql-core's CollectFields ------------------------------------------------------------------------------

    def _fragments(self) -> dict[str, FragmentDetails]:
        return {
            node.name.value: FragmentDetails(node)
            for node in self.document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def _below(self, type_: GraphQLObjectType, details: Details) -> Iterator[tuple[str, Details]]:
        """Response name → field nodes, without __typename."""
        found = collect_subfields(
            self.schema, self._fragments(), self.variables, self.operation, type_, details
        ).grouped_field_set
        return ((name, inner) for name, inner in found.items() if not inner[0].node.name.value.startswith("__"))


def _can_look_into(contract: Contract, column: str) -> bool:
    found = contract.by_name.get(column)
    return found is not None and FilterOp.CONTAINS in found.filters


def _choice(one: Grouping) -> tuple[str, Any]:
    return one.field.name, one.grain


def _searches(where: Any) -> int:
    """How many texts a condition looks into."""
    if isinstance(where, list):
        return sum(map(_searches, where))
    if not isinstance(where, dict):
        return 0
    return sum((name == "contains") + _searches(inner) for name, inner in where.items())


def _is_one_way(args: Mapping[str, Any]) -> bool:
    """Whether the page's arguments point in one direction."""
    given = {name for name in ("first", "after", "last", "before") if args.get(name) is not None}
    return given <= {"first", "after"} or given in ({"last"}, {"last", "before"})


def _fits(value: Any) -> bool:
    """Whether a column could hold the value at all."""
    if isinstance(value, str):
        return "\0" not in value and not any(0xD800 <= ord(character) < 0xE000 for character in value)
    return not isinstance(value, float) or math.isfinite(value)


def _object(type_: GraphQLObjectType, name: str) -> GraphQLObjectType:
    found = get_named_type(type_.fields[name].type)
    assert isinstance(found, GraphQLObjectType)
    return found
