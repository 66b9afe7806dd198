"""Operations as hypothesis-graphql draws them from the schema alone, with values that have a chance to hit."""

import random
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from graphql import (
    REMOVE,
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLInputObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
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

from publicgsb.datasets.contracts.model import FieldType
from publicgsb.schema.types.marks import AgencyMark, mark_of
from publicgsb.schema.types.records import SCALARS
from tests.schema.oracle.generator import Values


def operations(schema: GraphQLSchema, values: Values, tokens: Mapping[str, Any]) -> st.SearchStrategy[DocumentNode]:
    assert schema.query_type is not None
    pools = _pools(values)
    scalars = {
        name: st.sampled_from(pools[name]).map(nodes.String) for name in ("BigInt", "Decimal", "Date", "DateTime")
    }
    scalars["Release"] = st.sampled_from([nodes.Int(seq) for seq in (1, 2, 3)])
    drawn = queries(
        schema,
        fields=[name for name, one in schema.query_type.fields.items() if isinstance(mark_of(one), AgencyMark)],
        custom_scalars=scalars,
        print_ast=lambda document: document,
        allow_x00=False,
        allow_null=False,  # the other generator writes nulls; here they would refuse nearly everything
    )
    return st.builds(
        lambda document, dice: _within_reach(schema, document, pools, list(tokens), dice),
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

    def __init__(self, info: TypeInfo, pools: Mapping[str, list[Any]], cursors: list[str], dice: random.Random) -> None:
        super().__init__()
        self._info, self._pools, self._cursors, self._dice = info, pools, cursors, dice
        self._dropped: set[str] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        dropped = {"last", "before"} if self._dice.random() < 0.7 else {"first", "after"}
        if self._dice.random() < 0.7:
            dropped.add("release")
        if not self._cursors:
            dropped |= {"after", "before"}
        self._dropped = dropped | {"search"}  # ranked by likeness: held by tests of its own

    def enter_argument(self, node: ArgumentNode, *_: Any) -> Any:
        name = node.name.value
        if name in self._dropped:
            return REMOVE
        if name in ("first", "last"):
            return _with(node, IntValueNode(value=str(self._dice.choice((0, 1, 2, 3, 5)))))
        if name in ("after", "before"):
            is_kept = self._dice.random() < 0.1
            return _with(node, StringValueNode(value=self._dice.choice(self._cursors))) if is_kept else REMOVE
        return None

    def enter_object_value(self, node: ObjectValueNode, *_: Any) -> Any:
        type_ = get_named_type(self._info.get_input_type())
        if isinstance(type_, GraphQLInputObjectType) and type_.is_one_of and len(node.fields) > 1:
            return ObjectValueNode(fields=(self._dice.choice(node.fields),))
        return None

    def leave_object_field(self, node: ObjectFieldNode, *_: Any) -> Any:
        return REMOVE if _is_empty(node.value) else None

    def leave_argument(self, node: ArgumentNode, *_: Any) -> Any:
        return REMOVE if _is_empty(node.value) and node.name.value != "by" else None

    def enter_string_value(self, node: StringValueNode, *_: Any) -> Any:
        type_ = get_named_type(self._info.get_input_type())
        if isinstance(type_, GraphQLScalarType) and type_.name == "String" and self._dice.random() < 0.8:
            return StringValueNode(value=self._dice.choice(self._pools["String"]))
        return None


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
    pools: Mapping[str, list[Any]],
    cursors: list[str],
    dice: random.Random,
) -> DocumentNode:
    info = TypeInfo(schema)
    reached: DocumentNode = visit(document, TypeInfoVisitor(info, _Reach(info, pools, cursors, dice)))
    return reached
