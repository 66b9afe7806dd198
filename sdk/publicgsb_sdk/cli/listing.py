"""Rows and changes as they stream from the service: one page in memory, in the names of the contract."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from publicgsb_sdk import conditions
from publicgsb_sdk.cli import where as written
from publicgsb_sdk.cli.frame import Frame
from publicgsb_sdk.cli.library import wire_release
from publicgsb_sdk.cli.output import Column, counted
from publicgsb_sdk.cli.releases import release_of
from publicgsb_sdk.contract import Contract, camel
from publicgsb_sdk.errors import InvalidRequest, ServerError

CHANGES = [*map(Column, ("change", "key", "changedFields", "before", "after"))]
PAGE_ROWS = 1_000


def changes(
    frame: Frame, name: str, *, since: str, release: str | None, where: Iterable[str], limit: int | None
) -> Iterator[dict[str, Any]]:
    """Each change with its record before and after."""
    client = frame.client()
    contract = client.dataset(name).contract
    if not contract.primary_key:
        raise InvalidRequest(
            f"{contract.id} has no primary key, so its records cannot be followed.", details={"reason": "no_key"}
        )
    asked = conditions.variable(written.conditions(where, contract), contract)
    variables: dict[str, Any] = {"since": wire_release(release_of(since))}
    variables |= {"release": wire_release(release_of(release))} if release else {}
    variables |= {"where": asked} if asked else {}
    document = _document(contract, variables)
    names = {field.api_name: field.name for field in contract.fields}
    had = 0
    while limit is None or had < limit:
        variables["first"] = PAGE_ROWS if limit is None else min(PAGE_ROWS, limit - had)
        data = client.graphql(document, variables).complete().data
        page = data[camel(contract.agency)][contract.field_of("Changes")]
        for change in page["nodes"]:
            yield _named(change, names)
        had += len(page["nodes"])
        frame.left = f"{counted(had, 'change')} had been written."
        if not page["pageInfo"]["hasNextPage"]:
            return
        cursor = page["pageInfo"]["endCursor"]
        if cursor is None or cursor == variables.get("after"):
            raise ServerError(f"{contract.id} says that more changes follow, and not where.")
        variables["after"] = cursor


def _document(contract: Contract, variables: Mapping[str, Any]) -> str:
    types = {
        "since": "Release!",
        "release": "Release",
        "where": f"{contract.type_name}Where",
        "first": "Int!",
        "after": "String",
    }
    used = [name for name in types if name in (*variables, "first", "after")]
    declared = ", ".join(f"${name}: {types[name]}" for name in used)
    given = ", ".join(f"{name}: ${name}" for name in used)
    fields = " ".join(field.api_name for field in contract.default_fields)
    key = " ".join(contract.field(name).api_name for name in contract.primary_key)
    node = f"change changedFields key {{ {key} }} before {{ {fields} }} after {{ {fields} }}"
    page = f"nodes {{ {node} }} pageInfo {{ hasNextPage endCursor }}"
    field = f"{contract.field_of('Changes')}({given}) {{ {page} }}"
    return f"query Changes({declared}) {{ {camel(contract.agency)} {{ {field} }} }}"


def _named(change: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    def record(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return None if found is None else {names.get(name, name): value for name, value in found.items()}

    return {
        "change": change["change"].lower(),
        "key": record(change["key"]),
        "changedFields": [names.get(name, name) for name in change["changedFields"]],
        "before": record(change["before"]),
        "after": record(change["after"]),
    }
