# Written from asynchronous/dataset.py by `make sdk`; change that one.
"""A dataset as an immutable query: its parts are said one by one, and nothing is asked before the end."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from publicgsb_sdk import document, selection
from publicgsb_sdk.answers import Receipt
from publicgsb_sdk.contract import Contract
from publicgsb_sdk.deadline import aside
from publicgsb_sdk.errors import DatasetWithdrawn, InvalidRequest, NotFound, QueryTooCostly, Withheld
from publicgsb_sdk.query import EVERYTHING, PAGE_ROWS, Page, Query, checked_size, found_list, next_cursor, page_rows
from publicgsb_sdk.selection import Item, Row, Selected
from publicgsb_sdk.session import Session

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class Dataset:
    """A query on one dataset. Safe to keep, to share between threads or tasks and to build further upon."""

    _session: Session
    id: str
    _query: Query = EVERYTHING

    def where(self, *groups: Mapping[str, Any], **fields: Any) -> "Dataset":
        """Only rows that fulfil all of this, and all that was asked before.

        A field is compared with a value (equal), a collection (one of), None (no value), or operators:
        `where(city="یزد")`, `where(country=["IR", "TR"])`, `where(elevation={"gte": 1000, "lt": 2000})`.
        Groups hold `and`, `or` and `not`: `where({"or": [{"city": "یزد"}, {"city": {"startsWith": "ی"}}]})`.
        """
        asked = (*groups, fields) if fields else groups
        return self._with(where=(*self._query.where, *asked))

    def select(self, *wanted: Selected) -> "Dataset":
        """Only these fields, besides those selected before; linked records by dots or nesting.

        `select("name", "country.name_fa")`, `select("name", {"country": ["name_fa", "alpha_2"]})`.
        """
        return self._with(select=tuple(dict.fromkeys((*self._query.select, *selection.paths(wanted)))))

    def order_by(self, ordering: str) -> "Dataset":
        """One of the declared orders: `"NAME_ASC"`, or `"name"`, or `"-name"` for the reverse."""
        return self._with(order=ordering)

    def limit(self, rows: int) -> "Dataset":
        """At most so many rows. Without a limit a query goes to the end."""
        if rows < 0:
            raise InvalidRequest("A limit is zero or more.", details={"reason": "operand"})
        return self._with(limit=rows)

    def release(self, seq: int) -> "Dataset":
        """Read this release instead of the current one."""
        if seq < 1:
            raise InvalidRequest("Releases are numbered from 1.", details={"reason": "operand"})
        return self._with(release=seq)

    @property
    def contract(self) -> Contract:
        """Fields, types, filters, links, orderings and release; asks the service at most once a minute."""
        return self._session.contract(self.id)

    def rows(self) -> Iterator[Row]:
        """Every row, to the end, page after page of one and the same state of the service.

        Field names are those of the contract; dates, moments and exact numbers are Python's, codes stay text.
        Publication of a new release during the walk does not disturb it.
        """
        for page in self.pages():
            yield from page.rows

    def pages(self, size: int = PAGE_ROWS) -> Iterator[Page]:
        """The same rows in pages, each with receipt and cost."""
        return self._walk(checked_size(size))

    def first(self) -> Row | None:
        """The first row, or None when there is none."""
        return next(self.limit(self._query.first(1, 0)).rows(), None)

    def count(self) -> int:
        """How many rows `rows()` would give; `QueryTooCostly` where the service does not count that far."""
        contract = self._readable()
        variables = self._query.variables(contract) | {"first": 1}
        variables.pop("orderBy", None)
        text = document.count(contract, frozenset(variables))
        found = found_list(self._session.graphql(text, variables, None), contract)["totalCount"]
        if found is None:
            raise QueryTooCostly(
                f"More rows of {contract.id} match than the service counts exactly.",
                hint="Narrow the query, or count while reading rows().",
            )
        return int(found) if self._query.limit is None else min(int(found), self._query.limit)

    def price(self) -> int:
        """What the first page of `rows()` would cost, in points; asking runs nothing."""
        contract, items = self._resolved()
        variables = self._query.variables(contract) | {"first": max(1, self._query.first(page_rows(items), 0))}
        text = document.price(contract, items, frozenset({*variables, "after"}))
        result = self._session.graphql(text, variables, None)
        return int(result.complete().data["rateLimit"]["cost"])

    def to_pandas(self) -> "pandas.DataFrame":
        """All rows as a DataFrame whose types come from the contract, never from a look at the values.

        A whole dataset is read as one file, anything narrower page by page; `frame.attrs["gsb"]` keeps the
        receipt. Linked records become columns with dotted names. Needs `pip install publicgsb-sdk[pandas]`.
        """
        from publicgsb_sdk import frames  # noqa: PLC0415 - pandas is loaded when it is asked for, not before

        pandas = aside(frames.required_pandas)
        contract, items = self._resolved()
        if self._query.is_whole(contract, items):
            return self._frame_from_file(pandas, items)
        receipts: dict[Receipt, None] = {}
        columns = frames.Columns(items)
        for page in self._walk(PAGE_ROWS):
            columns.add(page.rows)
            receipts.update(dict.fromkeys(page.receipt))
        frame = aside(columns.frame, pandas)
        frame.attrs["gsb"] = {"receipt": [frames.plain(receipt) for receipt in receipts]}
        return frame

    def _frame_from_file(self, pandas: Any, items: tuple[Item, ...]) -> "pandas.DataFrame":
        from publicgsb_sdk import frames  # noqa: PLC0415

        contract = self._session.contract(self.id, is_fresh=True)
        current = contract.release
        seq = self._query.release or (current.seq if current else None)
        if seq is None:
            hint = f"Ask {contract.successor} instead." if contract.successor else "The catalogue says why."
            raise DatasetWithdrawn(f"{contract.id} was withdrawn.", hint=hint)
        rows_expected = current.rows if current and current.seq == seq else None
        with tempfile.TemporaryFile() as file:
            self._session.file(contract, seq, file)
            frame = aside(frames.from_file, pandas, file, items, rows_expected)
        frame.attrs["gsb"] = {"receipt": [frames.plain(contract.receipt(seq))]}
        return frame

    def _readable(self) -> Contract:
        """The contract, once there is something to read under it."""
        with self._session.telling():
            contract = self._session.contract(self.id)
            if contract.access == "withheld":
                raise Withheld(f"{contract.id} is not released.", hint="The catalogue says on which legal ground.")
            if contract.has_release or (self._session.contract(self.id, is_fresh=True)).has_release:
                return contract
            raise NotFound(f"{contract.id} is announced and has no release yet.")

    def _resolved(self) -> tuple[Contract, tuple[Item, ...]]:
        contract = self._readable()
        known = {contract.id: contract}
        with self._session.telling():
            while wanted := selection.next_contract(self._query.select, contract, known):
                known[wanted] = self._session.contract(wanted)
            return contract, selection.resolve(self._query.select, contract, known.__getitem__)

    def _walk(self, size: int) -> Iterator[Page]:
        contract, items = self._resolved()
        size = min(size, page_rows(items))
        variables = self._query.variables(contract) | {"first": size}
        text = document.rows(contract, items, frozenset({*variables, "after"}))
        read = selection.row_reader(items)
        had, cursor = 0, None
        while first := self._query.first(size, had):
            variables["first"] = first
            result = self._session.graphql(text, variables, None)
            found = found_list(result, contract)
            rows = tuple(read(record) for record in found["nodes"])
            yield Page(rows, result.receipt, result.cost, result.request_id)
            had += len(rows)
            cursor = next_cursor(found, cursor, contract)
            if cursor is None:
                return
            variables["after"] = cursor  # it names the state that the walk began in, and so the release
            variables.pop("release", None)

    def _with(self, **changed: Any) -> "Dataset":
        return replace(self, _query=replace(self._query, **changed))
