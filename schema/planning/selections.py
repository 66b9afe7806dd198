"""What lies below a root field: pages of records, records, and the links between them."""

from dataclasses import replace

from graphql import FieldNode, GraphQLField, GraphQLObjectType

from publicgsb.datasets.contracts.model import Contract, Link
from publicgsb.schema.planning.collect import below
from publicgsb.schema.planning.conditions import ConditionReader
from publicgsb.schema.planning.model import (
    ColumnItem,
    Connection,
    ConnectionItem,
    CursorItem,
    EdgePart,
    EdgesItem,
    Item,
    LinkPath,
    NodesItem,
    NullItem,
    PageInfoItem,
    PagePart,
    Record,
    ToManyItem,
    ToOneItem,
    TotalItem,
    TypenameItem,
)
from publicgsb.schema.planning.scope import At, Scope, leaf, object_type
from publicgsb.schema.planning.values import Const, Tree
from publicgsb.schema.types.marks import ColumnMark, DatasetKey, ToManyMark, ToOneMark, mark_of
from publicgsb.schema.types.records import PAGE_DEFAULT


def plan_connection(
    scope: Scope, at: At, field: GraphQLField, nodes: list[FieldNode], args: dict[str, Tree]
) -> Connection:
    dataset = at.dataset
    contract = scope.contract(dataset)
    first = leaf(args.get("first")) or Const(PAGE_DEFAULT)
    level = scope.level(at.level, first, at.root)
    condition = None
    if args.get("where") is not None:
        reader = ConditionReader(contract, scope.variables, lambda column: scope.touch(dataset, column))
        condition = reader.read(args["where"])
    ordering, is_descending = ("key", False)
    order = leaf(args.get("orderBy"))
    if order is not None:
        ordering, is_descending = order.get(scope.variables)
    _touch_order(scope, dataset, contract, ordering)
    after = leaf(args.get("after"))
    if after is not None:
        scope.afters.append(after)
    type_ = object_type(field)
    items = [
        _connection_item(scope, at.below(level).into(name), type_, name, inner)
        for name, inner in scope.fields(type_, below(nodes)).items()
    ]
    return Connection(at.slot, level, condition, ordering, is_descending, first, after, tuple(items))


def plan_record(scope: Scope, at: At, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Record:
    items = [
        _item(scope, at.into(name), type_, name, inner) for name, inner in scope.fields(type_, below(nodes)).items()
    ]
    return Record(at.slot, tuple(items))


# Pages -----------------------------------------------------------------------------------------------------


def _touch_order(scope: Scope, dataset: DatasetKey, contract: Contract, ordering: str) -> None:
    columns = next((o.fields for o in contract.orderings if o.name == ordering), ())
    for column in (*columns, *contract.key_columns):
        scope.touch(dataset, column)


def _connection_item(
    scope: Scope, at: At, type_: GraphQLObjectType, name: str, nodes: list[FieldNode]
) -> ConnectionItem:
    field_name = nodes[0].name.value
    if field_name == "__typename":
        return TypenameItem(name, type_.name)
    field = type_.fields[field_name]
    inner = object_type(field) if nodes[0].selection_set else None
    if field_name == "nodes":
        assert inner is not None
        return NodesItem(name, plan_record(scope, at, inner, nodes))
    if field_name == "totalCount":
        return TotalItem(name)
    assert inner is not None
    if field_name == "pageInfo":
        return _page_info(scope, inner, name, nodes)
    return _edges(scope, at, inner, name, nodes)


def _page_info(scope: Scope, type_: GraphQLObjectType, name: str, nodes: list[FieldNode]) -> PageInfoItem:
    parts: list[tuple[str, PagePart] | TypenameItem] = []
    for part, part_nodes in scope.fields(type_, below(nodes)).items():
        part_name = part_nodes[0].name.value
        is_typename = part_name == "__typename"
        parts.append(TypenameItem(part, type_.name) if is_typename else (part, PagePart(part_name)))
    return PageInfoItem(name, tuple(parts))


def _edges(scope: Scope, at: At, type_: GraphQLObjectType, name: str, nodes: list[FieldNode]) -> EdgesItem:
    parts: list[EdgePart] = []
    for part, part_nodes in scope.fields(type_, below(nodes)).items():
        part_name = part_nodes[0].name.value
        if part_name == "__typename":
            parts.append(TypenameItem(part, type_.name))
        elif part_name == "cursor":
            parts.append(CursorItem(part))
        else:
            record = plan_record(scope, at.into(part), object_type(type_.fields[part_name]), part_nodes)
            parts.append(NodesItem(part, record))
    return EdgesItem(name, tuple(parts))


# Records ---------------------------------------------------------------------------------------------------


def _item(scope: Scope, at: At, type_: GraphQLObjectType, name: str, nodes: list[FieldNode]) -> Item:
    field_name = nodes[0].name.value
    if field_name == "__typename":
        return TypenameItem(name, type_.name)
    field = type_.fields[field_name]
    mark = mark_of(field)
    if isinstance(mark, ColumnMark):
        return _column(scope, at, mark, name)
    assert isinstance(mark, (ToOneMark, ToManyMark))
    _touch_link(scope, mark.link, mark)
    target = scope.contract(mark.target)
    if scope.is_withheld(mark.target, target.access, at.path, target.legal_ground):
        return NullItem(name)
    slot = scope.slot(at.root, mark.target)
    scope.link_paths.append(LinkPath(slot, at.path))
    there = replace(at, slot=slot, dataset=mark.target)
    if isinstance(mark, ToOneMark):
        one = there.below(scope.level(at.level, None, at.root))
        return ToOneItem(name, mark.link, plan_record(scope, one, object_type(field), nodes))
    args = scope.arguments(field, nodes[0])
    return ToManyItem(name, mark.link, plan_connection(scope, there, field, nodes, args))


def _column(scope: Scope, at: At, mark: ColumnMark, name: str) -> Item:
    contract = scope.contract(at.dataset)
    ground = mark.field.legal_ground or contract.legal_ground
    if scope.is_withheld(at.dataset, contract.access_of(mark.field), at.path, ground):
        return NullItem(name)
    scope.touch(at.dataset, mark.field.name)
    return ColumnItem(name, mark.field)


def _touch_link(scope: Scope, link: Link, mark: ToOneMark | ToManyMark) -> None:
    holder, pointed = (mark.source, mark.target) if isinstance(mark, ToOneMark) else (mark.target, mark.source)
    for column in link.fields:
        scope.touch(holder, column)
    for column in link.to_fields:
        scope.touch(pointed, column)
