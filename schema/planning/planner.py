"""From a validated operation and the shape of its variables to a plan: what to read, what it touches, what it may cost.

Nothing here looks at a value, a release or a table.
"""

from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
)

from publicgsb.datasets.contracts.model import AccessLevel, Contract, Link
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.errors import GsbError, InvalidRequest, Withheld
from publicgsb.schema.planning import limits
from publicgsb.schema.planning.access import is_sensitive
from publicgsb.schema.planning.collect import below, collect
from publicgsb.schema.planning.conditions import ConditionReader
from publicgsb.schema.planning.document import Document
from publicgsb.schema.planning.introspection import FIELDS as INTROSPECTION_FIELDS
from publicgsb.schema.planning.introspection import Introspected, standard_text
from publicgsb.schema.planning.model import (
    ColumnItem,
    Connection,
    ConnectionItem,
    CursorItem,
    EdgePart,
    EdgesItem,
    FieldError,
    Item,
    KeyEquals,
    Level,
    LinkPath,
    NodesItem,
    NullItem,
    PageInfoItem,
    PagePart,
    Plan,
    Record,
    Root,
    RootRef,
    Slot,
    StaticRef,
    ToManyItem,
    ToOneItem,
    TotalItem,
    TypenameItem,
)
from publicgsb.schema.planning.refusal import refuse
from publicgsb.schema.planning.template import Template
from publicgsb.schema.planning.values import MISSING, Const, Leaf, Tree, argument
from publicgsb.schema.types.marks import (
    AgencyMark,
    ColumnMark,
    DatasetKey,
    ListMark,
    RecordMark,
    ToManyMark,
    ToOneMark,
    mark_of,
)
from publicgsb.schema.types.records import PAGE_DEFAULT

FREE_FIELDS = frozenset({"me", "rateLimit", "__typename"})
_NAME_BYTES_MAX = 63  # PostgreSQL cuts longer output names silently


def make_plan(
    schema: GraphQLSchema,
    registry: Registry,
    document: Document,
    operation: OperationDefinitionNode,
    variables: dict[str, Any],
) -> Plan:
    """Raises InvalidRequest for what only the shape of the variables shows (null operands, empty conditions)."""
    if operation.operation is not OperationType.QUERY:
        raise refuse("validation", "Only queries are answered here.")
    return _Planner(schema, registry, document, operation, variables).plan()


@dataclass(frozen=True, slots=True)
class _At:
    """Where planning stands: under which root field, at which level, in which dataset, at which place of the answer."""

    root: int
    level: int | None
    slot: int
    dataset: DatasetKey
    path: tuple[str, ...]

    def into(self, name: str) -> "_At":
        return replace(self, path=(*self.path, name))

    def below(self, level: int) -> "_At":
        return replace(self, level=level)


