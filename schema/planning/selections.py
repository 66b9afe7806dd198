"""What lies below a root field: pages of records, records, and the links between them."""

from dataclasses import replace

from graphql import FieldNode, GraphQLField, GraphQLObjectType

from publicgsb.datasets.contracts.model import Contract, Link
from publicgsb.quotas.prices import POINTS_PER_NEAR, POINTS_PER_SEARCH
from publicgsb.schema.planning.collect import below
from publicgsb.schema.planning.conditions import ConditionReader
from publicgsb.schema.planning.model import LinkPath
from publicgsb.schema.planning.near import NEAR, read_near
from publicgsb.schema.planning.paging import count_kind, read_page
from publicgsb.schema.planning.places import placed
from publicgsb.schema.planning.scope import At, Scope, leaf, object_type
from publicgsb.schema.planning.search import SEARCH_ORDER, plan_search, searched_in
from publicgsb.schema.planning.ties import tie_of
from publicgsb.schema.planning.tree.records import (
    ColumnItem,
    Connection,
    ConnectionItem,
    CursorItem,
    DistanceItem,
    EdgePart,
    EdgesItem,
    Item,
    NodesItem,
    NullItem,
    PageInfoItem,
    PagePart,
    Record,
    Through,
    ToManyItem,
    ToOneItem,
    TotalItem,
    TypenameItem,
)
from publicgsb.schema.planning.values import Tree
from publicgsb.schema.types.marks import ColumnMark, DatasetKey, ThroughMark, ToManyMark, ToOneMark, mark_of


def plan_connection(
    scope: Scope, at: At, field: GraphQLField, nodes: list[FieldNode], args: dict[str, Tree]
) -> Connection:
    dataset = at.dataset
    contract = scope.contract(dataset)
    page = read_page(args)
    level = scope.level(at.level, page.size, at.root, path=at.path, dataset=dataset)
    condition = None
    if args.get("where") is not None:
        reader = ConditionReader(contract, scope.variables, lambda column: scope.touch(dataset, column))
        condition = reader.read(args["where"])
    search = plan_search(scope, dataset, contract, args)
    if points := searched_in(condition) + (POINTS_PER_SEARCH if search is not None else 0):
        scope.levels[level] = replace(scope.levels[level], searched=points)
    ordering, is_descending = (SEARCH_ORDER if search is not None else "key", False)
    order = leaf(args.get("orderBy"))
    if order is not None:
        ordering, is_descending = order.get(scope.variables)
    near = read_near(scope, dataset, args)
    if near is not None:
        ordering = NEAR
        scope.levels[level] = replace(scope.levels[level], points=POINTS_PER_NEAR)
    _touch_order(scope, dataset, contract, ordering)
    if page.cursor is not None:
        scope.afters.append(page.cursor)
    type_ = object_type(field)
    items = [
        _connection_item(scope, at.below(level).into(name), type_, name, inner)
        for name, inner in scope.fields(type_, below(nodes)).items()
    ]
    is_part = condition is not None or near is not None or search is not None
    if is_part or at.level is not None:  # else the release knows how many there are
        made = tuple(item.kind for item in items if isinstance(item, TotalItem))
        scope.levels[level] = replace(scope.levels[level], counts=made)
    return Connection(
        *(at.slot, level, condition, ordering, is_descending),
        *(page.size, page.cursor, tuple(items)),
        search=search,
        is_backward=page.is_backward,
        near=near,
    )


def plan_record(scope: Scope, at: At, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Record:
    items = [
        _item(scope, at.into(name), type_, name, inner) for name, inner in scope.fields(type_, below(nodes)).items()
    ]
    return Record(at.slot, tuple(items))


def _touch_order(scope: Scope, dataset: DatasetKey, contract: Contract, ordering: str) -> None:
    """Every list has an order, so this is also what asks for the dataset itself where it declares no key."""
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
    if field_name in ("totalCount", "estimatedCount"):
        return TotalItem(name, count_kind(scope, field, nodes[0]))
    assert inner is not None
    if field_name == "pageInfo":
        return page_info(scope, inner, name, nodes)
    return _edges(scope, at, inner, name, nodes)


def page_info(scope: Scope, type_: GraphQLObjectType, name: str, nodes: list[FieldNode]) -> PageInfoItem:
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
        elif part_name == "distanceKm":
            parts.append(DistanceItem(part))
        else:
            record = plan_record(scope, at.into(part), object_type(type_.fields[part_name]), part_nodes)
            parts.append(NodesItem(part, record))
    return EdgesItem(name, tuple(parts))


def _item(scope: Scope, at: At, type_: GraphQLObjectType, name: str, nodes: list[FieldNode]) -> Item:
    field_name = nodes[0].name.value
    if field_name == "__typename":
        return TypenameItem(name, type_.name)
    field = type_.fields[field_name]
    mark = mark_of(field)
    if isinstance(mark, ColumnMark):
        return _column(scope, at, mark, name)
    if isinstance(mark, ThroughMark):
        return _through(scope, at, field, mark, name, nodes)
    assert isinstance(mark, (ToOneMark, ToManyMark))
    if scope.is_withheld(mark.target, at.path):
        return NullItem(name)
    _touch_link(scope, mark.link, mark)
    slot = scope.slot(at.root, mark.target, at.side)
    scope.link_paths.append(LinkPath(slot, at.path))
    there = replace(at, slot=slot, dataset=mark.target)
    if isinstance(mark, ToOneMark):
        one = there.below(scope.level(at.level, None, at.root, path=at.path, dataset=mark.target))
        return ToOneItem(name, mark.link, plan_record(scope, one, object_type(field), nodes))
    with placed(at.path):
        connection = plan_connection(scope, there, field, nodes, scope.arguments(field, nodes[0]))
    return ToManyItem(name, mark.link, connection)


def _through(scope: Scope, at: At, field: GraphQLField, mark: ThroughMark, name: str, nodes: list[FieldNode]) -> Item:
    for dataset in (mark.via, mark.target):
        if scope.is_withheld(dataset, at.path):
            return NullItem(name)
    for dataset, column in mark.columns():
        scope.touch(dataset, column)
    via, slot = (scope.slot(at.root, dataset, at.side) for dataset in (mark.via, mark.target))
    scope.link_paths += [LinkPath(via, at.path), LinkPath(slot, at.path)]
    there = replace(at, slot=slot, dataset=mark.target)
    with placed(at.path):
        connection = plan_connection(scope, there, field, nodes, scope.arguments(field, nodes[0]))
    level = connection.level
    scope.levels[level] = replace(scope.levels[level], tie=tie_of(mark, connection))
    return ToManyItem(name, mark.inward, connection, Through(via, mark.outward))


def _column(scope: Scope, at: At, mark: ColumnMark, name: str) -> Item:
    if scope.is_withheld(at.dataset, at.path, mark.field):
        return NullItem(name)
    scope.touch(at.dataset, mark.field.name)
    return ColumnItem(name, mark.field)


def _touch_link(scope: Scope, link: Link, mark: ToOneMark | ToManyMark) -> None:
    holder, pointed = (mark.source, mark.target) if isinstance(mark, ToOneMark) else (mark.target, mark.source)
    for column in link.fields:
        scope.touch(holder, column)
    for column in link.to_fields:
        scope.touch(pointed, column)
