"""Released datasets as plain graphql-core types.

Built as Strawberry classes 1,400 datasets would hold up a worker for many seconds (docs/decisions/0001); so record
types are built here and grafted into Strawberry's schema by graft.py, for which `python -m benchmarks scale` has the
figures.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
)

from publicgsb.datasets.contracts.aggregates_document import aggregate_name
from publicgsb.datasets.contracts.decisions import statement_of
from publicgsb.datasets.contracts.model import Contract, Field, Link
from publicgsb.datasets.contracts.names import camel_case, major_suffix, pascal_case
from publicgsb.datasets.registry import Agency, DatasetEntry, Deprecation, Registry
from publicgsb.schema.types.aggregates import aggregate_field
from publicgsb.schema.types.connections import COUNTS, CURSOR_PART, PAGE_ARGUMENTS, PAGE_INFO_PART, part
from publicgsb.schema.types.feed import changes_field
from publicgsb.schema.types.inputs import Conditions, key_type, order_type
from publicgsb.schema.types.marks import (
    MARK,
    AgencyMark,
    ColumnMark,
    DatasetKey,
    ListMark,
    Mark,
    RecordMark,
    ToManyMark,
    ToOneMark,
)
from publicgsb.schema.types.names import describe, record_type_name
from publicgsb.schema.types.near import distance_field, near_argument
from publicgsb.schema.types.scalars import RELEASE, SCALARS
from publicgsb.schema.types.search import search_argument
from publicgsb.schema.types.shortcuts import Shortcuts
from publicgsb.schema.types.weights import COST, RECORD_WEIGHT

_RELEASE_ARGUMENT = GraphQLArgument(RELEASE, description="Read this release instead of the current one.")

# Equal ones look the same in every schema.
Fingerprint: TypeAlias = tuple[str, ...]


def _marked(type_: GraphQLOutputType, mark: Mark, **more: Any) -> GraphQLField:
    return GraphQLField(type_, extensions={MARK: mark}, **more)


def _deprecated(fields: dict[str, GraphQLField], deprecation: Deprecation | None) -> dict[str, GraphQLField]:
    """The way into a dataset that is on its way out says so, to tools and in the SDL."""
    if deprecation is not None:
        for field in fields.values():
            field.deprecation_reason = deprecation.sentence
    return fields


def _named(field: GraphQLField) -> GraphQLNamedType:
    return get_named_type(field.type)


class RecordTypes:
    """All grafted types of one registry: `agencies` maps a root field name to its GraphQLField."""

    def __init__(self, registry: Registry) -> None:
        self._entries: Mapping[DatasetKey, DatasetEntry] = {
            key: entry for key, entry in registry.datasets.items() if entry.is_in_schema
        }
        conditions = Conditions()
        self._records: dict[DatasetKey, GraphQLObjectType] = {}
        self._connections: dict[DatasetKey, GraphQLObjectType] = {}
        self._wheres: dict[DatasetKey, GraphQLInputObjectType] = {}
        self._orders: dict[DatasetKey, GraphQLEnumType] = {}
        self._reverse: dict[DatasetKey, list[tuple[DatasetKey, Link]]] = {}
        for key, entry in self._entries.items():
            for link in entry.contract.links:
                if link.reverse:
                    self._reverse.setdefault((link.to_agency, link.to_dataset), []).append((key, link))
        self._shortcuts = Shortcuts(self._entries)
        for key, entry in self._entries.items():
            self._wheres[key] = conditions.where(_type_name(entry.contract), entry.contract)
            self._build(key, entry)
        self.roots = {
            key: _deprecated(self._root_fields(key, entry), entry.deprecation) for key, entry in self._entries.items()
        }
        self.agencies = {
            camel_case(slug): _marked(
                GraphQLNonNull(self._namespace(agency)), AgencyMark(slug), description=describe(agency.name)
            )
            for slug, agency in registry.agencies.items()
            if any(key[0] == slug for key in self._entries)
        }

    @property
    def linked(self) -> tuple[GraphQLNamedType, ...]:
        """The types that links lead between. GraphQLSchema walks types by recursion, and a chain of links is as long
        as it is; it does not descend into a type that it is given.
        """
        return (*self._records.values(), *self._connections.values())

    def fingerprint(self, key: DatasetKey) -> Fingerprint:
        """Every contract that has a say in what the dataset's own types and root fields look like."""
        entry = self._entries[key]
        contract, deprecation = entry.contract, entry.deprecation
        targets = [link.target for link in contract.links]
        sources = [source for source, _ in self._reverse.get(key, ())]
        tied = [end for _, through in self._shortcuts.on(key) for end in (through.via, through.target)]
        return (
            contract.sha256,
            *((deprecation.sentence,) if deprecation else ()),
            *(f"{'/'.join(other)} {self._sha256(other)}" for other in (*targets, *sources, *tied)),
        )

    def _sha256(self, key: DatasetKey) -> str:
        entry = self._entries.get(key)
        return "" if entry is None else entry.contract.sha256

    @property
    def circular(self) -> tuple[GraphQLNamedType, ...]:
        """The types without which no two of the others refer to each other in a circle, nor one to very many."""
        return (*self._records.values(), *self._wheres.values(), *map(_named, self.agencies.values()))

    def apart(self) -> None:
        """Types that came to nothing are freed without the garbage collector, which may never look at them."""
        for type_ in self.circular:
            vars(type_).clear()

    def _namespace(self, agency: Agency) -> GraphQLObjectType:
        fields: dict[str, GraphQLField] = {}
        for key, roots in self.roots.items():
            if key[0] == agency.slug:
                fields |= roots
        return GraphQLObjectType(pascal_case(agency.slug), fields, description=describe(agency.name))

    def _root_fields(self, key: DatasetKey, entry: DatasetEntry) -> dict[str, GraphQLField]:
        fields: dict[str, GraphQLField] = {}
        contract = entry.contract
        suffix = major_suffix(contract.major)
        if contract.aggregates is not None:
            type_name = _type_name(contract)
            fields[aggregate_name(contract) + suffix] = aggregate_field(
                key, type_name, contract, self._wheres[key], SCALARS
            )
        if contract.is_aggregate_only:
            return fields
        fields[contract.list_name + suffix] = self.list_field(key, ListMark(key), contract, is_root=True)
        if contract.changes_field:
            fields[contract.changes_field + suffix] = changes_field(
                key, contract, self._records[key], self._wheres[key]
            )
        if contract.unique_keys:
            fields[contract.record_field + suffix] = _marked(
                self._records[key],
                RecordMark(key),
                args={
                    "by": GraphQLArgument(GraphQLNonNull(key_type(contract)), description="One of its keys."),
                    "release": _RELEASE_ARGUMENT,
                },
                description=f"One record of {contract.title.en}, by a key.",
            )
        return fields

    def list_field(
        self, key: DatasetKey, mark: Mark, contract: Contract, *, is_root: bool, description: str = ""
    ) -> GraphQLField:
        """`description` says which of the records are meant, where it is not all of them."""
        args = {
            "where": GraphQLArgument(self._wheres[key], description="Which records."),
            "orderBy": GraphQLArgument(self._orders[key], description="A declared order; by key when not given."),
            **near_argument(contract),
            **PAGE_ARGUMENTS,
        }
        if is_root and contract.search:
            args["search"] = search_argument(contract)
        if is_root:
            args["release"] = _RELEASE_ARGUMENT
        return _marked(
            self._connections[key],
            mark,
            args=args,
            description=description or describe(contract.title, _list_notes(contract)),
        )

    def _build(self, key: DatasetKey, entry: DatasetEntry) -> None:
        contract = entry.contract
        name = _type_name(contract)
        if contract.is_aggregate_only:
            return
        self._orders[key] = order_type(name, contract)
        record = GraphQLObjectType(
            name,
            lambda: self._record_fields(key, contract),
            description=describe(contract.title, f"Licence: {contract.licence.title}. {contract.licence.attribution}"),
            extensions={COST: RECORD_WEIGHT},
        )
        self._records[key] = record
        edge = GraphQLObjectType(
            f"{name}Edge",
            {
                "node": part(GraphQLNonNull(record), "node", "The record."),
                "cursor": CURSOR_PART,
                **distance_field(contract),
            },
            description=f"One {contract.record_name} of a page, with its cursor.",
        )
        self._connections[key] = GraphQLObjectType(
            f"{name}Connection",
            {
                "nodes": part(GraphQLNonNull(GraphQLList(GraphQLNonNull(record))), "nodes", "The records."),
                "edges": part(GraphQLNonNull(GraphQLList(GraphQLNonNull(edge))), "edges", "Records with cursors."),
                "pageInfo": PAGE_INFO_PART,
                **COUNTS,
            },
            description=f"A page of {contract.title.en}.",
        )

    def _record_fields(self, key: DatasetKey, contract: Contract) -> dict[str, GraphQLField]:
        keys = set(contract.primary_key)
        fields: dict[str, GraphQLField] = {}
        for field in contract.fields:
            scalar = SCALARS[field.type]
            # Only key columns are non-null: an older release of the same major may lack any other column.
            type_ = GraphQLNonNull(scalar) if field.name in keys else scalar
            fields[field.api_name] = _marked(
                type_, ColumnMark(key, field), description=describe(field.label, _field_notes(contract, field))
            )
        for link in contract.links:
            target = (link.to_agency, link.to_dataset)
            if target in self._records:
                fields[link.name] = _marked(
                    self._records[target], ToOneMark(key, target, link), description=describe(link.label)
                )
        for source, link in self._reverse.get(key, ()):
            assert link.reverse is not None
            holder = self._entries[source].contract
            fields[link.reverse] = self.list_field(
                source,
                ToManyMark(key, source, link),
                holder,
                is_root=False,
                description=describe(holder.title, _reverse_notes(holder, link)),
            )
        for shortcut, through in self._shortcuts.on(key):
            if through.target in self._records:
                target_contract = self._entries[through.target].contract
                tied = (
                    f"What rows of {'/'.join(through.via)} tie to this record, each once: {target_contract.title.en}."
                )
                fields[shortcut.name] = self.list_field(
                    through.target,
                    through,
                    target_contract,
                    is_root=False,
                    description=describe(shortcut.label, tied),
                )
        return fields


def _type_name(contract: Contract) -> str:
    return record_type_name(contract.agency, contract.record_name, contract.major)


def _list_notes(contract: Contract) -> str:
    statement = statement_of(contract)
    return f"{contract.description.en}\n{statement.sentence}" if statement else contract.description.en


def _reverse_notes(holder: Contract, link: Link) -> str:
    """Two links may lead here from one dataset: those that leave an airport, and those that arrive."""
    statement = statement_of(holder)
    which = f"Those whose {link.name} is this record."
    return f"{which}\n{statement.sentence}" if statement else which


def _field_notes(contract: Contract, field: Field) -> str:
    notes = [field.description.en] if field.description and field.description.en else []
    if field.unit:
        notes.append(f"Unit: {field.unit}.")
    if (statement := statement_of(contract, field)) is not None:
        notes.append(statement.sentence)
    return " ".join(notes)
