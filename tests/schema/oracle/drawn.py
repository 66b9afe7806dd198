"""Operations as hypothesis-graphql draws them from the schema alone, with values that have a chance to hit."""

import random
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from graphql import (
    REMOVE,
    ArgumentNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    NameNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from publicgsb.datasets.contracts.model import Field as Column
from publicgsb.datasets.contracts.model import FieldType
from publicgsb.datasets.registry import Registry
from publicgsb.schema.types.marks import AgencyMark, mark_of
from publicgsb.schema.types.names import record_type_name
from publicgsb.schema.types.scalars import SCALARS
from tests.schema.oracle.account import LIVE
from tests.schema.oracle.doors import Doors
from tests.schema.oracle.expected import is_known
from tests.schema.oracle.places import CENTRES
from tests.schema.oracle.touched import columns_of
from tests.schema.oracle.values import Values


def operations(schema: GraphQLSchema, values: Values, tokens: Mapping[str, Any]) -> st.SearchStrategy[DocumentNode]:
    assert schema.query_type is not None
    pools = _pools(values)
    scalars = {
        name: st.sampled_from(pools[name]).map(nodes.String) for name in ("BigInt", "Decimal", "Date", "DateTime")
    }
    days = sorted({step.day.isoformat() for step in values.facts.steps})
    scalars["Release"] = st.sampled_from([nodes.Int(seq) for seq in (2, 3, 4, 6)] + [nodes.String(day) for day in days])
    drawn = queries(
        schema,
        fields=[name for name, one in schema.query_type.fields.items() if isinstance(mark_of(one), AgencyMark)],
        custom_scalars=scalars,
        print_ast=lambda document: document,
        allow_x00=False,
        allow_null=False,  # the other generator writes nulls; here they would refuse nearly everything
    )
    return st.builds(
        lambda document, dice: _within_reach(schema, document, values, pools, list(tokens), dice),
        drawn,
        st.randoms(use_true_random=False),
    )


def _pools(values: Values) -> dict[str, list[Any]]:
    """What columns of each GraphQL scalar hold."""
    pools: dict[str, list[Any]] = defaultdict(list)
    for (key, column), found in values.pools.items():
        field = values.registry.datasets[key].contract.field(column)
        pools[SCALARS[field.type].name] += [str(one) if field.type is FieldType.BIGINT else one for one in found]
    return pools


class _Reach(Visitor):
    """A text becomes one of the rows', a page a small one, a cursor one that was answered before or none at all."""

    def __init__(
        self,
        info: TypeInfo,
        registry: Registry,
        pools: Mapping[str, list[Any]],
        cursors: list[str],
        dice: random.Random,
    ) -> None:
        super().__init__()
        self._doors = Doors(registry, LIVE, dice)
        self._contracts = {
            f"{record_type_name(one.agency, one.record_name, one.major)}Where": (key, one)
            for key, one in ((key, entry.contract) for key, entry in registry.datasets.items())
        }
        self._info, self._pools, self._cursors, self._dice = info, pools, cursors, dice
        self._dropped: set[str] = set()
        self._is_folded = False

    def enter_field(self, node: FieldNode, *_: Any) -> Any:
        parent = self._info.get_parent_type()
        if isinstance(parent, GraphQLObjectType) and not self._is_shown(parent, node.name.value):
            return FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())
        dropped = {"last", "before"} if self._dice.random() < 0.7 else {"first", "after"}
        if self._dice.random() < 0.7:
            dropped.add("release")
        if not self._cursors:
            dropped |= {"after", "before"}
        kept = self._dice.choice(("search", "near", "orderBy", "orderBy"))
        self._dropped = dropped | {"search", "near", "orderBy"} - {kept}
        return None

    def _is_shown(self, parent: GraphQLObjectType, name: str) -> bool:
        """A key of groups that are made by something else refuses the whole operation, and most are."""
        if name.startswith("__") or isinstance(mark_of(parent.fields[name]), AgencyMark):
            return True
        if not all(self._doors.lets(key, column) for key, column in columns_of(mark_of(parent.fields[name]))):
            return False
        is_key = parent.name.endswith("AggregateKey")
        return is_known(parent, name) and not (is_key and self._dice.random() < 0.95)

    def enter_argument(self, node: ArgumentNode, *_: Any) -> Any:
        name = node.name.value
        self._is_folded = name == "search"
        if name in self._dropped:
            return REMOVE
        if name in ("first", "last"):
            return _with(node, IntValueNode(value=str(self._dice.choice((0, 1, 2, 3, 5)))))
        if name == "near":
            return _with(node, self._near())
        if name == "groupBy" and isinstance(node.value, ListValueNode) and self._dice.random() < 0.9:
            names = {one.value: one for one in node.value.values if isinstance(one, EnumValueNode)}
            return _with(node, ListValueNode(values=tuple(names.values())[:3]))
        if name in ("after", "before"):
            is_kept = self._dice.random() < 0.1
            return _with(node, StringValueNode(value=self._dice.choice(self._cursors))) if is_kept else REMOVE
        return None

    def _near(self) -> ObjectValueNode:
        names = ("lat", "lon", "withinKm")
        return ObjectValueNode(
            fields=tuple(
                ObjectFieldNode(name=NameNode(value=name), value=FloatValueNode(value=repr(one)))
                for name, one in zip(names, self._dice.choice(CENTRES), strict=True)
            )
        )

    def enter_object_value(self, node: ObjectValueNode, *_: Any) -> Any:
        type_ = get_named_type(self._info.get_input_type())
        if isinstance(type_, GraphQLInputObjectType) and type_.is_one_of:
            fields = self._open_keys(type_.name, node) or node.fields
            return ObjectValueNode(fields=(self._dice.choice(fields),)) if fields else None
        return None

    def _open_keys(self, type_name: str, node: ObjectValueNode) -> tuple[ObjectFieldNode, ...]:
        """Those drawn that the caller may read; where none is, a number for the key of numbers that it may."""
        key, contract = self._contracts.get(f"{type_name.removesuffix('By')}Where", (None, None))
        if key is None or contract is None:
            return ()
        names = [one.name for one in contract.unique_keys if self._doors.lets(key, *one.fields)]
        drawn = tuple(one for one in node.fields if one.name.value in names)
        if drawn:
            return drawn
        numbers = [name for name in names if name in contract.by_api_name and _is_number(contract.by_api_name[name])]
        value = IntValueNode(value=str(self._dice.choice((1, 2, 3))))
        return tuple(ObjectFieldNode(name=NameNode(value=name), value=value) for name in numbers)

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> Any:
        self._is_folded = node.name.value == "contains"
        type_ = get_named_type(self._info.get_parent_input_type())
        key, contract = self._contracts.get(getattr(type_, "name", ""), (None, None))
        column = contract.by_api_name.get(node.name.value) if contract is not None else None
        return REMOVE if column is not None and key and not self._doors.lets(key, column.name) else None

    def leave_object_field(self, node: ObjectFieldNode, *_: Any) -> Any:
        return REMOVE if _is_empty(node.value) else None

    def leave_argument(self, node: ArgumentNode, *_: Any) -> Any:
        return REMOVE if _is_empty(node.value) and node.name.value != "by" else None

    def enter_string_value(self, node: StringValueNode, *_: Any) -> Any:
        type_ = get_named_type(self._info.get_input_type())
        # What is compared letter by letter is written in the letters of this world.
        is_text = isinstance(type_, GraphQLScalarType) and type_.name == "String"
        if is_text and (self._is_folded or self._dice.random() < 0.8):
            return StringValueNode(value=self._dice.choice(self._pools["String"]))
        return None


def _is_number(column: Column) -> bool:
    return column.type is FieldType.INTEGER


def _is_empty(value: Any) -> bool:
    """Nothing to compare with is refused wherever it stands, and one such place refuses the whole operation."""
    return (isinstance(value, ListValueNode) and not value.values) or (
        isinstance(value, ObjectValueNode) and not value.fields
    )


def _with(node: ArgumentNode, value: Any) -> ArgumentNode:
    return ArgumentNode(name=node.name, value=value)


def _within_reach(
    schema: GraphQLSchema,
    document: DocumentNode,
    values: Values,
    pools: Mapping[str, list[Any]],
    cursors: list[str],
    dice: random.Random,
) -> DocumentNode:
    info = TypeInfo(schema)
    reached: DocumentNode = visit(document, TypeInfoVisitor(info, _Reach(info, values.registry, pools, cursors, dice)))
    return reached
