"""From a validated operation and the shape of its variables to a plan: what to read, what it touches, what it may cost.

Nothing here looks at a value, a release or a table.
"""

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    is_non_null_type,
)

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning import limits
from publicgsb.schema.planning.access import is_sensitive
from publicgsb.schema.planning.aggregates import plan_aggregate
from publicgsb.schema.planning.catalogue import catalogued
from publicgsb.schema.planning.changes import plan_changes
from publicgsb.schema.planning.collect import below
from publicgsb.schema.planning.document import Document
from publicgsb.schema.planning.introspection import introspected, standard_text
from publicgsb.schema.planning.model import KeyEquals, Plan, Root, RootRef, StaticRef
from publicgsb.schema.planning.places import placed
from publicgsb.schema.planning.refusal import refuse
from publicgsb.schema.planning.scope import At, Scope, leaf, object_type
from publicgsb.schema.planning.selections import plan_connection, plan_record
from publicgsb.schema.planning.template import Template
from publicgsb.schema.planning.tree.records import Record
from publicgsb.schema.planning.values import Tree
from publicgsb.schema.planning.walk import looks_of
from publicgsb.schema.types.marks import (
    AgencyMark,
    AggregateMark,
    ChangesMark,
    DatasetKey,
    ListMark,
    RecordMark,
    mark_of,
)

FREE_FIELDS = frozenset({"me", "rateLimit", "__typename"})


def make_plan(
    schema: GraphQLSchema,
    registry: Registry,
    document: Document,
    operation: OperationDefinitionNode,
    variables: dict[str, object],
) -> Plan:
    """Raises InvalidRequest for what only the shape of the variables shows (null operands, empty conditions)."""
    if operation.operation is not OperationType.QUERY:
        raise refuse("validation", "Only queries are answered here.")
    assert schema.query_type is not None
    plan = _Planner(schema.query_type, Scope(registry, document, variables), operation).plan()
    if any(level.searched for level in plan.levels):
        plan.looks = looks_of(plan)
    plan.introspection = standard_text(operation, document.fragments)
    plan.introspected = introspected(schema, operation, document.fragments, variables, plan.introspection is not None)
    return plan


