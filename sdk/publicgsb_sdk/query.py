"""What is asked of a dataset, as one immutable value, and what is sent for it. Nothing here waits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from publicgsb_sdk import conditions, selection
from publicgsb_sdk.answers import Cost, Receipt, Result, understood
from publicgsb_sdk.contract import Contract, camel
from publicgsb_sdk.errors import InvalidRequest, ServerError
from publicgsb_sdk.selection import Column, Item, Row

PAGE_ROWS = 1_000
RECORDS_PER_REQUEST_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, with the receipt that names their release and source, and what they cost."""

    rows: tuple[Row, ...]
    receipt: tuple[Receipt, ...]
    cost: Cost | None
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions, fields, order, limit and release; each may be left unsaid."""

    where: tuple[Mapping[str, Any], ...] = ()
    select: tuple[selection.Path, ...] = ()
    order: str | None = None
    limit: int | None = None
    release: int | None = None

    def first(self, size: int, had: int) -> int:
        """How many rows to ask for next."""
        return size if self.limit is None else min(size, self.limit - had)

    def variables(self, contract: Contract) -> dict[str, Any]:
        """The variables of every document about this query."""
        where = conditions.variable(self.where, contract)
        return {
            **({"where": where} if where else {}),
            **({"orderBy": contract.ordering(self.order)} if self.order else {}),
            **({"release": self.release} if self.release is not None else {}),
        }

    def is_whole(self, contract: Contract, items: tuple[Item, ...]) -> bool:
        """Whether the file of the release holds exactly what is asked."""
        is_narrowed = bool(self.where) or self.limit is not None or self.order is not None
        return not is_narrowed and all(isinstance(item, Column) and contract.is_in_file(item.field) for item in items)


EVERYTHING = Query()


def page_rows(items: tuple[Item, ...]) -> int:
    """As many rows as fit a request with the records they link to."""
    return min(PAGE_ROWS, RECORDS_PER_REQUEST_MAX // (1 + selection.links_count(items)))


def checked_size(size: int) -> int:
    """The size of a page, if it can be one."""
    if not 1 <= size <= PAGE_ROWS:
        raise InvalidRequest(f"A page has 1 to {PAGE_ROWS} rows.", details={"reason": "operand"})
    return size


def found_list(result: Result, contract: Contract) -> dict[str, Any]:
    """The list of records in an answer that is whole."""

    def read(data: Any) -> dict[str, Any]:
        return dict(data[camel(contract.agency)][contract.list_field])

    return understood(f"an answer about {contract.id}", read, result.complete().data)


def next_cursor(found: Mapping[str, Any], before: str | None, contract: Contract) -> str | None:
    """Where the next page begins, or None at the end. A cursor that does not move would loop forever."""
    if not found["pageInfo"]["hasNextPage"]:
        return None
    cursor = found["pageInfo"]["endCursor"]
    if cursor is None or cursor == before:
        raise ServerError(f"{contract.id} says that more rows follow, and not where.")
    return str(cursor)


def dataset_id(name: str) -> str:
    """`aviation.airports` or `aviation/airports` as the service writes it."""
    agency, _, dataset = name.replace("/", ".").partition(".")
    if not (agency.isidentifier() and dataset.isidentifier() and name.isascii()):
        raise InvalidRequest(
            f"{name!r} is not the name of a dataset.",
            hint='Write agency.dataset, as in "aviation.airports"; client.datasets.search(…) finds it.',
            details={"reason": "dataset_name"},
        )
    return f"{agency}/{dataset}"