class _Planner:
    def __init__(
        self,
        schema: GraphQLSchema,
        registry: Registry,
        document: Document,
        operation: OperationDefinitionNode,
        variables: dict[str, Any],
    ) -> None:
        assert schema.query_type is not None
        self._schema = schema
        self._query: GraphQLObjectType = schema.query_type
        self._registry = registry
        self._document = document
        self._operation = operation
        self._variables = variables
        self._roots: list[Root] = []
        self._slots: list[Slot] = []
        self._levels: list[Level] = []
        self._errors: list[FieldError] = []
        self._touched: set[tuple[DatasetKey, str]] = set()
        self._static: list[FieldNode] = []
        self._introspected: list[Introspected] = []
        self._introspection = standard_text(operation, document.fragments)
        self._is_dry_run = False
        self._afters: list[Leaf] = []
        self._link_paths: list[LinkPath] = []

    def plan(self) -> Plan:
        template = Template()
        names = set()
        statics = 0
        template.open()
        for name, nodes in self._fields(self._query, [self._operation.selection_set]).items():
            field_name = nodes[0].name.value
            names.add(field_name)
            template.key(name)
            if field_name == "__typename":
                template.add(f'"{self._query.name}"'.encode())
                continue
            mark = None if field_name.startswith("__") else mark_of(self._query.fields[field_name])
            if isinstance(mark, AgencyMark):
                self._agency(template, name, nodes)
            else:
                statics += 1
                template.add(StaticRef(name))
                self._static.extend(nodes)
                if field_name in INTROSPECTION_FIELDS:
                    self._introspected.append(self._introspect(nodes))
                if field_name == "rateLimit":
                    self._is_dry_run |= self._asks_dry_run(nodes[0])
        template.close()
        if len(self._roots) + statics > limits.ROOT_FIELDS_MAX:
            raise InvalidRequest(f"An operation has at most {limits.ROOT_FIELDS_MAX} root fields.", reason="limits")
        return Plan(
            roots=tuple(self._roots),
            slots=tuple(self._slots),
            levels=tuple(self._levels),
            template=template.segments(),
            errors=tuple(self._errors),
            touched=frozenset(self._touched),
            link_paths=tuple(self._link_paths),
            static=self._static_document(),
            is_free=self._is_dry_run or (not self._roots and names <= FREE_FIELDS),
            is_dry_run=self._is_dry_run,
            is_sensitive=is_sensitive(frozenset(self._touched), self._registry),
            introspected=tuple(self._introspected),
            introspection=self._introspection,
        )

    def _introspect(self, nodes: list[FieldNode]) -> Introspected:
        name = next((argument(arg.value, GraphQLString, self._variables) for arg in nodes[0].arguments or ()), None)
        is_standard = self._introspection is not None
        return Introspected(self._schema, nodes, self._document.fragments, self._variables, _leaf(name), is_standard)

    def _asks_dry_run(self, node: FieldNode) -> bool:
        leaf = _leaf(self._arguments(self._query.fields["rateLimit"], node).get("dryRun"))
        return leaf is not None and bool(leaf.get(self._variables))

    def _fields(self, type_: GraphQLObjectType, selection_sets: list[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        fields = collect(selection_sets, type_.name, self._document.fragments, self._variables)
        for name in fields:
            if len(name) > _NAME_BYTES_MAX:
                raise InvalidRequest(f"An alias has at most {_NAME_BYTES_MAX} characters.", reason="limits")
        return fields

    def _static_document(self) -> DocumentNode | None:
        # A dry run reads nothing; only the price and the caller's own account are answered.
        wanted = [node for node in self._static if not self._is_dry_run or node.name.value in FREE_FIELDS]
        if not wanted:
            return None
        operation = self._operation
        return DocumentNode(
            definitions=(
                OperationDefinitionNode(
                    operation=operation.operation,
                    variable_definitions=operation.variable_definitions,
                    directives=operation.directives,
                    selection_set=SelectionSetNode(selections=tuple(wanted)),
                ),
                *self._document.fragments.values(),
            )
        )

    # Roots -------------------------------------------------------------------------------------------------

    def _agency(self, template: Template, name: str, nodes: list[FieldNode]) -> None:
        type_ = _object(self._query.fields[nodes[0].name.value])
        template.open()
        for inner_name, inner in self._fields(type_, below(nodes)).items():
            template.key(inner_name)
            if inner[0].name.value == "__typename":
                template.add(f'"{type_.name}"'.encode())
                continue
            self._root(type_.fields[inner[0].name.value], (name, inner_name), inner)
            template.add(RootRef(len(self._roots) - 1))
        template.close()

    def _root(self, field: GraphQLField, path: tuple[str, ...], nodes: list[FieldNode]) -> None:
        mark = mark_of(field)
        assert isinstance(mark, (ListMark, RecordMark))
        index = len(self._roots)
        self._afters = []
        args = self._arguments(field, nodes[0])
        release = _leaf(args.get("release"))
        contract = self._contract(mark.dataset)
        slot = self._slot(index, mark.dataset)
        if self._is_withheld(mark.dataset, contract.access, path, contract.legal_ground):
            body: Connection | Record = Record(slot, ())
            self._roots.append(Root(path, mark.dataset, slot, body, None, release, (), is_withheld=True))
            return
        if isinstance(mark, RecordMark):
            at = _At(index, self._level(None, None, index), slot, mark.dataset, path)
            key = self._key(mark.dataset, contract, args["by"])
            record = self._record(at, _object(field), nodes)
            self._add_root(Root(path, mark.dataset, slot, record, key, release, tuple(self._afters)))
            return
        at = _At(index, None, slot, mark.dataset, path)
        connection = self._connection(at, field, nodes, args)
        self._add_root(Root(path, mark.dataset, slot, connection, None, release, tuple(self._afters)))

    def _add_root(self, root: Root) -> None:
        if root.release is not None and root.afters:
            raise InvalidRequest(
                "`release` and `after` exclude each other.", hint="A cursor already names what it continues."
            )
        self._roots.append(root)

    def _key(self, dataset: DatasetKey, contract: Contract, tree: Tree) -> KeyEquals:
        assert isinstance(tree, dict)
        ((name, member),) = tree.items()
        key = next(key for key in contract.unique_keys if key.name == name)
        columns = tuple(contract.field(column) for column in key.fields)
        members = member if isinstance(member, dict) else {columns[0].api_name: member}
        operands = []
        for column in columns:
            operand = _leaf(members.get(column.api_name))
            if operand is None:
                raise InvalidRequest(f"`by.{name}` is null.", reason="null_operand", hint="A key has a value.")
            self._touch(dataset, column.name)
            operands.append(operand)
        return KeyEquals(columns, tuple(operands))

    # Connections -------------------------------------------------------------------------------------------

    def _connection(self, at: _At, field: GraphQLField, nodes: list[FieldNode], args: dict[str, Tree]) -> Connection:
        dataset = at.dataset
        contract = self._contract(dataset)
        first = _leaf(args.get("first")) or Const(PAGE_DEFAULT)
        level = self._level(at.level, first, at.root)
        condition = None
        if args.get("where") is not None:
            reader = ConditionReader(contract, self._variables, lambda column: self._touch(dataset, column))
            condition = reader.read(args["where"])
        ordering, is_descending = ("key", False)
        order = _leaf(args.get("orderBy"))
        if order is not None:
            ordering, is_descending = order.get(self._variables)
        self._touch_order(dataset, contract, ordering)
        after = _leaf(args.get("after"))
        if after is not None:
            self._afters.append(after)
        type_ = _object(field)
        items = [
            self._connection_item(at.below(level).into(name), type_, name, inner)
            for name, inner in self._fields(type_, below(nodes)).items()
        ]
        return Connection(at.slot, level, condition, ordering, is_descending, first, after, tuple(items))

    def _touch_order(self, dataset: DatasetKey, contract: Contract, ordering: str) -> None:
        columns = next((o.fields for o in contract.orderings if o.name == ordering), ())
        for column in (*columns, *contract.primary_key):
            self._touch(dataset, column)

    def _connection_item(self, at: _At, type_: GraphQLObjectType, name: str, nodes: list[FieldNode]) -> ConnectionItem:
        field_name = nodes[0].name.value
        if field_name == "__typename":
            return TypenameItem(name, type_.name)
        field = type_.fields[field_name]
        inner = _object(field) if nodes[0].selection_set else None
        if field_name == "nodes":
            assert inner is not None
            return NodesItem(name, self._record(at, inner, nodes))
        if field_name == "totalCount":
            return TotalItem(name)
        assert inner is not None
        if field_name == "pageInfo":
            return self._page_info(inner, name, nodes)
        return self._edges(at, inner, name, nodes)

    def _page_info(self, type_: GraphQLObjectType, name: str, nodes: list[FieldNode]) -> PageInfoItem:
        parts: list[tuple[str, PagePart] | TypenameItem] = []
        for part, part_nodes in self._fields(type_, below(nodes)).items():
            part_name = part_nodes[0].name.value
            is_typename = part_name == "__typename"
            parts.append(TypenameItem(part, type_.name) if is_typename else (part, PagePart(part_name)))
        return PageInfoItem(name, tuple(parts))

    def _edges(self, at: _At, type_: GraphQLObjectType, name: str, nodes: list[FieldNode]) -> EdgesItem:
        parts: list[EdgePart] = []
        for part, part_nodes in self._fields(type_, below(nodes)).items():
            part_name = part_nodes[0].name.value
            if part_name == "__typename":
                parts.append(TypenameItem(part, type_.name))
            elif part_name == "cursor":
                parts.append(CursorItem(part))
            else:
                record = self._record(at.into(part), _object(type_.fields[part_name]), part_nodes)
                parts.append(NodesItem(part, record))
        return EdgesItem(name, tuple(parts))

    # Records -----------------------------------------------------------------------------------------------

    def _record(self, at: _At, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Record:
        items = [
            self._item(at.into(name), type_, name, inner) for name, inner in self._fields(type_, below(nodes)).items()
        ]
        return Record(at.slot, tuple(items))

    def _item(self, at: _At, type_: GraphQLObjectType, name: str, nodes: list[FieldNode]) -> Item:
        field_name = nodes[0].name.value
        if field_name == "__typename":
            return TypenameItem(name, type_.name)
        field = type_.fields[field_name]
        mark = mark_of(field)
        if isinstance(mark, ColumnMark):
            contract = self._contract(at.dataset)
            ground = mark.field.legal_ground or contract.legal_ground
            if self._is_withheld(at.dataset, contract.access_of(mark.field), at.path, ground):
                return NullItem(name)
            self._touch(at.dataset, mark.field.name)
            return ColumnItem(name, mark.field)
        assert isinstance(mark, (ToOneMark, ToManyMark))
        self._touch_link(mark.link, mark)
        target = self._contract(mark.target)
        if self._is_withheld(mark.target, target.access, at.path, target.legal_ground):
            return NullItem(name)
        slot = self._slot(at.root, mark.target)
        self._link_paths.append(LinkPath(slot, at.path))
        there = replace(at, slot=slot, dataset=mark.target)
        if isinstance(mark, ToOneMark):
            one = there.below(self._level(at.level, None, at.root))
            return ToOneItem(name, mark.link, self._record(one, _object(field), nodes))
        args = self._arguments(field, nodes[0])
        return ToManyItem(name, mark.link, self._connection(there, field, nodes, args))

    def _touch_link(self, link: Link, mark: ToOneMark | ToManyMark) -> None:
        holder, pointed = (mark.source, mark.target) if isinstance(mark, ToOneMark) else (mark.target, mark.source)
        for column in link.fields:
            self._touch(holder, column)
        for column in link.to_fields:
            self._touch(pointed, column)

    # Small things ------------------------------------------------------------------------------------------

    def _arguments(self, field: GraphQLField, node: FieldNode) -> dict[str, Tree]:
        found: dict[str, Tree] = {}
        for arg in node.arguments or ():
            tree = argument(arg.value, field.args[arg.name.value].type, self._variables)
            if tree is not MISSING:
                found[arg.name.value] = tree
        return found

    def _contract(self, dataset: DatasetKey) -> Contract:
        return self._registry.datasets[dataset].contract

    def _slot(self, root: int, dataset: DatasetKey) -> int:
        slot = Slot(root, dataset)
        if slot not in self._slots:
            self._slots.append(slot)
        return self._slots.index(slot)

    def _level(self, parent: int | None, first: Leaf | None, root: int) -> int:
        self._levels.append(Level(parent, first, root))
        return len(self._levels) - 1

    def _touch(self, dataset: DatasetKey, column: str) -> None:
        """A withheld column may not decide which records come, nor in which order: that would tell its value."""
        contract = self._contract(dataset)
        self._touched.add((dataset, column))
        field = contract.by_name.get(column)
        if field is not None and contract.access_of(field) is AccessLevel.WITHHELD:
            raise _withheld(f"{contract.slug}.{field.api_name}", field.legal_ground or contract.legal_ground)

    def _is_withheld(self, dataset: DatasetKey, access: AccessLevel, path: tuple[str, ...], ground: str | None) -> bool:
        if access is not AccessLevel.WITHHELD:
            return False
        self._errors.append(FieldError(path, _withheld(".".join((*dataset, path[-1])), ground)))
        return True


def _withheld(what: str, ground: str | None) -> GsbError:
    return Withheld(
        f"{what} is not released.",
        hint="The catalogue names the legal ground.",
        field=what,
        legalGround=ground,
    )


def _leaf(tree: Tree) -> Leaf | None:
    assert not isinstance(tree, (dict, list))
    return tree


def _object(field: GraphQLField) -> GraphQLObjectType:
    type_ = get_named_type(field.type)
    assert isinstance(type_, GraphQLObjectType)
    return type_
