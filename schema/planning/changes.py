"""Planning a change feed: which fields are compared, and what is selected of each change."""

from dataclasses import replace

from graphql import FieldNode, GraphQLField, GraphQLObjectType

from publicgsb.datasets.contracts.model import AccessLevel, Contract, Field
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.quotas.prices import POINTS_PER_CHANGES
from publicgsb.schema.planning.collect import below
from publicgsb.schema.planning.conditions import ConditionReader
from publicgsb.schema.planning.paging import read_page
from publicgsb.schema.planning.scope import At, Scope, object_type
from publicgsb.schema.planning.search import searched_in
from publicgsb.schema.planning.selections import page_info, plan_record
from publicgsb.schema.planning.tree.changes import (
    Change,
    ChangedFieldsItem,
    ChangeEdges,
    ChangeItem,
    ChangeKind,
    ChangeNodes,
    Changes,
    ChangesItem,
    KeyItem,
    KindItem,
    Side,
    SideItem,
    TallyItem,
)
from publicgsb.schema.planning.tree.records import ColumnItem, CursorItem, TypenameItem
from publicgsb.schema.planning.values import Tree
from publicgsb.schema.types.marks import ColumnMark, mark_of


def plan_changes(scope: Scope, at: At, field: GraphQLField, nodes: list[FieldNode], args: dict[str, Tree]) -> Changes:
    """`at` is the root field on the side of `release`."""
    contract = scope.contract(at.dataset)
    page = read_page(args)
    level = scope.level(None, page.size, at.root, path=at.path, dataset=at.dataset)
    compared = compared_fields(contract)
    for column in (*contract.primary_key, *(field.name for field in compared)):
        scope.touch(at.dataset, column)  # that a value changed tells of the value
    condition = None
    if args.get("where") is not None:
        reader = ConditionReader(contract, scope.variables, lambda column: scope.touch(at.dataset, column))
        condition = reader.read(args["where"])
    since = replace(at, slot=scope.slot(at.root, at.dataset, Side.SINCE), side=Side.SINCE)
    type_ = object_type(field)
    sides = (at.below(level), since.below(level))
    items = [_page_item(scope, sides, type_, name, inner) for name, inner in scope.fields(type_, below(nodes)).items()]
    is_tallied = any(isinstance(item, TallyItem) for item in items)
    points = POINTS_PER_CHANGES * (2 if is_tallied else 1)
    scope.levels[level] = replace(scope.levels[level], points=points, searched=searched_in(condition))
    if scope.afters:
        raise InvalidRequest(
            "A list inside a change is read from its beginning.",
            reason="cursor",
            hint="Go on with `after` at the record's own field.",
        )
    if page.cursor is not None:
        scope.afters.append(page.cursor)
    return Changes(
        at.slot, since.slot, level, condition, compared, page.size, page.cursor, page.is_backward, tuple(items)
    )


def compared_fields(contract: Contract) -> tuple[Field, ...]:
    """A field that is closer held than its dataset is not compared: whoever may not read it may not see it change."""
    closed = {AccessLevel.RESTRICTED, AccessLevel.WITHHELD} - {contract.access}
    return tuple(
        field
        for field in contract.released_fields
        if field.name not in contract.primary_key and contract.access_of(field) not in closed
    )


def _page_item(
    scope: Scope, sides: tuple[At, At], type_: GraphQLObjectType, name: str, nodes: list[FieldNode]
) -> ChangesItem:
    field_name = nodes[0].name.value
    if field_name == "__typename":
        return TypenameItem(name, type_.name)
    if nodes[0].selection_set is None:
        return TallyItem(name, ChangeKind(field_name))
    inner = object_type(type_.fields[field_name])
    if field_name == "pageInfo":
        return page_info(scope, inner, name, nodes)
    if field_name == "nodes":
        return ChangeNodes(name, _change(scope, _into(sides, name), inner, nodes))
    parts: list[TypenameItem | CursorItem | ChangeNodes] = []
    for part, part_nodes in scope.fields(inner, below(nodes)).items():
        part_name = part_nodes[0].name.value
        if part_name == "__typename":
            parts.append(TypenameItem(part, inner.name))
        elif part_name == "cursor":
            parts.append(CursorItem(part))
        else:
            node = object_type(inner.fields[part_name])
            parts.append(ChangeNodes(part, _change(scope, _into(_into(sides, name), part), node, part_nodes)))
    return ChangeEdges(name, tuple(parts))


def _change(scope: Scope, sides: tuple[At, At], type_: GraphQLObjectType, nodes: list[FieldNode]) -> Change:
    items = [
        _change_item(scope, sides, type_, name, inner) for name, inner in scope.fields(type_, below(nodes)).items()
    ]
    return Change(tuple(items))


def _change_item(
    scope: Scope, sides: tuple[At, At], type_: GraphQLObjectType, name: str, nodes: list[FieldNode]
) -> ChangeItem:
    match nodes[0].name.value:
        case "__typename":
            return TypenameItem(name, type_.name)
        case "change":
            return KindItem(name)
        case "changedFields":
            return ChangedFieldsItem(name)
        case "key":
            return _key(scope, object_type(type_.fields["key"]), name, nodes)
        case which:
            side = Side.SINCE if which == "before" else Side.NOW
            record = plan_record(scope, sides[side].into(name), object_type(type_.fields[which]), nodes)
            return SideItem(name, side, record)


def _key(scope: Scope, type_: GraphQLObjectType, name: str, nodes: list[FieldNode]) -> KeyItem:
    items: list[ColumnItem | TypenameItem] = []
    for alias, inner in scope.fields(type_, below(nodes)).items():
        if inner[0].name.value == "__typename":
            items.append(TypenameItem(alias, type_.name))
            continue
        mark = mark_of(type_.fields[inner[0].name.value])
        assert isinstance(mark, ColumnMark)
        items.append(ColumnItem(alias, mark.field))
    return KeyItem(name, tuple(items))


def _into(sides: tuple[At, At], name: str) -> tuple[At, At]:
    return sides[0].into(name), sides[1].into(name)
