"""REST and GraphQL tell the same of a dataset: what it ties together, how it is ordered, searched and grouped."""

from typing import Any

import pytest
from graphql import execute_sync, parse
from tests.schema.oracle import contracts, guarded
from tests.schema.registries import registry_of

from publicgsb.datasets.catalogue import catalogue, dataset_page
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.contracts.parse import parse as contract
from publicgsb.datasets.registry import Agency, Registry
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.schema.types.graft import graft, static_schema
from publicgsb.schema.types.static import StaticContext

TOLD = """{ datasets { id
  shortcuts { name label { fa en } on to }
  orderings { name fields alphabet }
  search
  aggregates { name groupings { name apiName field grain } measures only minCell pPercent } } }"""


@pytest.fixture(scope="module")
def registry() -> Registry:
    agencies = {slug: Agency(at, slug, Label(slug, slug), False, "x") for at, slug in enumerate(("geo", "edu", "old"))}
    documents = (
        *(contracts.registers(), contracts.provinces(), contracts.schools(is_late=True), contracts.exams()),
        *(contracts.notes(), guarded.pupils(), guarded.wages(), guarded.records()),
    )
    return registry_of(agencies, map(contract, documents))


def by_graphql(registry: Registry) -> dict[str, Any]:
    caller = Caller("k", KeyKind.LIVE, 1, 1, "open")
    context = StaticContext(caller, registry, None, 1, 0)  # type: ignore[arg-type]
    result = execute_sync(graft(registry, static_schema()).core, parse(TOLD), context_value=context)
    assert result.data is not None, result.errors
    return {one.pop("id"): one for one in result.data["datasets"]}


def test_rest_and_graphql_tell_the_same_of_every_dataset(registry: Registry) -> None:
    told = by_graphql(registry)
    for agency in catalogue(registry, "https://x")["agencies"]:
        for one in agency["datasets"]:
            page = dataset_page(registry.datasets[agency["slug"], one["slug"]], "https://x")["contract"]
            for part, value in told[one["id"]].items():
                assert one[part] == page[part] == value, (one["id"], part)


def test_what_a_dataset_declares_is_there(registry: Registry) -> None:
    told = by_graphql(registry)
    assert [(one["name"], one["on"], one["to"]) for one in told["edu/notes"]["shortcuts"]] == [
        ("writers", "edu/exams", "edu/schools"),
        ("examsNoted", "edu/schools", "edu/exams"),
    ]
    assert told["edu/notes"]["aggregates"] is None
    pupils = told["edu/pupils"]["aggregates"]
    assert (pupils["name"], pupils["only"], pupils["minCell"]) == ("pupilsAggregate", True, 2)
    assert {one["name"] for one in pupils["groupings"]} >= {"PROVINCE_CODE", "BORN_JALALI_MONTH", "SEEN_YEAR"}
    assert told["edu/wages"]["orderings"][-1] == {"name": "by_letter", "fields": ["post"], "alphabet": "persian"}
