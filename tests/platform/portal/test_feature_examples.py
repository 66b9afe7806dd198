"""Examples of what a dataset can do are documents that its schema knows, and ask for nothing that needs a grant."""

from dataclasses import replace
from typing import Any

import pytest
from graphql import parse, validate
from tests.platform.portal.test_page import registry as registry  # noqa: PLC0414 - a fixture

from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.datasets.registry import DatasetEntry, Registry
from publicgsb.platform.server.portal.feature_examples import TEHRAN, feature_examples
from publicgsb.schema.types.graft import graft, static_schema

AIRPORTS = ("aviation", "airports")


@pytest.fixture(scope="module")
def schema(registry: Registry) -> Any:
    return graft(registry, static_schema()).core


def released_twice(entry: DatasetEntry) -> DatasetEntry:
    assert entry.current is not None
    second = replace(entry.current, seq=2)
    return replace(entry, current=second, releases={1: entry.current, 2: second})


def test_each_is_a_document_of_the_schema(registry: Registry, schema: Any) -> None:
    kinds: set[str] = set()
    for entry in registry.datasets.values():
        for kind, example in feature_examples(registry, released_twice(entry), None).items():
            assert validate(schema, parse(example["query"])) == [], (entry.name, kind)
            kinds.add(kind)
    assert kinds == {"aggregate", "near", "changes"}


def test_changes_are_since_the_earliest_release_that_is_kept(registry: Registry) -> None:
    entry = registry.datasets[AIRPORTS]
    assert "changes" not in feature_examples(registry, entry, None)
    assert "since: 1," in feature_examples(registry, released_twice(entry), None)["changes"]["query"]


def test_near_begins_where_a_record_is_or_in_tehran(registry: Registry) -> None:
    entry = registry.datasets[AIRPORTS]
    assert feature_examples(registry, entry, None)["near"]["variables"] == {"here": TEHRAN}
    here = feature_examples(registry, entry, (31.9, 54.4))["near"]["variables"]["here"]
    assert (here["lat"], here["lon"]) == (31.9, 54.4)


def test_nothing_is_asked_that_needs_a_grant(registry: Registry) -> None:
    entry = released_twice(registry.datasets[AIRPORTS])
    contract = entry.contract
    closed = replace(contract, fields=tuple(replace(one, access=AccessLevel.RESTRICTED) for one in contract.fields))
    assert feature_examples(registry, replace(entry, contract=closed), None) == {}
