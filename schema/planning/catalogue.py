"""What the catalogue's fields come to: values that Python resolves one by one, counted before any of them is.

Twenty aliases of `datasets` with all their fields kept a worker busy for a second with 14 datasets in the catalogue.
"""

from collections.abc import Iterable, Mapping
from math import ceil

from graphql import FieldNode, GraphQLObjectType, get_named_type

from publicgsb.datasets.contracts.groupings import groupings
from publicgsb.datasets.registry import DatasetEntry, Registry
from publicgsb.schema.planning.collect import below, collect
from publicgsb.schema.planning.scope import Scope

_SINGLE = frozenset({"agency", "dataset"})  # root fields that name one: it may be the largest


def catalogued(scope: Scope, query: GraphQLObjectType, static: Iterable[FieldNode]) -> int:
    """Values below the root fields given, lists at their length."""
    found = 0.0
    for node in static:
        name = node.name.value
        sizes = _largest(scope.registry) if name in _SINGLE else _mean(scope.registry)
        found += _values(scope, query, [node], 1.0, sizes)
    return ceil(found)


def _values(
    scope: Scope, type_: GraphQLObjectType, nodes: list[FieldNode], parents: float, sizes: Mapping[str, float]
) -> float:
    """Of one field, on so many objects of a type."""
    name = nodes[0].name.value
    field = type_.fields.get(name)
    inner = get_named_type(field.type) if field is not None else None
    if not isinstance(inner, GraphQLObjectType):
        return parents
    objects = parents * sizes.get(f"{type_.name}.{name}", 1.0)
    fields = collect(below(nodes), inner.name, scope.document.fragments, scope.variables)
    return objects + sum(_values(scope, inner, below_it, objects, sizes) for below_it in fields.values())


def _mean(registry: Registry) -> Mapping[str, float]:
    """Lists at their mean length, so that their sum over all parents is exact."""
    agencies, datasets = max(1, len(registry.agencies)), max(1, len(registry.datasets))
    parts = [_parts(entry) for entry in registry.datasets.values()]
    mean = {name: sum(part[name] for part in parts) / datasets for name in _LISTS}
    return _sizes(agencies, datasets, datasets / agencies, mean)


def _largest(registry: Registry) -> Mapping[str, float]:
    parts = [_parts(entry) for entry in registry.datasets.values()]
    largest = {name: float(max((part[name] for part in parts), default=0)) for name in _LISTS}
    slugs = [agency for agency, _ in registry.datasets]
    most = max(map(slugs.count, registry.agencies), default=0)
    return _sizes(1, 1, most, largest)


def _sizes(agencies: float, datasets: float, of_an_agency: float, parts: Mapping[str, float]) -> Mapping[str, float]:
    return {
        "Query.agencies": agencies,
        "Query.datasets": datasets,
        "AgencyInfo.datasets": of_an_agency,
        **parts,
    }


_LISTS = (
    "DatasetInfo.fields",
    "DatasetInfo.links",
    "DatasetInfo.releases",
    "DatasetInfo.shortcuts",
    "DatasetInfo.orderings",
    "AggregatesInfo.groupings",
)


def _parts(entry: DatasetEntry) -> Mapping[str, int]:
    contract = entry.contract
    lengths = (
        len(contract.fields),
        len(contract.links),
        len(entry.releases),
        len(contract.shortcuts),
        len(contract.orderings),
        sum(1 for _ in groupings(contract)),
    )
    return dict(zip(_LISTS, lengths, strict=True))
