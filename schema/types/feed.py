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
from publicgsb.quotas.prices import POINTS_PER_CHANGES
from publicgsb.schema.types.connections import COUNT_MAX, PAGE_ARGUMENTS, PAGE_INFO_PART, part
from publicgsb.schema.types.marks import MARK, ChangesMark, DatasetKey
from publicgsb.schema.types.names import record_type_name
from publicgsb.schema.types.scalars import RELEASE
from publicgsb.schema.types.weights import COST, RECORD_WEIGHT

_TALLIED = f": exact, or null when there are more than {COUNT_MAX:,} changes. +{POINTS_PER_CHANGES} points for all."

CHANGE_KIND = GraphQLEnumType(
    "ChangeKind",
    {
        "ADDED": GraphQLEnumValue("added", description="The key is in the later release only."),
        "REMOVED": GraphQLEnumValue("removed", description="The key is in the earlier release only."),
        "CHANGED": GraphQLEnumValue("changed", description="The key is in both, and some field differs."),
    },
    description="What became of a record between two releases.",
)


def _list_of(type_: GraphQLOutputType) -> GraphQLOutputType:
    return GraphQLNonNull(GraphQLList(GraphQLNonNull(type_)))


# Shared by the feeds of all datasets.
_KIND = part(GraphQLNonNull(CHANGE_KIND), "change", "What became of the record.")
_CHANGED_FIELDS = part(
    _list_of(GraphQLString),
    "changedFields",
    "The fields whose values differ, of a changed record; a field that a release lacks is null there.",
)
_CURSOR = part(GraphQLNonNull(GraphQLString), "cursor", "Where the change stands in the list.")
_TALLIES = {
    "added": part(GraphQLInt, "added", f"How many records were added in all{_TALLIED}", POINTS_PER_CHANGES),
    "removed": part(GraphQLInt, "removed", f"How many were removed in all{_TALLIED}", POINTS_PER_CHANGES),
    "changed": part(GraphQLInt, "changed", f"How many were changed in all{_TALLIED}", POINTS_PER_CHANGES),
}
_RELEASES = {
    "since": GraphQLArgument(GraphQLNonNull(RELEASE), description="The release to compare with."),
    "release": GraphQLArgument(RELEASE, description="What it is compared with; the current one if not given."),
}


def changes_field(
    key: DatasetKey,
    contract: Contract,
    record: GraphQLObjectType,
    where: GraphQLInputObjectType,
) -> GraphQLField:
    """The root field `airportsChanges`; the caller has seen that the dataset has a primary key."""
    name = record_type_name(contract.agency, contract.record_name, contract.major)
    change = _change(f"{name}Change", contract, record, _key(f"{name}Key", contract, record))
    edge = GraphQLObjectType(
        f"{name}ChangeEdge",
        {
            "node": part(GraphQLNonNull(change), "node", "The change."),
            "cursor": _CURSOR,
        },
        description=f"One change of {contract.title.en}, with its cursor.",
    )
    page = GraphQLObjectType(
        f"{name}ChangeConnection",
        {
            "nodes": part(_list_of(change), "nodes", "The changes, in key order."),
            "edges": part(_list_of(edge), "edges", "Changes with cursors."),
            "pageInfo": PAGE_INFO_PART,
            **_TALLIES,
        },
        description=f"A page of what changed in {contract.title.en}.",
    )
    return GraphQLField(
        page,
        extensions={MARK: ChangesMark(key), COST: POINTS_PER_CHANGES},
        args={
            **_RELEASES,
            "where": GraphQLArgument(where, description="Changes of records that match before or after."),
            **PAGE_ARGUMENTS,
        },
        description=f"What was added to, removed from and changed in {contract.title.en} between two releases.",
    )


def _change(name: str, contract: Contract, record: GraphQLObjectType, key: GraphQLObjectType) -> GraphQLObjectType:
    return GraphQLObjectType(
        name,
        {
            "change": _KIND,
            "key": part(GraphQLNonNull(key), "key", "By what the record is known in both releases."),
            "before": part(record, "before", "The record, and what it links to, at `since`; null when added."),
            "after": part(record, "after", "The record, and what it links to, at `release`; null when removed."),
            "changedFields": _CHANGED_FIELDS,
        },
        description=f"What became of one {contract.record_name}.",
        extensions={COST: RECORD_WEIGHT},
    )


def _key(name: str, contract: Contract, record: GraphQLObjectType) -> GraphQLObjectType:
    names = [contract.field(column).api_name for column in contract.primary_key]
    return GraphQLObjectType(
        name,
        lambda: {name: record.fields[name] for name in names},
        description=f"The primary key of {contract.title.en}.",
    )
