"""Queries that show what a dataset can do beside lists and look-ups: groups, what is near a place, what changed.

Each is offered only where the dataset has it now, and asks only for what needs no grant.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

from publicgsb.datasets.contracts.aggregates_document import aggregate_name
from publicgsb.datasets.contracts.groupings import groupings
from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.contracts.names import camel_case, major_suffix
from publicgsb.datasets.registry import DatasetEntry, Registry
from publicgsb.platform.server.portal.sample_query import fields_of, is_free, links_of
from publicgsb.schema.planning.changes import compared_fields

PAGE = 5
TEHRAN = {"lat": 35.7, "lon": 51.4, "withinKm": 100}

Example: TypeAlias = dict[str, Any]


def feature_examples(registry: Registry, entry: DatasetEntry, place: tuple[float, float] | None) -> dict[str, Example]:
    """By kind. `place` is where a record of the dataset is, if that may be told."""
    return {kind: found for kind, found in _examples(registry, entry, place) if found is not None}


def place_fields(contract: Contract) -> tuple[str, str] | None:
    """The fields that say where a record is, as the API names them; None where there are none or a grant is needed."""
    pair = contract.coordinates
    if pair is None:
        return None
    fields = (contract.field(pair.lat), contract.field(pair.lon))
    return (fields[0].api_name, fields[1].api_name) if all(is_free(contract, one) for one in fields) else None


def _examples(
    registry: Registry, entry: DatasetEntry, place: tuple[float, float] | None
) -> Iterator[tuple[str, Example | None]]:
    yield "aggregate", _aggregate(entry)
    yield "near", _near(registry, entry, place)
    yield "changes", _changes(entry)


def _aggregate(entry: DatasetEntry) -> Example | None:
    contract = entry.contract
    found = [one for one in groupings(contract) if is_free(contract, one.field)]
    if contract.aggregates is None or not found:
        return None
    chosen = next((one for one in found if one.grain is None), found[0])
    measures = [contract.field(name) for name in contract.aggregates.measures]
    free = [field.api_name for field in measures if is_free(contract, field)][:2]
    averages = f"\n        avg {{ {' '.join(free)} }}" if free else ""
    name = aggregate_name(contract) + major_suffix(contract.major)
    return {
        "query": f"""query Aggregate {{
  {camel_case(entry.agency.slug)} {{
    {name}(groupBy: [{chosen.name}], orderBy: COUNT_DESC, first: {PAGE}) {{
      totalGroups
      groups {{
        key {{ {chosen.api_name} }}
        count{averages}
      }}
    }}
  }}
}}
"""
    }


def _near(registry: Registry, entry: DatasetEntry, place: tuple[float, float] | None) -> Example | None:
    contract = entry.contract
    if place_fields(contract) is None:
        return None
    linked = (
        f"{link.name} {{ {' '.join(fields_of(registry.datasets[link.target].contract))} }}"
        for link in links_of(registry, entry)[:1]
    )
    inner = "\n          ".join((" ".join(fields_of(contract)), *linked))
    here = TEHRAN if place is None else {"lat": place[0], "lon": place[1], "withinKm": 100}
    return {
        "query": f"""query Near($here: NearPoint!) {{
  {camel_case(entry.agency.slug)} {{
    {contract.list_name}{major_suffix(contract.major)}(near: $here, first: {PAGE}) {{
      edges {{
        distanceKm
        node {{
          {inner}
        }}
      }}
    }}
  }}
}}
""",
        "variables": {"here": here},
    }


def _changes(entry: DatasetEntry) -> Example | None:
    """Since the earliest release that is still kept."""
    contract, current = entry.contract, entry.current
    kept = [one.seq for one in entry.releases.values() if one.contract.major == contract.major]
    earlier = [seq for seq in kept if current is not None and seq < current.seq]
    compared = compared_fields(contract)
    keys = [contract.field(name) for name in contract.primary_key]
    if contract.changes_field is None or not earlier or not all(is_free(contract, one) for one in (*keys, *compared)):
        return None
    fields = " ".join(fields_of(contract))
    return {
        "query": f"""query Changes($after: String) {{
  {camel_case(entry.agency.slug)} {{
    {contract.changes_field}{major_suffix(contract.major)}(since: {min(earlier)}, first: {PAGE}, after: $after) {{
      added
      removed
      changed
      nodes {{
        change
        key {{ {" ".join(one.api_name for one in keys)} }}
        changedFields
        before {{ {fields} }}
        after {{ {fields} }}
      }}
      pageInfo {{
        hasNextPage
        endCursor
      }}
    }}
  }}
}}
"""
    }
