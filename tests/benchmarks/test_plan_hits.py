"""The plan cache under replayed documents: each is planned once, whatever its variables hold."""

from datetime import UTC, datetime

import pytest
from benchmarks.plan_hits import DOCUMENTS, REPLAYS, documents, replay

from publicgsb.datasets.contracts.parse import load
from publicgsb.datasets.registry import Agency, DatasetEntry, DatasetState, Registry, ReleaseRef
from publicgsb.platform.server.demo.plan import AGENCIES, DEMO


@pytest.fixture
def registry() -> Registry:
    """The demo's airports and countries, released without a row."""
    agencies = {
        one.slug: Agency(number, one.slug, one.name, True, one.contact) for number, one in enumerate(AGENCIES, 1)
    }
    entries = {}
    for number, one in enumerate(DEMO, 1):
        if (one.agency, one.dataset) in (("aviation", "airports"), ("standards", "countries")):
            contract = load(one.contract_path)
            columns = frozenset(field.name for field in contract.released_fields)
            release = ReleaseRef(
                number, number, 1, contract, f"{one.dataset}_1", columns, 0, "", None, datetime.now(UTC)
            )
            entries[one.agency, one.dataset] = DatasetEntry(
                number, agencies[one.agency], one.dataset, contract, DatasetState.ACTIVE, None, release,
                ((number, release),), {1: release}, frozenset(), frozenset(), {},
            )  # fmt: skip
    return Registry(version=20, schema_version=1, agencies=agencies, datasets=entries)


def test_two_hundred_documents_replayed_with_new_variables_are_planned_once_each(registry: Registry) -> None:
    hits, plans = replay(registry)
    assert plans == DOCUMENTS
    assert hits == DOCUMENTS * (REPLAYS - 1)


def test_the_documents_all_differ() -> None:
    assert len(set(documents())) == DOCUMENTS
