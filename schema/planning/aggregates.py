"""From an aggregate's selection to what is grouped and measured. Nothing here looks at a value of the data."""

from dataclasses import replace

from graphql import FieldNode, GraphQLField, GraphQLObjectType

from publicgsb.datasets.contracts.groupings import Grouping, groupings
from publicgsb.datasets.contracts.model import ROW_COLUMN, Contract
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.quotas.prices import POINTS_PER_AGGREGATE
from publicgsb.schema.planning.collect import below
from publicgsb.schema.planning.conditions import ConditionReader
from publicgsb.schema.planning.scope import At, Scope, leaf, object_type
from publicgsb.schema.planning.search import searched_in
from publicgsb.schema.planning.tree.aggregates import (
    Aggregate,
    Figure,
    FigureItem,
    GroupPartItem,
    GroupsItem,
    KeyPartItem,
    Statistic,
    WholePart,
    WholePartItem,
    distinct_columns,
)
from publicgsb.schema.planning.tree.records import TypenameItem
from publicgsb.schema.planning.values import Const, Tree
from publicgsb.schema.types.aggregates import DISTINCT_MAX, GROUPINGS_MAX, GROUPS_DEFAULT
from publicgsb.schema.types.marks import ColumnMark, mark_of


def plan_aggregate(
    scope: Scope, at: At, field: GraphQLField, nodes: list[FieldNode], args: dict[str, Tree]
) -> Aggregate:
    """Raises InvalidRequest for a selected key that is not grouped by."""
    contract = scope.contract(at.dataset)
    # Counting reads the dataset even where no column is named: it has to be one that the caller may read.
    scope.touch(at.dataset, ROW_COLUMN)
    condition = None
    if args.get("where") is not None:
        reader = ConditionReader(contract, scope.variables, lambda column: scope.touch(at.dataset, column))
        condition = reader.read(args["where"])
    grouped = _groupings(scope, at, contract, args)
    first = leaf(args.get("first")) or Const(GROUPS_DEFAULT)
    order, is_descending = _order(scope, at, contract, args)
    type_ = object_type(field)
    items = tuple(
        _whole_item(scope, at, type_, name, inner, grouped) for name, inner in scope.fields(type_, below(nodes)).items()
    )
    sorted_columns = len(distinct_columns(items))
    if sorted_columns > DISTINCT_MAX:
        raise InvalidRequest(
            f"`countDistinct` takes at most {DISTINCT_MAX} columns in one aggregate.",
            reason="limits",
            hint="Ask for the others in a further aggregate.",
        )
    points = POINTS_PER_AGGREGATE * (1 + sorted_columns)
    level = scope.level(None, first, at.root, points, at.path, at.dataset)
    scope.levels[level] = replace(scope.levels[level], searched=searched_in(condition), is_one=not grouped)
    return Aggregate(at.slot, level, condition, grouped, order, is_descending, first, items)


def _groupings(scope: Scope, at: At, contract: Contract, args: dict[str, Tree]) -> tuple[Grouping, ...]:
    given = leaf(args.get("groupBy"))
    wanted = given.get(scope.variables) if given is not None else None
    if wanted is None:
        return ()
    if len(wanted) > GROUPINGS_MAX or len(set(wanted)) < len(wanted):
        raise InvalidRequest(
            f"`groupBy` takes at most {GROUPINGS_MAX} members, each once.",
            reason="limits",
            hint="Leave some out, or ask for them in a further aggregate.",
        )
    declared = {(grouping.field.name, grouping.grain): grouping for grouping in groupings(contract)}
    for column, _ in wanted:
        scope.touch(at.dataset, column)
    return tuple(declared[choice] for choice in wanted)


def _order(scope: Scope, at: At, contract: Contract, args: dict[str, Tree]) -> tuple[Figure | None, bool]:
    given = leaf(args.get("orderBy"))
    if given is None or (choice := given.get(scope.variables)) is None:
        return None, False
    what, column, is_descending = choice
    if what == "key":
        return None, is_descending
    if column is not None:
        scope.touch(at.dataset, column)
    return Figure(Statistic(what), contract.field(column) if column else None), is_descending


def _whole_item(
    scope: Scope, at: At, type_: GraphQLObjectType, name: str, nodes: list[FieldNode], grouped: tuple[Grouping, ...]
) -> GroupsItem | WholePartItem | TypenameItem:
    field_name = nodes[0].name.value
    if field_name == "__typename":
        return TypenameItem(name, type_.name)
    if field_name != "groups":
        return WholePartItem(name, WholePart(field_name))
    inner = object_type(type_.fields[field_name])
    return GroupsItem(
        name,
        tuple(
            _group_item(scope, at, inner, part, part_nodes, grouped)
            for part, part_nodes in scope.fields(inner, below(nodes)).items()
        ),
    )


def _group_item(
    scope: Scope, at: At, type_: GraphQLObjectType, name: str, nodes: list[FieldNode], grouped: tuple[Grouping, ...]
) -> FigureItem | GroupPartItem | TypenameItem:
    field_name = nodes[0].name.value
    if field_name == "__typename":
        return TypenameItem(name, type_.name)
    if field_name == "count":
        return FigureItem(name, Figure(Statistic.COUNT, None))
    inner = object_type(type_.fields[field_name])
    parts: list[FigureItem | KeyPartItem | TypenameItem] = []
    for part, part_nodes in scope.fields(inner, below(nodes)).items():
        part_name = part_nodes[0].name.value
        if part_name == "__typename":
            parts.append(TypenameItem(part, inner.name))
        elif field_name == "key":
            parts.append(KeyPartItem(part, _grouped(part_name, grouped)))
        else:
            mark = mark_of(inner.fields[part_name])
            assert isinstance(mark, ColumnMark)
            scope.touch(at.dataset, mark.field.name)
            parts.append(FigureItem(part, Figure(Statistic(field_name), mark.field)))
    return GroupPartItem(name, tuple(parts))


def _grouped(name: str, grouped: tuple[Grouping, ...]) -> Grouping:
    for grouping in grouped:
        if grouping.api_name == name:
            return grouping
    raise InvalidRequest(
        f"key.{name} is selected, but the groups are not made by it.",
        reason="not_grouped",
        hint="Add it to `groupBy`, or leave it out of `key`.",
    )
