"""An operation before a row is looked up: what it costs, at which state it is read, and why it is refused."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

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

from publicgsb_sdk.testing.comparing import check_text, check_where
from publicgsb_sdk.testing.cursors import Cursor, bad_cursor, read_cursor
from publicgsb_sdk.testing.feed import list_name
from publicgsb_sdk.testing.meaning import LISTS, ROOTS, Meaning, meaning_of
from publicgsb_sdk.testing.places import check_near
from publicgsb_sdk.testing.ranking import check_words
from publicgsb_sdk.testing.refusals import Refusal, invalid
from publicgsb_sdk.testing.resolving import Versions
from publicgsb_sdk.testing.state import World
from publicgsb_sdk.testing.window import check_window
from publicgsb_sdk.wire import an_object

RECORDS_MAX, POINTS_MAX = 10_000, 1_000
RECORDS_PER_POINT = 100
TIED_ROWS_PER_POINT = 2_000  # of a link dataset, looked at by a shortcut
GROUPINGS_MAX, DISTINCT_MAX = 3, 4
FREE = frozenset({"me", "rateLimit", "__typename"})
Details: TypeAlias = list[FieldDetails]
Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """What one list, record or aggregate reserves; `beside` are points beside those of its records."""

    path: Path
    dataset: str
    records: int
    beside: int
    reads: str


@dataclass(slots=True)
class Inspection:
    """`versions` says at which state each root field is read, or why it is not."""

    levels: list[Level] = field(default_factory=list[Level])
    versions: dict[Path, Versions] = field(default_factory=dict[Path, Versions])
    is_dry_run: bool = False
    names: set[str] = field(default_factory=set[str])

    @property
    def records(self) -> int:
        return sum(one.records for one in self.levels)

    @property
    def price(self) -> int:
        """What running it reserves, in points."""
        return 1 + self.records // RECORDS_PER_POINT + sum(one.beside for one in self.levels)

    @property
    def is_free(self) -> bool:
        return self.is_dry_run or (not self.versions and self.names <= FREE)


class Inspector:
    """Walks the selections of one operation. Raises Refusal for what is refused as a whole."""

    def __init__(
        self,
        world: World,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: VariableValues,
    ) -> None:
        self._world = world
        self._schema = schema
        self._operation = operation
        self._variables = variables
        self._fragments = {
            node.name.value: FragmentDetails(node)
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._found = Inspection()

    def inspect(self) -> Inspection:
        query = self._schema.query_type
        assert query is not None
        roots = collect_fields(self._schema, self._fragments, self._variables, query, self._operation)
        try:
            for name, details in roots.grouped_field_set.items():
                self._root(query, name, details)
        except GraphQLError as error:  # a null where none may be
            raise invalid(error.message, "coercion") from error
        found = self._found
        if found.records > RECORDS_MAX or found.price > POINTS_MAX:
            raise Refusal(
                "QUERY_TOO_COSTLY",
                f"The operation asks for {found.records} records and costs {found.price} points; "
                f"at most {RECORDS_MAX} and {POINTS_MAX} are allowed.",
                reason="records" if found.records > RECORDS_MAX else "points",
            )
        return found

    def _root(self, query: GraphQLObjectType, name: str, details: Details) -> None:
        field_name = details[0].node.name.value
        self._found.names.add(field_name)
        if field_name.startswith("__"):
            return
        definition = query.fields[field_name]
        if meaning_of(definition) is None:
            self._found.is_dry_run |= bool(self._given(definition, details).get("dryRun"))
            return
        agency = _object(definition)
        for inner, below in self._below(agency, details):
            definition = agency.fields[below[0].node.name.value]
            meaning = meaning_of(definition)
            if meaning is not None and meaning.kind in ROOTS:
                self._dataset((name, inner), definition, meaning, below)

    def _dataset(self, path: Path, definition: Any, meaning: Meaning, details: Details) -> None:
        args = self._given(definition, details)
        cursors = [read_cursor(text) for text in self._cursors(definition, details)]
        if args.get("release") is not None and cursors:
            raise invalid("A cursor names its release; leave `release` out.", "release")
        try:
            self._found.versions[path] = self._versions(meaning, args, cursors)
        except Refusal as refused:
            self._found.versions[path] = refused
        match meaning.kind:
            case "list":
                self._list(path, definition, meaning, details, 1)
            case "record":
                self._by(args["by"])
                self._level(path, meaning, 1, 0, "by a key")
                self._record(path, _object(definition), details, 1)
            case "aggregate":
                self._aggregate(path, definition, meaning, details)
            case _:
                self._changes(path, definition, meaning, details)

    def _versions(self, meaning: Meaning, args: Mapping[str, Any], cursors: list[Cursor]) -> int | tuple[int, int]:
        name = meaning.contract.name
        if meaning.kind == "changes":
            if cursors:
                cursor = cursors[0]
                if cursor.list != list_name(meaning.contract) or cursor.since is None:
                    raise bad_cursor("The cursor belongs to another list.")
                return cursor.version, cursor.since
            since = self._world.version_of(name, args["since"])
            return self._world.version_of(name, args.get("release")), since
        versions = {cursor.version for cursor in cursors}
        if len(versions) > 1:
            raise bad_cursor("The cursors were made at different states.")
        return versions.pop() if versions else self._world.version_of(name, args.get("release"))

    # Below a root field ------------------------------------------------------------------------------------

    def _list(
        self, path: Path, definition: Any, meaning: Meaning, details: Details, parents: int, lists: int = 1
    ) -> None:
        """Of so many records above, which fill so many lists."""
        args = self._given(definition, details)
        size = check_window(args)
        texts = 0 if args.get("where") is None else check_where(args["where"])
        near, words = args.get("near"), args.get("search")
        if sum(one is not None for one in (near, words, args.get("orderBy"))) > 1:
            raise invalid("`search`, `near` and `orderBy` exclude each other.", "search_order")
        if near is not None:
            check_near(near)
        if words is not None:
            check_words(words)
        beside = parents * (5 * texts + 10 * (words is not None)) + 5 * -(-parents // 50) * (near is not None)
        connection = _object(definition)
        is_narrowed = meaning.kind != "list" or any(args.get(one) is not None for one in ("where", "near", "search"))
        tenths = sum(self._count(connection, below) for _, below in self._below(connection, details))
        beside += -(-parents * tenths // 10) if is_narrowed else 0
        if meaning.via is not None:
            reads = self._reads(connection, details, args)
            beside += -(-reads * self._tied(meaning, parents, lists) // TIED_ROWS_PER_POINT)
        self._level(path, meaning, parents * size, beside, "in order, page by page")
        for name, below in self._below(connection, details):
            part = below[0].node.name.value
            if part == "nodes":
                self._record((*path, name), _object(connection.fields[part]), below, parents * size, parents)
            elif part == "edges":
                edge = _object(connection.fields[part])
                for inner, node in self._below(edge, below):
                    if node[0].node.name.value == "node":
                        record = _object(edge.fields["node"])
                        self._record((*path, name, inner), record, node, parents * size, parents)

    def _count(self, connection: GraphQLObjectType, details: Details) -> int:
        """Tenths of a point, for a count that has to be made."""
        name = details[0].node.name.value
        if name == "estimatedCount":
            return 10
        if name != "totalCount":
            return 0
        return 50 if self._given(connection.fields[name], details).get("exact") else 1

    def _tied(self, meaning: Meaning, parents: int, lists: int) -> int:
        """Rows that a shortcut may look at: as many as lead to one record, for a list at most all of them."""
        assert meaning.via is not None
        assert meaning.tie is not None
        release = self._world.dataset(meaning.via.name).current_release
        rows = release.rows if release is not None else ()
        keys = [tuple(row.get(column) for column in meaning.tie.inward.columns) for row in rows]
        of_one = Counter(key for key in keys if None not in key)
        return min(parents * max(of_one.values(), default=0), lists * len(rows))

    def _reads(self, connection: GraphQLObjectType, details: Details, args: Mapping[str, Any]) -> int:
        """How often: for the page, for each count, and for each look at what is behind its cursor."""
        reads = 1
        cursor = "before" if args.get("last") is not None else "after"
        behind = "hasNextPage" if cursor == "before" else "hasPreviousPage"
        for _, below in self._below(connection, details):
            part = below[0].node.name.value
            reads += {"totalCount": 1, "estimatedCount": 2}.get(part, 0)
            if part == "pageInfo" and args.get(cursor) is not None:
                info = self._below(_object(connection.fields[part]), below)
                reads += sum(one[0].node.name.value == behind for _, one in info)
        return reads

    def _record(self, path: Path, type_: GraphQLObjectType, details: Details, count: int, lists: int = 1) -> None:
        for name, below in self._below(type_, details):
            definition = type_.fields[below[0].node.name.value]
            meaning = meaning_of(definition)
            if meaning is None or meaning.contract.access == "withheld":
                continue
            if meaning.kind == "to_one":
                self._level((*path, name), meaning, count, 0, "by a link")
                self._record((*path, name), _object(definition), below, count, count)
            elif meaning.kind in LISTS:
                self._list((*path, name), definition, meaning, below, count, lists)

    def _aggregate(self, path: Path, definition: Any, meaning: Meaning, details: Details) -> None:
        args = self._given(definition, details)
        grouped: list[str] = args.get("groupBy") or []
        if len(grouped) > GROUPINGS_MAX or len(set(grouped)) < len(grouped):
            raise invalid(f"`groupBy` takes at most {GROUPINGS_MAX}, each once.", "limits")
        groups = check_window({"first": args.get("first")})
        size = groups if grouped else 1
        texts = 0 if args.get("where") is None else check_where(args["where"])
        known = {one.api_name for one in meaning.contract.groupings if one.name in grouped}
        counted: set[str] = set()
        for part, names in self._figures(_object(definition), details):
            if part == "key" and names - known:
                raise invalid(f"{sorted(names - known)[0]} is not what is grouped by.", "not_grouped")
            counted |= names if part == "countDistinct" else set()
        if len(counted) > DISTINCT_MAX:
            raise invalid(f"At most {DISTINCT_MAX} columns are counted.", "limits")
        self._level(path, meaning, size, 10 * (1 + len(counted)) + 5 * texts, "all records, into groups")

    def _figures(self, whole: GraphQLObjectType, details: Details) -> Iterator[tuple[str, set[str]]]:
        for _, groups in self._below(whole, details):
            if groups[0].node.name.value == "groups":
                group = _object(whole.fields["groups"])
                for _, part in self._below(group, groups):
                    name = part[0].node.name.value
                    if name != "count":
                        below = self._below(_object(group.fields[name]), part)
                        yield name, {one[0].node.name.value for _, one in below}

    def _changes(self, path: Path, definition: Any, meaning: Meaning, details: Details) -> None:
        args = self._given(definition, details)
        size = check_window(args)
        texts = 0 if args.get("where") is None else check_where(args["where"])
        page = _object(definition)
        below = list(self._below(page, details))
        tallied = {"added", "removed", "changed"} & {inner[0].node.name.value for _, inner in below}
        self._level(path, meaning, size, 10 * (2 if tallied else 1) + 5 * texts, "both releases, by key")
        for name, inner in below:
            part = inner[0].node.name.value
            nodes = [(name, inner, _object(page.fields[part]))] if part in ("nodes", "edges") else []
            if part == "edges":
                edge = nodes[0][2]
                nodes = [
                    (name, one, _object(edge.fields["node"]))
                    for _, one in self._below(edge, inner)
                    if one[0].node.name.value == "node"
                ]
            for response, node, change in nodes:
                for side, record in self._below(change, node):
                    if record[0].node.name.value in ("before", "after"):
                        type_ = _object(change.fields[record[0].node.name.value])
                        self._record((*path, response, side), type_, record, size)

    def _by(self, by: Mapping[str, Any]) -> None:
        for member in by.values():
            for value in (an_object(member) or {"": member}).values():
                if value is None:
                    raise invalid("A key is compared with null.", "null_operand", "A key has a value.")
                check_text("The key", value)

    def _cursors(self, definition: Any, details: Details) -> Iterator[str]:
        """Of this list and all that are below it."""
        meaning = meaning_of(definition)
        if meaning is not None and meaning.kind in {*LISTS, "changes"}:
            args = self._given(definition, details)
            yield from (args[name] for name in ("after", "before") if args.get(name) is not None)
        type_ = cast(object, get_named_type(definition.type))
        if isinstance(type_, GraphQLObjectType):
            for _, below in self._below(type_, details):
                yield from self._cursors(type_.fields[below[0].node.name.value], below)

    def _level(self, path: Path, meaning: Meaning, records: int, beside: int, reads: str) -> None:
        self._found.levels.append(Level(path, meaning.contract.id, records, beside, reads))

    def _given(self, definition: Any, details: Details) -> dict[str, Any]:
        return get_argument_values(definition, details[0].node, self._variables)

    def _below(self, type_: GraphQLObjectType, details: Details) -> Iterator[tuple[str, Details]]:
        """Response names with their fields, without those of introspection."""
        found = collect_subfields(
            self._schema, self._fragments, self._variables, self._operation, type_, details
        ).grouped_field_set
        return ((name, inner) for name, inner in found.items() if not inner[0].node.name.value.startswith("__"))


def _object(definition: Any) -> GraphQLObjectType:
    found = cast(object, get_named_type(definition.type))
    assert isinstance(found, GraphQLObjectType)
    return found
