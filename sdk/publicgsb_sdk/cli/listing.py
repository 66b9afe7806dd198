"""Changes as they stream from the service: one page in memory, in the names of the contract."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from publicgsb_sdk import Client, conditions
from publicgsb_sdk.cli import where as written
from publicgsb_sdk.cli.frame import Frame
from publicgsb_sdk.cli.library import wire_release
from publicgsb_sdk.cli.output import Column, cell, counted, note
from publicgsb_sdk.cli.releases import release_of
from publicgsb_sdk.contract import Contract, camel
from publicgsb_sdk.errors import InvalidRequest, ServerError
from publicgsb_sdk.wire import members

CHANGES = [*map(Column, ("change", "key", "changedFields", "before", "after"))]
DIFFERENCES = [*map(Column, ("change", "key", "difference"))]
PAGE_ROWS = 1_000


class Asked:
    """The changes between two releases, and what reading them came to."""

    def __init__(
        self, frame: Frame, client: Client, contract: Contract, variables: Mapping[str, Any], limit: int | None
    ) -> None:
        self._frame, self._client, self._contract = frame, client, contract
        self._variables, self._limit = variables, limit
        self._document = _document(contract, variables)
        self._had = self._points = 0

    def price(self) -> dict[str, Any]:
        """What the first page would cost."""
        points = self._client.price(self._document, {**self._variables, "first": self._first()})
        return {"dataset": self._contract.id, "pointsOfFirstPage": points, "changesOfFirstPage": self._first()}

    def changes(self) -> Iterator[dict[str, Any]]:
        """Each change with its record before and after."""
        variables, names = dict(self._variables), {field.api_name: field.name for field in self._contract.fields}
        while self._limit is None or self._had < self._limit:
            variables["first"] = self._first()
            result = self._client.graphql(self._document, variables).complete()
            self._points += result.cost.actual if result.cost else 0
            page = result.data[camel(self._contract.agency)][self._contract.field_of("Changes")]
            for change in page["nodes"]:
                yield _named(change, names)
            self._had += len(page["nodes"])
            self._frame.left = f"{self._said()} had been written."
            if not page["pageInfo"]["hasNextPage"]:
                return
            cursor = page["pageInfo"]["endCursor"]
            if cursor is None or cursor == variables.get("after"):
                raise ServerError(f"{self._contract.id} says that more changes follow, and not where.")
            variables["after"] = cursor

    def tell(self) -> None:
        """What was read and what it cost, if anything was."""
        if self._points:
            note(f"{self._said()}.")

    def _first(self) -> int:
        return PAGE_ROWS if self._limit is None else min(PAGE_ROWS, self._limit - self._had)

    def _said(self) -> str:
        return f"{counted(self._had, 'change')}, {counted(self._points, 'point')}"


def asked(
    frame: Frame, name: str, *, since: str, release: str | None, where: Iterable[str], limit: int | None
) -> Asked:
    """The question, understood and not yet sent."""
    client = frame.client()
    contract = client.dataset(name).contract
    if not contract.primary_key:
        raise InvalidRequest(
            f"{contract.id} has no primary key, so its records cannot be followed.", details={"reason": "no_key"}
        )
    narrowed = conditions.variable(written.conditions(where, contract), contract)
    variables: dict[str, Any] = {"since": wire_release(release_of(since))}
    variables |= {"release": wire_release(release_of(release))} if release else {}
    variables |= {"where": narrowed} if narrowed else {}
    return Asked(frame, client, contract, variables, limit)


def difference(change: Mapping[str, Any]) -> dict[str, Any]:
    """The same for eyes: of a record that changed only what differs."""
    before, after = members(change["before"]), members(change["after"])
    told = [f"{name}: {cell(before.get(name))} → {cell(after.get(name))}" for name in change["changedFields"]]
    return {
        "change": change["change"],
        "key": ", ".join(cell(value) for value in change["key"].values()),
        "difference": "; ".join(told) or None,
    }


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
