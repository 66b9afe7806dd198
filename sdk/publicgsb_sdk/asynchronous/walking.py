"""A list read to its end, page after page: of one state of the service, and each page with a deadline of its own."""

from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from publicgsb_sdk import document, selection
from publicgsb_sdk.answers import Result, understood
from publicgsb_sdk.asynchronous.session import AsyncSession
from publicgsb_sdk.contract import Contract
from publicgsb_sdk.query import (
    PAGE_ROWS,
    Page,
    Query,
    checked_release,
    found_list,
    next_cursor,
    page_rows,
    records,
    same_release,
    wire_release,
)
from publicgsb_sdk.selection import Item

if TYPE_CHECKING:
    from publicgsb_sdk.changes import Change


async def pages(
    session: AsyncSession, query: Query, contract: Contract, items: tuple[Item, ...], size: int, after: str | None
) -> AsyncIterator[Page]:
    """The rows of a query; `after` a cursor it goes on in the state that the cursor names."""
    with session.telling():
        variables = query.variables(contract)
    text = document.rows(contract, items, frozenset({*variables, "first", "after"}))
    if after is not None:
        variables = _following(variables, after)
    read, began = selection.row_reader(items), None
    size = min(size, page_rows(items))
    async for result, found, cursor in _lists(session, query, contract, text, variables, size):
        with session.telling():
            began = same_release(result, contract, began)
        yield Page(records(found, read), result.receipt, result.cost, result.request_id, cursor)


async def changes(
    session: AsyncSession, query: Query, contract: Contract, items: tuple[Item, ...], since: int | date
) -> AsyncIterator["Change"]:
    """What differs between two releases, in the order of the key."""
    from publicgsb_sdk.changes import change_reader, key_items  # noqa: PLC0415 - for whom it serves

    with session.telling():
        query.refuse("changes are in the order of the key", "order", "search", "near")
        variables = query.narrowing(contract) | {"since": wire_release(checked_release(since))}
        key = key_items(contract)
    text = document.changes(contract, key, items, frozenset({*variables, "first", "after"}))
    read = change_reader(contract, items)
    size = min(PAGE_ROWS // 2, page_rows(items))  # each change has a record before and one after
    async for _, found, _ in _lists(session, query, contract, text, variables, size, "Changes"):
        with session.telling():
            told = understood("changes", lambda nodes: [read(node) for node in nodes], found["nodes"])
        for one in told:
            yield one


async def _lists(
    session: AsyncSession,
    query: Query,
    contract: Contract,
    text: str,
    variables: Mapping[str, Any],
    size: int,
    of: str = "",
) -> AsyncIterator[tuple[Result, Mapping[str, Any], str | None]]:
    """Each answer, the list in it, and the cursor after which the next one goes on; None for the last."""
    had, cursor = 0, variables.get("after")
    while first := query.first(size, had):
        result = await session.graphql(text, {**variables, "first": first}, None)
        with session.telling():
            found = found_list(result, contract, of)
            cursor = next_cursor(found, cursor, contract)
        yield result, found, cursor
        if cursor is None:
            return
        had += len(found["edges" if "edges" in found else "nodes"])
        variables = _following(variables, cursor)
        session = session.one_call()


def _following(variables: Mapping[str, Any], cursor: str) -> dict[str, Any]:
    """A cursor names the state that the walk began in, and so the release."""
    return {**{name: value for name, value in variables.items() if name != "release"}, "after": cursor}
