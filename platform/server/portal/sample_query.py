"""A query that works on what is released at this moment, over two agencies when a link allows it."""

import json
from collections.abc import Iterable

from publicgsb.datasets.contracts.model import AccessLevel, Contract, Field, Link
from publicgsb.datasets.contracts.names import camel_case, major_suffix
from publicgsb.datasets.registry import DatasetEntry, DatasetState, Registry

_PLAIN_FIELDS = 2  # beside the key
_FREE = (AccessLevel.OPEN, AccessLevel.REGISTERED)


def sample_query(registry: Registry) -> str | None:
    """GraphQL text, or None while nothing can be asked for."""
    best = max(registry.datasets.values(), key=lambda entry: _worth(registry, entry), default=None)
    if best is None or not is_readable(best):
        return None
    links = links_of(registry, best)
    name = best.contract.list_name + major_suffix(best.contract.major)
    lines = [f"{camel_case(best.agency.slug)} {{", f"  {name}(first: 3) {{", "    nodes {"]
    lines.append(f"      {' '.join(fields_of(best.contract))}")
    for link in links[:2]:
        target = registry.datasets[link.target].contract
        lines.append(f"      {link.name} {{ {' '.join(fields_of(target))} }}")
    lines += ["    }", "  }", "}"]
    return "\n".join(["{", *(f"  {line}" for line in lines), "}"])


def as_curl(query: str, base_url: str) -> str:
    """One line for a POSIX shell; $PGSB_API_KEY is the reader's."""
    body = json.dumps({"query": " ".join(query.split())}, ensure_ascii=False)
    return (
        f'curl -s {base_url}/graphql -H "Authorization: Bearer $PGSB_API_KEY" '
        f"-H 'Content-Type: application/json' --data '{body}'"
    )


def _worth(registry: Registry, entry: DatasetEntry) -> tuple[bool, int, int]:
    """Readable first, then many links to other agencies, then many rows."""
    if not is_readable(entry) or entry.current is None:
        return (False, 0, 0)
    agencies = {link.to_agency for link in links_of(registry, entry)} - {entry.agency.slug}
    return (True, len(agencies), entry.current.rows)


def is_readable(entry: DatasetEntry) -> bool:
    is_served = entry.state is DatasetState.ACTIVE and entry.current is not None
    has_records = not entry.contract.is_aggregate_only
    return is_served and has_records and entry.contract.access in _FREE and bool(fields_of(entry.contract))


def links_of(registry: Registry, entry: DatasetEntry) -> list[Link]:
    """Those that can be followed now, to other agencies first, one per target."""
    found: dict[tuple[str, str], Link] = {}
    for link in entry.contract.links:
        target = registry.datasets.get(link.target)
        columns_are_free = all(is_free(entry.contract, entry.contract.field(name)) for name in link.fields)
        if target is not None and is_readable(target) and columns_are_free and link.target != _id(entry):
            found.setdefault(link.target, link)
    return sorted(found.values(), key=lambda link: link.to_agency == entry.agency.slug)


def _id(entry: DatasetEntry) -> tuple[str, str]:
    return (entry.agency.slug, entry.slug)


def fields_of(contract: Contract) -> list[str]:
    """The key and a few others: names tell most, then what is measured in a unit."""
    free = [field for field in contract.fields if is_free(contract, field)]
    keys = [field for field in free if field.name in contract.primary_key]
    others = [field for field in free if field.name not in contract.primary_key]
    others.sort(key=lambda field: 0 if "name" in field.name else 1 if field.unit else 2)
    return _api_names((*keys, *others[:_PLAIN_FIELDS]))


def _api_names(fields: Iterable[Field]) -> list[str]:
    return [field.api_name for field in fields]


def is_free(contract: Contract, field: Field) -> bool:
    return contract.access_of(field) in _FREE
