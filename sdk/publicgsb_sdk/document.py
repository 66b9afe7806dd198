"""The GraphQL documents of the query builder.

Values travel as variables and the text depends on names only: a document the service has seen before costs
less, and all pages of a walk are one document.
"""

from collections.abc import Mapping

from publicgsb_sdk.contract import Contract, camel
from publicgsb_sdk.selection import Item, text

PAGE = "pageInfo { hasNextPage endCursor }"
PRICE = "rateLimit(dryRun: true) { cost }"
RELEASES = (
    "query Releases($id: ID!) { dataset(id: $id)"
    " { releases { seq rows sha256 asOf publishedAt contract notes { fa en } } } }"
)


def rows(contract: Contract, items: tuple[Item, ...], names: frozenset[str]) -> str:
    """One page of records. `names` are the optional arguments that this query uses."""
    return _document(contract, "Rows", names, _records(items, names))


def count(contract: Contract, names: frozenset[str]) -> str:
    """How many records there are."""
    return _document(contract, "Count", names, "totalCount")


def price(contract: Contract, items: tuple[Item, ...], names: frozenset[str]) -> str:
    """What a page would cost, without running it."""
    return _document(contract, "Rows", names, _records(items, names), PRICE)


def aggregate(contract: Contract, selection: str, names: frozenset[str]) -> str:
    """Groups with what is counted and measured in them."""
    own = {"groupBy": f"[{contract.type_name}GroupBy!]", "orderBy": f"{contract.type_name}AggregateOrder"}
    return _document(contract, "Groups", names, f"totalGroups groups {{ {selection} }}", "", "Aggregate", own)


def changes(contract: Contract, key: tuple[Item, ...], items: tuple[Item, ...], names: frozenset[str]) -> str:
    """One page of what changed since a release."""
    sides = f"before {{ {text(items)} }} after {{ {text(items)} }}"
    body = f"nodes {{ change key {{ {text(key)} }} changedFields {sides} }} {PAGE}"
    return _document(contract, "Changes", names, body, "", "Changes", {"since": "Release!"})


def _records(items: tuple[Item, ...], names: frozenset[str]) -> str:
    """Where something is near, with how far it is."""
    if "near" in names:
        return f"edges {{ distanceKm node {{ {text(items)} }} }} {PAGE}"
    return f"nodes {{ {text(items)} }} {PAGE}"


def _document(
    contract: Contract,
    operation: str,
    names: frozenset[str],
    body: str,
    beside: str = "",
    of: str = "",
    own: Mapping[str, str] | None = None,
) -> str:
    types = {
        "where": f"{contract.type_name}Where",
        "orderBy": f"{contract.type_name}Order",
        "first": "Int!",
        "after": "String",
        "release": "Release",
        "search": "String",
        "near": "NearPoint",
        **(own or {}),
    }
    used = [name for name in types if name in names]
    declared = ", ".join(f"${name}: {types[name]}" for name in used)
    given = ", ".join(f"{name}: ${name}" for name in used)
    records = f"{camel(contract.agency)} {{ {contract.field_of(of)}({given}) {{ {body} }} }}"
    return f"query {operation}({declared}) {{ {records} {beside}".rstrip() + " }"
