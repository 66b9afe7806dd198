"""The GraphQL documents of the query builder.

Values travel as variables and the text depends on names only: a document the service has seen before costs
less, and all pages of a walk are one document.
"""

from publicgsb_sdk.contract import Contract, camel
from publicgsb_sdk.selection import Item, text

PAGE = "pageInfo { hasNextPage endCursor }"
PRICE = "rateLimit(dryRun: true) { cost }"


def rows(contract: Contract, items: tuple[Item, ...], names: frozenset[str]) -> str:
    """One page of records. `names` are the optional arguments that this query uses."""
    return _document(contract, "Rows", names, f"nodes {{ {text(items)} }} {PAGE}")


def count(contract: Contract, names: frozenset[str]) -> str:
    """How many records there are."""
    return _document(contract, "Count", names, "totalCount")


def price(contract: Contract, items: tuple[Item, ...], names: frozenset[str]) -> str:
    """What a page would cost, without running it."""
    return _document(contract, "Rows", names, f"nodes {{ {text(items)} }} {PAGE}", PRICE)


def _document(contract: Contract, operation: str, names: frozenset[str], body: str, beside: str = "") -> str:
    types = {
        "where": f"{contract.type_name}Where",
        "orderBy": f"{contract.type_name}Order",
        "first": "Int!",
        "after": "String",
        "release": "Release",
    }
    used = [name for name in types if name in names]
    declared = ", ".join(f"${name}: {types[name]}" for name in used)
    given = ", ".join(f"{name}: ${name}" for name in used)
    records = f"{camel(contract.agency)} {{ {contract.list_field}({given}) {{ {body} }} }}"
    return f"query {operation}({declared}) {{ {records} {beside}".rstrip() + " }"
