"""Documents and their plans, kept per text and variable shape. A release re-plans nothing; a new schema drops all."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLSchema, OperationType

from publicgsb.datasets.registry import Registry
from publicgsb.schema.planning.document import read_document
from publicgsb.schema.planning.limits import DOCUMENTS_BYTES_MAX, DOCUMENTS_MAX, SHAPES_MAX, SOURCE_CHARACTERS_MAX
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.planner import make_plan
from publicgsb.schema.planning.refusal import RefusedDocument
from publicgsb.schema.planning.values import VariableReader, Variables

# About what a document takes in memory; tests hold it to half of the truth or better. Its tree makes most of it, and a
# tree has no more parts than a document may have tokens. A plan takes about as much as the tree.
_BYTES_EACH = 8_000
_BYTES_PER_CHARACTER = 180
_CHARACTERS_OF_TREE_MAX = 2_500


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
        self._tree_bytes = _BYTES_EACH + _BYTES_PER_CHARACTER * min(len(source), _CHARACTERS_OF_TREE_MAX)
        self._text_bytes = 2 * len(source)

    @property
    def bytes(self) -> int:
        """About how much memory it takes; never less than half of it."""
        statements = sum(plan.statement_bytes for plan in self._plans.values())
        return self._text_bytes + self._tree_bytes * (1 + len(self._plans)) // 2 + statements

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


def _emptied(kept: OrderedDict[Any, Any]) -> Iterator[None]:
    while kept:
        kept.popitem()
        yield


class PlanCache:
    """Refused documents are remembered too: a flood of one bad text costs one validation.

    Bounded in number and in memory, so that a flood of large documents only drives out other documents.
    """

    def __init__(
        self, schema: GraphQLSchema, documents_max: int = DOCUMENTS_MAX, bytes_max: int = DOCUMENTS_BYTES_MAX
    ) -> None:
        self._schema = schema
        self._documents_max = documents_max
        self._bytes_max = bytes_max
        self._families: OrderedDict[tuple[str, str | None], tuple[Family | RefusedDocument, int]] = OrderedDict()
        self.bytes = 0
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._families)

    def apart(self) -> Iterator[None]:
        """Steps that free what is kept when the cache is not used any more, for `dissolve_after`."""
        return _emptied(self._families)

    def family(self, source: str, operation_name: str | None) -> Family:
        """Raises RefusedDocument."""
        key = (source, operation_name)
        kept = self._families.get(key)
        if kept is None:
            self.misses += 1
            found = self._read(source, operation_name)
            if len(source) <= SOURCE_CHARACTERS_MAX:  # a longer one is refused as cheaply as it is found
                self._keep(key, found, 0)
        else:
            self.hits += 1
            self._families.move_to_end(key)
            found, counted = kept
            if isinstance(found, Family) and found.bytes != counted:  # it has more plans by now
                self._keep(key, found, counted)
        if isinstance(found, RefusedDocument):
            raise found.again()
        return found

    def _read(self, source: str, operation_name: str | None) -> Family | RefusedDocument:
        try:
            return Family(self._schema, source, operation_name)
        except RefusedDocument as refused:
            return refused.again()

    def _keep(self, key: tuple[str, str | None], found: Family | RefusedDocument, counted: int) -> None:
        size = found.bytes if isinstance(found, Family) else _BYTES_EACH + 2 * len(key[0])
        self._families[key] = (found, size)
        self.bytes += size - counted
        while len(self._families) > self._documents_max or (self.bytes > self._bytes_max and len(self._families) > 1):
            _, (_, dropped) = self._families.popitem(last=False)
            self.bytes -= dropped
