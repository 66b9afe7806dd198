"""The graft: record types of the released datasets set onto Strawberry's static schema.

The one module that leans on Strawberry's internals (`_schema`, `_strawberry_schema`); strawberry-graphql is pinned to a
minor version for it, and tests/schema/types/test_graft.py runs what would break. Reasons: docs/decisions/0001.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

import strawberry
from graphql import GraphQLNamedType, GraphQLObjectType, GraphQLSchema, introspection_types, validate_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.errors import Conflict
from publicgsb.quotas.prices import POINTS_PER_REQUEST
from publicgsb.schema.types.costs import COST_DIRECTIVE, LIST_SIZE_DIRECTIVE
from publicgsb.schema.types.dissolve import taken_apart
from publicgsb.schema.types.marks import DatasetKey
from publicgsb.schema.types.query import Query
from publicgsb.schema.types.records import RecordTypes
from publicgsb.schema.types.scalars import BIG_INT, DATE, DATE_TIME
from publicgsb.schema.types.standard import Variant, standard_answer
from publicgsb.schema.types.static import BigInt
from publicgsb.schema.types.weights import COST
from publicgsb.schema.types.writer import Part, SdlWriter

_IS_ONE_OF = introspection_types["__Type"].fields["isOneOf"]  # type: ignore[attr-defined]

_RENAME = (
    "Choose other names in the contract: its recordName, fields, links, orders and shortcuts make those of the schema."
)

# Released datasets by agency, slug and contract: two registries of one shape have one schema.
Shape: TypeAlias = frozenset[tuple[str, str, str]]


def shape_of(registry: Registry) -> Shape:
    """A new release changes no shape; a dataset's first, a changed contract, a deprecation and a renamed agency do."""
    released = {
        (*key, entry.contract.sha256 + (entry.deprecation.sentence if entry.deprecation else "")): entry.agency
        for key, entry in registry.datasets.items()
        if entry.is_in_schema
    }
    return frozenset(released) | {(one.slug, one.name.fa, one.name.en) for one in released.values()}


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Grafted:
    """One schema version: `core` validates and plans everything and executes the static fields."""

    shape: Shape
    core: GraphQLSchema
    strawberry: strawberry.Schema
    circular: tuple[GraphQLNamedType, ...]  # what dissolve.py takes apart when the version is gone
    parts: Mapping[DatasetKey, Part]

    def sdl(self) -> str:
        """The schema as text, in a stable order."""
        return b"".join(self.written(SdlWriter())).decode()

    def written(self, writer: SdlWriter) -> Iterator[bytes]:
        """The same in pieces; a writer that wrote the schema before knows most of it."""
        return writer.write(self.core, self.parts)

    def apart(self) -> Iterator[None]:
        """Steps that free the version when nobody uses it any more, for `dissolve_after`."""
        return taken_apart(self.core, self.circular)

    def introspect(self, query: str) -> Iterator[bytes]:
        """The JSON of `__schema` in pieces, for a standard query as `print_ast` spells it."""
        return standard_answer(self.core, Variant.of(query))


def static_schema() -> strawberry.Schema:
    """Strawberry's part, with our Date and DateTime, so that both halves share one type per name."""
    found = strawberry.Schema(query=Query, config=StrawberryConfig(scalar_map=_overrides()))
    # Strawberry puts a resolver of its own there, for all schemas of the process, that knows its own inputs only.
    introspection_types["__Type"].fields["isOneOf"] = _IS_ONE_OF  # type: ignore[attr-defined]
    return found


def graft(
    registry: Registry,
    static: strawberry.Schema,
    building: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Grafted:
    """Raises Conflict when a dataset's names clash with others; the caller keeps serving the schema before.

    `building` is around what makes the objects that stay; checking them leaves circles for the garbage collector.
    """
    core = static._schema
    assert core.query_type is not None
    with building():
        records = RecordTypes(registry)
        clashes = set(records.agencies) & set(core.query_type.fields)
        if clashes:
            records.apart()
            raise Conflict(
                f"An agency may not be called {sorted(clashes)[0]}: the schema has a field of that name.",
                hint="Give the agency another slug.",
            )
        try:
            grafted = _assembled(core, core.query_type, records)
        except TypeError as clash:
            records.apart()
            raise Conflict(f"Two types would have one name: {clash}", hint=_RENAME) from None
    problems = validate_schema(grafted)
    if problems:
        records.apart()
        raise Conflict(f"The schema would be invalid: {problems[0].message}", hint=_RENAME)
    whole = copy.copy(static)
    whole._schema = grafted
    grafted._strawberry_schema = whole  # type: ignore[attr-defined]
    parts = {key: Part(records.fingerprint(key), roots) for key, roots in records.roots.items()}
    return Grafted(shape_of(registry), grafted, whole, records.circular, parts)


def _assembled(core: GraphQLSchema, static_query: GraphQLObjectType, records: RecordTypes) -> GraphQLSchema:
    query = GraphQLObjectType(
        static_query.name,
        {**static_query.fields, **records.agencies},
        description="Every released dataset, by agency, beside the catalogue and the caller's own account.",
        extensions={**static_query.extensions, COST: POINTS_PER_REQUEST},
    )
    return GraphQLSchema(
        query,
        core.mutation_type,
        core.subscription_type,
        types=records.linked,
        directives=(*core.directives, COST_DIRECTIVE, LIST_SIZE_DIRECTIVE),
        extensions=core.extensions,
    )


def _overrides() -> dict[object, ScalarDefinition]:
    return {
        python_type: ScalarDefinition(
            name=scalar.name,
            description=scalar.description,
            specified_by_url=scalar.specified_by_url,
            serialize=scalar.serialize,
            parse_value=scalar.parse_value,
            parse_literal=scalar.parse_literal,
            implementation=scalar,
        )
        for python_type, scalar in ((date, DATE), (datetime, DATE_TIME), (BigInt, BIG_INT))
    }
