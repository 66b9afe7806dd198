"""The change feed of a dataset: what differs between two of its releases, matched by key."""

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
)

from publicgsb.datasets.contracts.model import Contract
from publicgsb.schema.types.marks import MARK, ChangesMark, DatasetKey, PartMark
from publicgsb.schema.types.names import record_type_name
from publicgsb.schema.types.scalars import RELEASE

CHANGE_PAGE_DEFAULT = 20

_TALLIED = ": exact, or null when there are more than 10,000 changes. +10 points for all three."

CHANGE_KIND = GraphQLEnumType(
    "ChangeKind",
    {
        "ADDED": GraphQLEnumValue("added", description="The key is in the later release only."),
        "REMOVED": GraphQLEnumValue("removed", description="The key is in the earlier release only."),
        "CHANGED": GraphQLEnumValue("changed", description="The key is in both, and some field differs."),
    },
    description="What became of a record between two releases.",
)


def changes_field(
    key: DatasetKey,
    contract: Contract,
    record: GraphQLObjectType,
    where: GraphQLInputObjectType,
    page_info: GraphQLObjectType,
) -> GraphQLField:
    """The root field `airportsChanges`; the caller has seen that the dataset has a primary key."""
    name = record_type_name(contract.agency, contract.record_name, contract.major)
    change = _change(f"{name}Change", contract, record, _key(f"{name}Key", contract, record))
    edge = GraphQLObjectType(
        f"{name}ChangeEdge",
        {
            "node": _part(GraphQLNonNull(change), "node", "The change."),
            "cursor": _part(GraphQLNonNull(GraphQLString), "cursor", "Where the change stands in the list."),
        },
        description=f"One change of {contract.title.en}, with its cursor.",
    )
    page = GraphQLObjectType(
        f"{name}Changes",
        {
            "nodes": _part(_list_of(change), "nodes", "The changes, in key order."),
            "edges": _part(_list_of(edge), "edges", "Changes with cursors."),
            "pageInfo": _part(GraphQLNonNull(page_info), "pageInfo", "Where this page stands."),
            "added": _part(GraphQLInt, "added", f"How many records were added in all{_TALLIED}"),
            "removed": _part(GraphQLInt, "removed", f"How many were removed in all{_TALLIED}"),
            "changed": _part(GraphQLInt, "changed", f"How many were changed in all{_TALLIED}"),
        },
        description=f"A page of what changed in {contract.title.en}.",
    )
    return GraphQLField(
        page,
        extensions={MARK: ChangesMark(key)},
        args={
            "since": GraphQLArgument(GraphQLNonNull(RELEASE), description="The release to compare with."),
            "release": GraphQLArgument(RELEASE, description="What it is compared with; the current one if not given."),
            "where": GraphQLArgument(where, description="Changes of records that match before or after."),
            "first": GraphQLArgument(
                GraphQLInt, default_value=CHANGE_PAGE_DEFAULT, description="How many, at most 1000."
            ),
            "after": GraphQLArgument(
                GraphQLString, description="The cursor after which to go on, between the same two releases."
            ),
        },
        description=f"What was added to, removed from and changed in {contract.title.en} between two releases.",
    )


def _change(name: str, contract: Contract, record: GraphQLObjectType, key: GraphQLObjectType) -> GraphQLObjectType:
    return GraphQLObjectType(
        name,
        {
            "change": _part(GraphQLNonNull(CHANGE_KIND), "change", "What became of the record."),
            "key": _part(GraphQLNonNull(key), "key", "By what the record is known in both releases."),
            "before": _part(record, "before", "The record, and what it links to, at `since`; null when added."),
            "after": _part(record, "after", "The record, and what it links to, at `release`; null when removed."),
            "changedFields": _part(
                _list_of(GraphQLString),
                "changedFields",
                "The fields whose values differ, of a changed record; a field that a release lacks is null there.",
            ),
        },
        description=f"What became of one {contract.record_name}.",
    )


def _key(name: str, contract: Contract, record: GraphQLObjectType) -> GraphQLObjectType:
    names = [contract.field(column).api_name for column in contract.primary_key]
    return GraphQLObjectType(
        name,
        lambda: {name: record.fields[name] for name in names},
        description=f"The primary key of {contract.title.en}.",
    )


def _list_of(type_: GraphQLOutputType) -> GraphQLOutputType:
    return GraphQLNonNull(GraphQLList(GraphQLNonNull(type_)))


def _part(type_: GraphQLOutputType, part: str, description: str) -> GraphQLField:
    return GraphQLField(type_, extensions={MARK: PartMark(part)}, description=description)
