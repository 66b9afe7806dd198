"""The demo's schema, made of its real contracts, in front of rows that the test writes down.

Every document that an example sends is validated against that schema, as the service would; only the rows are canned.
"""

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest
from graphql import FieldNode, GraphQLSchema, OperationDefinitionNode, SelectionSetNode, parse, validate
from graphql.execution.values import get_variable_values

import publicgsb_sdk
from publicgsb.datasets.catalogue import catalogue, dataset_page
from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.parse import load
from publicgsb.datasets.registry import Agency, DatasetEntry, DatasetState, Registry, ReleaseRef
from publicgsb.schema.types.graft import graft, static_schema
from publicgsb_sdk.key import checksum

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = sorted((ROOT / "platform/server/demo/contracts").glob("*.yaml"))
BODY = "gsbl_" + "e" * 40

Rows = dict[str, list[dict[str, Any]]]


class DemoService:
    """Answers contracts and lists of records; `rows` maps a list field to the records that it gives."""

    def __init__(self, contracts: tuple[Contract, ...]) -> None:
        self.registry = _registry(contracts)
        self.schema: GraphQLSchema = graft(self.registry, static_schema()).core
        self.rows: Rows = {}

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/catalog.json":
            return httpx2.Response(200, json=catalogue(self.registry, "https://gsb.test"))
        if request.url.path != "/graphql":
            _, _, _, _, agency, _, dataset = request.url.path.split("/")
            return httpx2.Response(200, json=dataset_page(self.registry.dataset(agency, dataset), "https://gsb.test"))
        body = json.loads(request.content)
        ast = parse(body["query"])
        assert validate(self.schema, ast) == []
        operation = next(node for node in ast.definitions if isinstance(node, OperationDefinitionNode))
        coerced = get_variable_values(self.schema, operation.variable_definitions or (), body.get("variables", {}))
        assert not isinstance(coerced, list), coerced
        paths = list(_paths(operation.selection_set))
        data: dict[str, dict[str, Any]] = {agency: {} for agency, _ in paths}
        for agency, name in paths:
            data[agency][name] = _page(self.rows[name])
        receipt = [
            {"agency": agency, "dataset": name, "release": 1, "attribution": f"Source of {name}"}
            for agency, name in paths
        ]
        return httpx2.Response(200, json={"data": data, "extensions": {"receipt": receipt}})


def _paths(selection_set: SelectionSetNode) -> Iterator[tuple[str, str]]:
    """Each agency and list that a document asks."""
    for agency in selection_set.selections:
        assert isinstance(agency, FieldNode) and agency.selection_set is not None
        for records in agency.selection_set.selections:
            assert isinstance(records, FieldNode)
            yield agency.name.value, records.name.value


def _page(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All that a list can be asked for; a row near a place brings its distance."""
    edges = [{"distanceKm": row.get("distanceKm"), "node": row} for row in rows]
    page = {"hasNextPage": False, "endCursor": None}
    return {"totalCount": len(rows), "nodes": rows, "edges": edges, "pageInfo": page}


@pytest.fixture(scope="session")
def demo_service() -> DemoService:
    return DemoService(tuple(load(path) for path in CONTRACTS))


@pytest.fixture
def rows(demo_service: DemoService) -> Iterator[Rows]:
    demo_service.rows = {}
    yield demo_service.rows


@pytest.fixture
def connect(demo_service: DemoService) -> Iterator[Callable[[], publicgsb_sdk.Client]]:
    """Makes clients of the demo service."""
    with httpx2.Client(transport=httpx2.MockTransport(demo_service)) as http:
        yield lambda: publicgsb_sdk.Client(BODY + checksum(BODY), "https://gsb.test", http_client=http, max_retries=0)


@pytest.fixture
def example(
    connect: Callable[[], publicgsb_sdk.Client], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], ModuleType]:
    """Loads an example by name, with its `Client()` connected to the demo service."""

    def run(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        monkeypatch.setattr(module, "Client", connect)
        return module

    return run


def demo_registry() -> Registry:
    """Every dataset of the demo with one release, which no database holds."""
    return _registry(tuple(load(path) for path in CONTRACTS))


def _registry(contracts: tuple[Contract, ...]) -> Registry:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    agencies = {
        slug: Agency(number, slug, Label(slug, slug), True, "a@b.example")
        for number, slug in enumerate(sorted({contract.agency for contract in contracts}), 1)
    }
    datasets = {}
    for number, contract in enumerate(contracts, 1):
        columns = frozenset(field.name for field in contract.fields)
        release = ReleaseRef(number, number, 1, contract, f"t{number}", columns, 1, "00", None, now)
        datasets[(contract.agency, contract.dataset)] = DatasetEntry(
            id=number,
            agency=agencies[contract.agency],
            slug=contract.dataset,
            contract=contract,
            state=DatasetState.ACTIVE,
            withdrawn_reason=None,
            current=release,
            history=((1, release),),
            releases={1: release},
            gone=frozenset(),
            recalled=frozenset(),
            link_rates={},
        )
    return Registry(1, 1, agencies, datasets)
