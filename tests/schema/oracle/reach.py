"""Brings what hypothesis-graphql drew within reach of the rows: one way of ordering, one key, cursors that lead on.

It draws every argument that a field has, and a schema does not say that `search` and `orderBy` exclude each other, that
a key is one of several, or that an aggregate shows what it is grouped by.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    REMOVE,
    ArgumentNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    IntValueNode,
    ListValueNode,
    NameNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    Visitor,
    get_named_type,
    parse_value,
    value_from_ast_untyped,
    visit,
)

from publicgsb.datasets.contracts.groupings import groupings
from publicgsb.datasets.contracts.model import ROW_COLUMN
from publicgsb.schema.types.marks import (
    AgencyMark,
    AggregateMark,
    ChangesMark,
    ThroughMark,
    ToManyMark,
    mark_of,
)
from publicgsb.schema.types.names import record_type_name
from tests.schema.oracle import around
from tests.schema.oracle.arguments import ROOTS
from tests.schema.oracle.conditions import Conditions
from tests.schema.oracle.doors import Doors
from tests.schema.oracle.expected import is_known
from tests.schema.oracle.facts import DatasetKey
from tests.schema.oracle.orders import search_label
from tests.schema.oracle.pages import FEED, CursorToken
from tests.schema.oracle.pen import Pen
from tests.schema.oracle.touched import columns_of
from tests.schema.oracle.values import Values

_SIZES, _CURSORS = ("first", "last"), ("after", "before")


@dataclass(slots=True)
class Reach:
    """`tokens`: what was answered before, by its text; it grows."""

    values: Values
    tokens: Mapping[str, CursorToken]

    def within(self, info: TypeInfo, document: DocumentNode, doors: Doors, dice: random.Random) -> DocumentNode:
        shelf: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        for text, token in self.tokens.items():
            shelf[token.key, token.ordering, token.is_descending].append(text)
        reaching = _Reaching(info, self.values, self.tokens, shelf, doors, dice)
        reached: DocumentNode = visit(document, TypeInfoVisitor(info, reaching))
        return reached


class _Reaching(Visitor):
    def __init__(
        self,
        info: TypeInfo,
        values: Values,
        tokens: Mapping[str, CursorToken],
        shelf: Mapping[tuple[Any, ...], list[str]],
        doors: Doors,
        dice: random.Random,
    ) -> None:
        super().__init__()
        self._info, self._values, self._tokens, self._shelf = info, values, tokens, shelf
        self._doors, self._dice = doors, dice
        self._contracts = {
            f"{record_type_name(one.agency, one.record_name, one.major)}Where": (key, one)
            for key, one in ((key, entry.contract) for key, entry in values.registry.datasets.items())
        }
        self._grouped: set[str] = set()  # what the aggregate that is visited may show as its key
        self._version: int | None = None  # of the cursors under this root field
        self._takes_cursors = True

    # Fields ----------------------------------------------------------------------------------------------------

    def enter_field(self, node: FieldNode, *_: Any) -> Any:
        parent = self._info.get_parent_type()
        name = node.name.value
        if name.startswith("__") or not isinstance(parent, GraphQLObjectType):
            return None
        if not self._is_shown(parent, name):
            return FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())
        one = parent.fields[name]
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        if not isinstance(mark_of(one), (*ROOTS, ToManyMark, ThroughMark)):
            return None
        if isinstance(mark_of(one), ROOTS):
            self._version, self._grouped = None, set()
            self._takes_cursors = not isinstance(mark_of(one), ChangesMark)
        kept = dict(self._kept(one, given))
        if not isinstance(mark_of(one), AggregateMark):
            kept = self._paged(one, kept)
        args = tuple(ArgumentNode(name=NameNode(value=name), value=value) for name, value in kept.items())
        return FieldNode(name=node.name, arguments=args, directives=(), selection_set=node.selection_set)

    def _is_shown(self, parent: GraphQLObjectType, name: str) -> bool:
        mark = mark_of(parent.fields[name])
        if isinstance(mark, AgencyMark):
            return True
        if not is_known(parent, name) or not all(self._doors.lets(key, column) for key, column in columns_of(mark)):
            return False
        if parent.name.endswith("AggregateKey"):
            return name in self._grouped
        return bool(self._grouped) or name != "key" or not parent.name.endswith("AggregateGroup")

    def _kept(self, one: GraphQLField, given: Mapping[str, ValueNode]) -> Iterator[tuple[str, ValueNode]]:
        """Of the arguments that were drawn, those that go together."""
        mark = mark_of(one)
        way = self._dice.choice([name for name in ("search", "near", "orderBy", "orderBy", "") if name in (*given, "")])
        size = "last" if self._dice.random() < 0.3 and "last" in given else "first"
        for name, value in given.items():
            if name in ("search", "near", "orderBy"):
                is_wanted = name == "orderBy" if isinstance(mark, AggregateMark) else name == way
                if is_wanted and all(self._doors.lets(*touched) for touched in self._ordered_by(one, name, value)):
                    yield name, value
            elif name in _SIZES:
                if name == size and self._dice.random() < 0.85:
                    yield name, value
            elif name == "groupBy" and isinstance(value, ListValueNode):
                groups = tuple(self._groups(mark, value))
                if groups:
                    yield name, ListValueNode(values=groups)
            elif name == "where":
                if self._dice.random() < 0.4:
                    yield name, value
            elif name != "release" or self._dice.random() < 0.3:
                yield name, value

    def _groups(self, mark: Any, value: ListValueNode) -> Iterator[EnumValueNode]:
        """Three of those that were drawn, each once."""
        declared = {one.name: one for one in groupings(self._values.registry.datasets[mark.dataset].contract)}
        for word in dict.fromkeys(one.value for one in value.values if isinstance(one, EnumValueNode)):
            if len(self._grouped) < 3 and self._doors.lets(mark.dataset, declared[word].field.name):
                self._grouped.add(declared[word].api_name)
                yield EnumValueNode(value=word)

    def _ordered_by(self, one: GraphQLField, name: str, value: ValueNode) -> Iterator[tuple[DatasetKey, str]]:
        """The columns that an order or a search reads."""
        key = _dataset_of(one)
        contract = self._values.registry.datasets[key].contract
        if name == "search":
            yield from ((key, column) for column in contract.search)
        elif name == "orderBy" and isinstance(value, EnumValueNode):
            chosen = _choice(one, value)
            if isinstance(mark_of(one), AggregateMark):
                yield key, chosen[1] or ROW_COLUMN
            else:
                declared = next((each for each in contract.orderings if each.name == chosen[0]), None)
                yield from ((key, column) for column in (declared.fields if declared else ()))

    # Pages -----------------------------------------------------------------------------------------------------

    def _paged(self, one: GraphQLField, kept: dict[str, ValueNode]) -> dict[str, ValueNode]:
        """Now and then it goes on from a page that was answered before."""
        cursor = "before" if "last" in kept else "after"
        if cursor not in one.args or self._dice.random() > 0.3:
            return kept
        if isinstance(mark_of(one), ChangesMark):
            return self._continued(one, kept, cursor)
        texts = self._shelf.get((_dataset_of(one), *_order(one, kept)), []) if self._takes_cursors else []
        if self._version is not None:
            texts = [text for text in texts if self._tokens[text].version == self._version]
        if not texts:
            return kept
        text = self._dice.choice(texts)
        self._version = self._tokens[text].version
        kept.pop("release", None)
        return {**kept, cursor: StringValueNode(value=text)}

    def _continued(self, one: GraphQLField, kept: dict[str, ValueNode], cursor: str) -> dict[str, ValueNode]:
        """A feed goes on between the two releases that it began with."""
        key = _dataset_of(one)
        texts = self._shelf.get((key, FEED, False))
        if not texts:
            return kept
        text = self._dice.choice(texts)
        between = self._tokens[text].between
        step = self._values.facts.at(between[1]) if between else None
        since = step.current.get(key) if step is not None else None
        kept.pop("release", None)
        if since is not None:
            kept["since"] = IntValueNode(value=str(since))
        return {**kept, cursor: StringValueNode(value=text)}

    # Values ----------------------------------------------------------------------------------------------------

    def enter_object_value(self, node: ObjectValueNode, *_: Any) -> Any:
        type_ = get_named_type(self._info.get_input_type())
        if isinstance(type_, GraphQLInputObjectType) and type_.name.endswith(("Where", "Filter")):
            few = self._dice.choice((1, 1, 1, 2))
            return ObjectValueNode(fields=tuple(self._dice.sample(node.fields, min(few, len(node.fields)))))
        if isinstance(type_, GraphQLInputObjectType) and type_.is_one_of:
            return self._key(type_.name, node)
        return None

    def _key(self, type_name: str, node: ObjectValueNode) -> ObjectValueNode | None:
        """Mostly a key of some record: columns drawn apart from each other are hardly ever one."""
        key, contract = self._contracts.get(f"{type_name.removesuffix('By')}Where", (None, None))
        if key is None or contract is None:
            return None
        names = [one.name for one in contract.unique_keys if self._doors.lets(key, *one.fields)]
        drawn = [one for one in node.fields if one.name.value in names]
        if drawn and self._dice.random() < 0.3:
            return ObjectValueNode(fields=(self._dice.choice(drawn),))
        by = Conditions(Pen(self._dice), self._values, self._doors).by(key)
        return ObjectValueNode(fields=tuple(_literal(*one) for one in by.items()))

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> Any:
        type_ = get_named_type(self._info.get_parent_input_type())
        key, contract = self._contracts.get(getattr(type_, "name", ""), (None, None))
        column = contract.by_api_name.get(node.name.value) if contract is not None else None
        return REMOVE if column is not None and key and not self._doors.lets(key, column.name) else None

    def leave_object_field(self, node: ObjectFieldNode, *_: Any) -> Any:
        return REMOVE if _is_empty(node.value) else None

    def leave_argument(self, node: ArgumentNode, *_: Any) -> Any:
        return REMOVE if _is_empty(node.value) and node.name.value != "by" else None

    def leave_list_value(self, node: ListValueNode, *_: Any) -> Any:
        filled = tuple(one for one in node.values[:4] if not _is_empty(one))
        return ListValueNode(values=filled) if len(filled) < len(node.values) else None


def _dataset_of(one: GraphQLField) -> DatasetKey:
    mark: Any = mark_of(one)
    key: DatasetKey = mark.target if isinstance(mark, (ToManyMark, ThroughMark)) else mark.dataset
    return key


def _choice(one: GraphQLField, value: EnumValueNode) -> Any:
    enum = get_named_type(one.args["orderBy"].type)
    assert isinstance(enum, GraphQLEnumType)
    return enum.values[value.value].value


def _order(one: GraphQLField, kept: Mapping[str, ValueNode]) -> tuple[str, bool]:
    """What a cursor of this list must name."""
    if "near" in kept:
        return around.label(value_from_ast_untyped(kept["near"])), False
    if "search" in kept:
        return search_label(value_from_ast_untyped(kept["search"])), False
    order = kept.get("orderBy")
    return _choice(one, order) if isinstance(order, EnumValueNode) else ("key", False)


def _literal(name: str, value: Any) -> ObjectFieldNode:
    if isinstance(value, dict):
        node: ValueNode = ObjectValueNode(fields=tuple(_literal(*one) for one in value.items()))
    else:
        node = parse_value(json.dumps(value))
    return ObjectFieldNode(name=NameNode(value=name), value=node)


def _is_empty(value: Any) -> bool:
    """Nothing to compare with is refused wherever it stands, and one such place refuses the whole operation."""
    return (isinstance(value, ListValueNode) and not value.values) or (
        isinstance(value, ObjectValueNode) and not value.fields
    )
