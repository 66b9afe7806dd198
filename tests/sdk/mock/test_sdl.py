"""The mock's schema and the service's cannot drift apart: both are made of the same contracts and compared."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, lexicographic_sort_schema, print_schema, print_type
from tests.schema.oracle import contracts, guarded, places
from tests.sdk.mock.conftest import documents

from publicgsb.datasets.catalogue import dataset_page
from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.yaml import read_document
from publicgsb.datasets.registry import Agency, DatasetEntry, DatasetState, Registry, ReleaseRef
from publicgsb.schema.types.graft import graft, static_schema
from publicgsb_sdk.published import read_contract
from publicgsb_sdk.testing.declared import page_of
from publicgsb_sdk.testing.published import read_page
from publicgsb_sdk.testing.schema import executable

DEMO = Path("platform/server/demo/contracts")
ORACLE: tuple[Mapping[str, Any], ...] = (
    *(contracts.registers(), contracts.provinces(), contracts.schools(is_late=True), contracts.exams()),
    *(contracts.notes(), places.documents()[1], guarded.wages(), guarded.records(), guarded.pupils(is_late=True)),
)


def later_major() -> Mapping[str, Any]:
    """Of an airport, whose names end with its major."""
    airports = documents()[1]
    return {**airports, "dataset": "airports_v2", "version": "2.0.0", "links": []}


def worlds() -> dict[str, list[Mapping[str, Any]]]:
    demo = [read_document(path) for path in sorted(DEMO.glob("*.yaml"))]
    return {"small": [*documents(), later_major()], "oracle": list(ORACLE), "demo": list(demo)}


def registry_of(parsed: list[Contract]) -> Registry:
    """With one release of each, as it would be read from the database."""
    agencies: dict[str, Agency] = {}
    entries: dict[tuple[str, str], DatasetEntry] = {}
    for number, one in enumerate(parsed, 1):
        agency = agencies.setdefault(one.agency, Agency(number, one.agency, Label("", ""), False, ""))
        columns = frozenset(field.name for field in one.released_fields)
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        release = ReleaseRef(number, number, 1, one, "t", columns, 0, "", None, moment)
        entries[one.agency, one.dataset] = DatasetEntry(
            *(number, agency, one.dataset, one, DatasetState.ACTIVE, None, release, ((1, release),)),
            *({1: release}, frozenset(), frozenset(), {}),
        )
    return Registry(1, 1, agencies, entries)


def shape(schema: GraphQLSchema) -> dict[str, str]:
    """Each type as text, members in order of their names, without words and prices."""
    bare = lexicographic_sort_schema(build_schema(print_schema(schema)))
    for type_ in bare.type_map.values():
        type_.description = None
        for member in [*getattr(type_, "fields", {}).values(), *getattr(type_, "values", {}).values()]:
            member.description = None
            for argument in getattr(member, "args", {}).values():
                argument.description = None
    return {name: print_type(type_) for name, type_ in bare.type_map.items() if not name.startswith("__")}


@pytest.mark.parametrize("world", sorted(worlds()))
@pytest.mark.parametrize("source", ["documents", "pages"])
def test_the_mock_has_the_schema_of_the_service(world: str, source: str) -> None:
    """Names, types, arguments, operators, orders and groupings, for what agencies write and what is published."""
    parsed = [parse(one) for one in worlds()[world]]
    registry = registry_of(parsed)
    if source == "documents":
        mocked = [read_page(page_of(one)) for one in worlds()[world]]
    else:
        mocked = [read_page(dataset_page(entry, "")) for entry in registry.datasets.values()]
    real, mock = shape(graft(registry, static_schema()).core), shape(executable(mocked))
    unused = {"NearPoint", "ChangeKind", "PageInfo", "BigInt", "Decimal", "Release"}  # where no contract needs them
    assert set(mock) - unused == set(real) - unused
    for name in sorted(real):
        assert mock[name] == real[name], name


@pytest.mark.parametrize("world", sorted(worlds()))
def test_a_document_is_published_as_the_service_would(world: str) -> None:
    """What the SDK reads of a page, for the page that the mock makes itself."""
    parsed = registry_of([parse(one) for one in worlds()[world]])
    for document in worlds()[world]:
        mine = read_contract(page_of(document))
        entry = parsed.dataset(document["agency"], document["dataset"])
        theirs = read_contract(dataset_page(entry, ""))
        # The hash is that of another spelling, and a name stands for the title of the licence.
        assert replace(mine, sha256="") == replace(theirs, sha256="", release=None, licence=mine.licence)