class _Planner:
    """Walks the operation down to its root fields; what lies below them is planned in selections.py."""

    def __init__(self, query: GraphQLObjectType, scope: Scope, operation: OperationDefinitionNode) -> None:
        self._query = query
        self._scope = scope
        self._operation = operation
        self._roots: list[Root] = []
        self._static: list[FieldNode] = []
        self._is_dry_run = False

    def plan(self) -> Plan:
        scope = self._scope
        template = Template()
        names = set()
        statics = 0
        template.open()
        for name, nodes in scope.fields(self._query, [self._operation.selection_set]).items():
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
                self._check_static(nodes)
                if field_name == "rateLimit":
                    self._is_dry_run |= self._asks_dry_run(nodes[0])
        template.close()
        if len(self._roots) + statics > limits.ROOT_FIELDS_MAX:
            raise InvalidRequest(
                f"An operation has at most {limits.ROOT_FIELDS_MAX} root fields.",
                reason="limits",
                hint="Split the request into several smaller ones.",
            )
        touched = frozenset(scope.touched)
        return Plan(
            roots=tuple(self._roots),
            slots=tuple(scope.slots),
            levels=tuple(scope.levels),
            template=template.segments(),
            errors=tuple(scope.errors),
            missed=frozenset(scope.missed),
            touched=touched,
            link_paths=tuple(scope.link_paths),
            static=self._static_document(),
            is_free=self._is_dry_run or (not self._roots and names <= FREE_FIELDS),
            is_dry_run=self._is_dry_run,
            is_sensitive=is_sensitive(touched, scope.registry),
            catalogued=0 if self._is_dry_run else self._catalogued(),
        )

    def _catalogued(self) -> int:
        own = FREE_FIELDS | {"__schema", "__type"}  # the caller's own account, and what is counted by itself
        wanted = [node for node in self._static if node.name.value not in own]
        return catalogued(self._scope, self._query, wanted)

    def _check_static(self, nodes: list[FieldNode]) -> None:
        """A nullable variable with a default, given as null, where no null may be: refused as at a record field."""
        field = self._query.fields.get(nodes[0].name.value)
        for node in nodes if field is not None else ():
            for name, tree in self._scope.arguments(field, node).items():
                if tree is None and is_non_null_type(field.args[name].type):
                    raise refuse("coercion", f"`{name}` is null: give a value, or leave the variable out.")

    def _asks_dry_run(self, node: FieldNode) -> bool:
        given = leaf(self._scope.arguments(self._query.fields["rateLimit"], node).get("dryRun"))
        return given is not None and bool(given.get(self._scope.variables))

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
                *self._scope.document.fragments.values(),
            )
        )

    def _agency(self, template: Template, name: str, nodes: list[FieldNode]) -> None:
        type_ = object_type(self._query.fields[nodes[0].name.value])
        template.open()
        for inner_name, inner in self._scope.fields(type_, below(nodes)).items():
            template.key(inner_name)
            if inner[0].name.value == "__typename":
                template.add(f'"{type_.name}"'.encode())
                continue
            with placed((name, inner_name)):
                self._root(type_.fields[inner[0].name.value], (name, inner_name), inner)
            template.add(RootRef(len(self._roots) - 1))
        template.close()

    def _root(self, field: GraphQLField, path: tuple[str, ...], nodes: list[FieldNode]) -> None:
        scope = self._scope
        mark = mark_of(field)
        assert isinstance(mark, (ListMark, AggregateMark, RecordMark, ChangesMark))
        index = len(self._roots)
        scope.afters = []
        args = scope.arguments(field, nodes[0])
        release = leaf(args.get("release"))
        contract = scope.contract(mark.dataset)
        slot = scope.slot(index, mark.dataset)
        if scope.is_withheld(mark.dataset, path):
            body = Record(slot, ())
            self._roots.append(Root(path, mark.dataset, slot, body, None, release, (), is_withheld=True))
            return
        if isinstance(mark, RecordMark):
            at = At(index, scope.level(None, None, index, path=path, dataset=mark.dataset), slot, mark.dataset, path)
            key = self._key(mark.dataset, contract, args["by"])
            record = plan_record(scope, at, object_type(field), nodes)
            self._add_root(Root(path, mark.dataset, slot, record, key, release, tuple(scope.afters)))
            return
        at = At(index, None, slot, mark.dataset, path)
        if isinstance(mark, ChangesMark):
            since = leaf(args["since"])
            if since is None:  # a nullable variable with a default, given as null
                raise refuse("coercion", "`since` is null: name a release.")
            changes = plan_changes(scope, at, field, nodes, args)
            self._add_root(Root(path, mark.dataset, slot, changes, None, release, tuple(scope.afters), since=since))
            return
        if isinstance(mark, AggregateMark):
            aggregate = plan_aggregate(scope, at, field, nodes, args)
            self._add_root(Root(path, mark.dataset, slot, aggregate, None, release, ()))
            return
        connection = plan_connection(scope, at, field, nodes, args)
        self._add_root(Root(path, mark.dataset, slot, connection, None, release, tuple(scope.afters)))

    def _add_root(self, root: Root) -> None:
        if root.release is not None and root.afters:
            raise InvalidRequest(
                "`release` and a cursor exclude each other.",
                reason="cursor",
                hint="A cursor already names what it continues: leave `release` out.",
            )
        self._roots.append(root)

    def _key(self, dataset: DatasetKey, contract: Contract, tree: Tree) -> KeyEquals:
        if not isinstance(tree, dict):  # a nullable variable with a default, given as null
            raise refuse("coercion", "`by` is null: name one key.")
        ((name, member),) = tree.items()
        key = next(key for key in contract.unique_keys if key.name == name)
        columns = tuple(contract.field(column) for column in key.fields)
        members = member if isinstance(member, dict) else {columns[0].api_name: member}
        operands = []
        for column in columns:
            operand = leaf(members.get(column.api_name))
            if operand is None:
                raise InvalidRequest(f"`by.{name}` is null.", reason="null_operand", hint="A key has a value.")
            self._scope.touch(dataset, column.name)
            operands.append(operand)
        return KeyEquals(columns, tuple(operands))
