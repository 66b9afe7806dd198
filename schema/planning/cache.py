"""Documents and their plans, kept per text and variable shape. A release re-plans nothing; a new schema drops all."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLSchema, OperationType

from publicgsb.datasets.registry import Registry
from publicgsb.schema.planning.document import read_document
from publicgsb.schema.planning.limits import DOCUMENTS_MAX, SHAPES_MAX
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.planner import make_plan
from publicgsb.schema.planning.refusal import RefusedDocument
from publicgsb.schema.planning.values import VariableReader, Variables


class Family:
    """One operation of one document, with a plan for each shape its variables came in."""

    def __init__(self, schema: GraphQLSchema, source: str, operation_name: str | None) -> None:
        self.hash = hashlib.sha256(f"{operation_name or ''}\n{source}".encode()).hexdigest()[:32]
        self.is_registered = False  # its fields are in gsb.operation_field
        self._schema = schema
        self._document = read_document(schema, source)
        self._operation = self._document.operation(operation_name)
        self._reader = VariableReader(schema, self._operation)
        self._plans: OrderedDict[tuple[Any, ...], Plan] = OrderedDict()

    @property
    def is_query(self) -> bool:
        return self._operation.operation is OperationType.QUERY

    def variables(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return self._reader.read(given)

    def plan(self, registry: Registry, variables: Variables) -> tuple[Plan, bool]:
        """The plan for these variables, and whether it was made just now."""
        shape = self._reader.shape(variables)
        plan = self._plans.get(shape)
        if plan is not None:
            return plan, False
        plan = make_plan(self._schema, registry, self._document, self._operation, dict(variables))
        self._plans[shape] = plan
        if len(self._plans) > SHAPES_MAX:
            self._plans.popitem(last=False)
        return plan, True


class PlanCache:
    """Refused documents are remembered too: a flood of one bad text costs one validation."""

    def __init__(self, schema: GraphQLSchema, documents_max: int = DOCUMENTS_MAX) -> None:
        self._schema = schema
        self._documents_max = documents_max
        self._families: OrderedDict[tuple[str, str | None], Family | RefusedDocument] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def family(self, source: str, operation_name: str | None) -> Family:
        """Raises RefusedDocument."""
        key = (source, operation_name)
        found = self._families.get(key)
        if found is None:
            self.misses += 1
            try:
                found = Family(self._schema, source, operation_name)
            except RefusedDocument as refused:
                found = refused
            self._families[key] = found
            if len(self._families) > self._documents_max:
                self._families.popitem(last=False)
        else:
            self.hits += 1
            self._families.move_to_end(key)
        if isinstance(found, RefusedDocument):
            raise RefusedDocument(found.details["reason"], found.errors)
        return found
