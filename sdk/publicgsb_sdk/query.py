"""What is asked of a dataset, as one immutable value, and what is sent for it. Nothing here waits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from publicgsb_sdk import conditions, selection
from publicgsb_sdk.answers import Cost, Receipt, Result, understood
from publicgsb_sdk.conditions import Said
from publicgsb_sdk.contract import Contract, camel
from publicgsb_sdk.errors import InvalidRequest, ServerError
from publicgsb_sdk.selection import Column, Item, Row

PAGE_ROWS = 1_000
RECORDS_PER_REQUEST_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, with the receipt that names their release and source, and what they cost.

    With `cursor` a walk goes on after this page, later and in another process too: `pages(after=cursor)`. It is None on
    the last page.

    >>> page = next(gsb.dataset("aviation.airports").select("icao").pages())
    >>> len(page.rows), page.cost.actual
    (2, 1)
    """

    rows: tuple[Row, ...]
    receipt: tuple[Receipt, ...]
    cost: Cost | None
    request_id: str | None
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """A place, in degrees of WGS 84, and how far around it."""

    lat: float
    lon: float
    within_km: float


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions, fields, order, limit and release; each may be left unsaid."""

    where: tuple[Said, ...] = ()
    select: tuple[selection.Path, ...] = ()
    order: str | None = None
    limit: int | None = None
    release: int | date | None = None
    search: str | None = None
    near: Near | None = None

    def first(self, size: int, had: int) -> int:
        """How many rows to ask for next."""
        return size if self.limit is None else min(size, self.limit - had)

    def variables(self, contract: Contract) -> dict[str, Any]:
        """The variables of every document about this query."""
        if (self.search is not None) + (self.near is not None) + (self.order is not None) > 1:
            raise InvalidRequest(
                "search, near and order_by each give an order of their own.",
                hint="Use one of them; where(…) goes together with each.",
                details={"reason": "operand"},
            )
        return {
            **self.narrowing(contract),
            **({"orderBy": contract.ordering(self.order)} if self.order else {}),
            **({"search": self._search(contract)} if self.search is not None else {}),
            **({"near": self._near(contract)} if self.near is not None else {}),
        }

    def narrowing(self, contract: Contract) -> dict[str, Any]:
        """Conditions and release alone, which all kinds of lists take."""
        where = conditions.variable(self.where, contract)
        return {
            **({"where": where} if where else {}),
            **({"release": wire_release(self.release)} if self.release is not None else {}),
        }

    def refuse(self, why: str, *parts: str) -> None:
        """Raise for a part of the query that would be passed over in silence."""
        said = [part for part in parts if getattr(self, part) is not None]
        if said:
            names = " and ".join("order_by" if part == "order" else part for part in said)
            raise InvalidRequest(f"{names} cannot be asked here: {why}.", details={"reason": "operand"})

    def _search(self, contract: Contract) -> str:
        if not contract.search:
            raise InvalidRequest(
                f"{contract.id} has no search.", hint="Filter with contains.", details={"reason": "no_search"}
            )
        return str(self.search)

    def _near(self, contract: Contract) -> dict[str, float]:
        if not contract.has_coordinates or self.near is None:
            raise InvalidRequest(f"{contract.id} names no coordinates.", details={"reason": "no_coordinates"})
        return {"lat": self.near.lat, "lon": self.near.lon, "withinKm": self.near.within_km}

    def is_whole(self, contract: Contract, items: tuple[Item, ...]) -> bool:
        """Whether the file of the release holds exactly what is asked."""
        plain = replace(EVERYTHING, select=self.select, release=self.release)
        is_one = self == plain and not isinstance(
            self.release, date
        )  # which release a day means only the service knows
        return is_one and all(isinstance(item, Column) and contract.is_in_file(item.field) for item in items)


EVERYTHING = Query()


def wire_release(release: int | date) -> int | str:
    """As the scalar Release takes it."""
    return release.isoformat() if isinstance(release, date) else release


def checked_limit(rows: int) -> int:
    """Zero or more."""
    if rows < 0:
        raise InvalidRequest("A limit is zero or more.", details={"reason": "operand"})
    return rows


def checked_release(release: int | date) -> int | date:
    """A number from 1, or a day."""
    if not isinstance(release, date) and release < 1:
        raise InvalidRequest("Releases are numbered from 1.", details={"reason": "operand"})
    return release


def records(found: Mapping[str, Any], read: Callable[[Row], Row]) -> tuple[Row, ...]:
    """The rows of a page; of what is near each tells its `distance_km`, unless it has a field of that name."""
    if "edges" not in found:
        return tuple(read(record) for record in found["nodes"])
    return tuple({"distance_km": edge["distanceKm"], **read(edge["node"])} for edge in found["edges"])


def page_rows(items: tuple[Item, ...]) -> int:
    """As many rows as fit a request with the records they link to."""
    return min(PAGE_ROWS, RECORDS_PER_REQUEST_MAX // (1 + selection.links_count(items)))


def checked_size(size: int) -> int:
    """The size of a page, if it can be one."""
    if not 1 <= size <= PAGE_ROWS:
        raise InvalidRequest(f"A page has 1 to {PAGE_ROWS} rows.", details={"reason": "operand"})
    return size


def found_list(result: Result, contract: Contract, of: str = "") -> dict[str, Any]:
    """The list of records in an answer that is whole, or what is counted or changed in it."""

    def read(data: Any) -> dict[str, Any]:
        return dict(data[camel(contract.agency)][contract.field_of(of)])

    return understood(f"an answer about {contract.id}", read, result.complete().data)


def next_cursor(found: Mapping[str, Any], before: str | None, contract: Contract) -> str | None:
    """Where the next page begins, or None at the end. A cursor that does not move would loop forever."""
    if not found["pageInfo"]["hasNextPage"]:
        return None
    cursor = found["pageInfo"]["endCursor"]
    if cursor is None or cursor == before:
        raise ServerError(f"{contract.id} says that more rows follow, and not where.")
    return str(cursor)


def same_release(result: Result, contract: Contract, began: int | None) -> int | None:
    """The release of this page, which is that of the first one; whatever mixes two, the rows stop here."""
    named = (contract.agency, contract.dataset)
    found = next((one.release for one in result.receipt if (one.agency, one.dataset) == named), began)
    if began is not None and found != began:
        raise ServerError(
            f"A page of {contract.id} is of release {found}, and the walk began in {began}.",
            hint="Does a cache answer in place of the service?",
            details={"reason": "release"},
        )
    return found


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
