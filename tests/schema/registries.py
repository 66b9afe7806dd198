"""Registries in memory, for what needs contracts and no rows."""

from collections.abc import Iterable
from datetime import UTC, datetime

from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.yaml import read_text
from publicgsb.datasets.registry import Agency, DatasetEntry, DatasetState, Registry, ReleaseRef
from tests.schema.worlds import AGENCIES, DATASETS

_RELEASED = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def small_registry() -> Registry:
    """The agencies and contracts of the small world."""
    agencies = {slug: Agency(at, slug, Label(fa, en), False, "tests") for at, (slug, fa, en) in enumerate(AGENCIES)}
    return registry_of(agencies, (parse(read_text(contract, "contract")) for contract, _ in DATASETS))


def registry_of(agencies: dict[str, Agency], contracts: Iterable[Contract]) -> Registry:
    """Each contract with one release."""
    entries = [entry(at, agencies[one.agency], one) for at, one in enumerate(contracts, 1)]
    return Registry(1, 1, agencies, {(one.agency.slug, one.slug): one for one in entries})


def entry(at: int, agency: Agency, contract: Contract) -> DatasetEntry:
    columns = frozenset(field.name for field in contract.fields)
    release = ReleaseRef(at, at, 1, contract, f"t{at}", columns, 5, "0" * 64, None, _RELEASED)
    return DatasetEntry(
        at, agency, contract.dataset, contract, DatasetState.ACTIVE, None, release, ((1, release),), {1: release},
        frozenset(), frozenset(), {},
    )  # fmt: skip
