"""The registry as it will be: with a dataset that nobody sees before its first release."""

from dataclasses import replace
from types import MappingProxyType

from publicgsb.datasets.registry import DatasetEntry, DatasetState, Registry
from publicgsb.datasets.releases.model import Target


def with_target(registry: Registry, target: Target) -> Registry:
    """`registry` itself where it has the dataset."""
    contract = target.contract
    key = (contract.agency, contract.dataset)
    if key in registry.datasets:
        return registry
    entry = DatasetEntry(
        id=target.dataset_id,
        agency=registry.agencies[contract.agency],
        slug=contract.dataset,
        contract=contract,
        state=DatasetState.ACTIVE,
        withdrawn_reason=None,
        current=None,
        history=(),
        releases=MappingProxyType({}),
        gone=frozenset(),
        recalled=frozenset(),
        link_rates=MappingProxyType({}),
    )
    return replace(registry, datasets=MappingProxyType({**registry.datasets, key: entry}))
