"""A dataset as an immutable query: its parts are said one by one, and nothing is asked before the end."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from publicgsb_sdk import conditions, document, selection
from publicgsb_sdk.answers import Cost, Receipt, Result, understood
from publicgsb_sdk.contract import Contract, camel
from publicgsb_sdk.errors import DatasetWithdrawn, InvalidRequest, NotFound, QueryTooCostly, ServerError, Withheld
from publicgsb_sdk.selection import Column, Item, Row, Selected
from publicgsb_sdk.session import Session

if TYPE_CHECKING:
    import pandas
    import polars
    from duckdb import DuckDBPyConnection

    from publicgsb_sdk.downloads.job import Downloaded, Progress

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
class Dataset:
    """A query on one dataset. Safe to keep, to share between threads and to build further upon."""

    _session: Session
    id: str
    _where: tuple[Mapping[str, Any], ...] = ()
    _select: tuple[selection.Path, ...] = ()
    _order: str | None = None
    _limit: int | None = None
    _release: int | None = None

    def where(self, *groups: Mapping[str, Any], **fields: Any) -> "Dataset":
        """Only rows that fulfil all of this, and all that was asked before.

        A field is compared with a value (equal), a collection (one of), None (no value), or operators:
        `where(city="یزد")`, `where(country=["IR", "TR"])`, `where(elevation={"gte": 1000, "lt": 2000})`.
        Groups hold `and`, `or` and `not`: `where({"or": [{"city": "یزد"}, {"city": {"startsWith": "ی"}}]})`.
        """
        asked = (*groups, fields) if fields else groups
        return replace(self, _where=(*self._where, *asked))

    def select(self, *wanted: Selected) -> "Dataset":
        """Only these fields, besides those selected before; linked records by dots or nesting.

        `select("name", "country.name_fa")`, `select("name", {"country": ["name_fa", "alpha_2"]})`.
        """
        return replace(self, _select=tuple(dict.fromkeys((*self._select, *selection.paths(wanted)))))

    def order_by(self, ordering: str) -> "Dataset":
        """One of the declared orders: `"NAME_ASC"`, or `"name"`, or `"-name"` for the reverse."""
        return replace(self, _order=ordering)

    def limit(self, rows: int) -> "Dataset":
        """At most so many rows. Without a limit a query goes to the end."""
        if rows < 0:
            raise InvalidRequest("A limit is zero or more.", details={"reason": "operand"})
        return replace(self, _limit=rows)

    def release(self, seq: int) -> "Dataset":
        """Read this release instead of the current one."""
        if seq < 1:
            raise InvalidRequest("Releases are numbered from 1.", details={"reason": "operand"})
        return replace(self, _release=seq)

    @property
    def contract(self) -> Contract:
        """Fields, types, filters, links, orderings and release; asks the service at most once a minute."""
        return self._session.contract(self.id)

    def rows(self) -> Iterator[Row]:
        """Every row, to the end, page after page of one and the same state of the service.

        Field names are those of the contract; dates, moments and exact numbers are Python's, codes stay text.
        Publication of a new release during the walk does not disturb it.
        """
        return chain.from_iterable(page.rows for page in self.pages())

    def pages(self, size: int = PAGE_ROWS) -> Iterator[Page]:
        """The same rows in pages, each with receipt and cost."""
        if not 1 <= size <= PAGE_ROWS:
            raise InvalidRequest(f"A page has 1 to {PAGE_ROWS} rows.", details={"reason": "operand"})
        contract, items = self._resolved()
        return self._walk(contract, items, min(size, self._page_rows(items)))

    def first(self) -> Row | None:
        """The first row, or None when there is none."""
        return next(self.limit(self._first(1, 0)).rows(), None)

    def count(self) -> int:
        """How many rows `rows()` would give; `QueryTooCostly` where the service does not count that far."""
        contract = self._readable()
        variables = self._variables(contract) | {"first": 1}
        variables.pop("orderBy", None)
        found = self._ask(contract, document.count(contract, frozenset(variables)), variables)["totalCount"]
        if found is None:
            raise QueryTooCostly(
                f"More rows of {contract.id} match than the service counts exactly.",
                hint="Narrow the query, or count while reading rows().",
            )
        return int(found) if self._limit is None else min(int(found), self._limit)

    def price(self) -> int:
        """What the first page of `rows()` would cost, in points; asking runs nothing."""
        contract, items = self._resolved()
        variables = self._variables(contract) | {"first": max(1, self._first(self._page_rows(items), 0))}
        text = document.price(contract, items, frozenset({*variables, "after"}))
        return int(self._session.graphql(text, variables, None).complete().data["rateLimit"]["cost"])

    def to_arrow(self) -> Any:
        """All rows as a pyarrow.Table whose types come from the contract, never from a look at the values.

        A whole dataset is read from the Parquet files of its release, anything narrower page by page; the receipt is
        in `table.schema.metadata[b"gsb"]`, labels and units are beside each column. Linked records become columns
        with dotted names. Needs `pip install publicgsb-sdk[arrow]`.
        """
        from publicgsb_sdk import arrow, tables  # noqa: PLC0415 - pyarrow is loaded when it is asked for, not before

        pyarrow = arrow.required_pyarrow()
        contract, items = self._resolved()
        if self._is_whole(contract, items):
            return self._table_of_files(pyarrow, items)
        receipts: dict[Receipt, None] = {}
        columns = tables.Columns(items)
        for page in self._walk(contract, items, self._page_rows(items)):
            columns.add(page.rows)
            receipts.update(dict.fromkeys(page.receipt))
        return columns.table(pyarrow, receipts)

    def to_pandas(self) -> "pandas.DataFrame":
        """The same as a DataFrame: codes are text, days are days, decimals are exact, nothing is guessed.

        `frame.attrs["gsb"]` keeps the receipt. Needs `pip install publicgsb-sdk[pandas]`.
        """
        from publicgsb_sdk import frames  # noqa: PLC0415

        frames.required("pandas")
        return frames.as_pandas(self.to_arrow())

    def to_polars(self) -> "polars.DataFrame":
        """The same in polars, which has no place for a receipt. Needs `pip install publicgsb-sdk[polars]`."""
        from publicgsb_sdk import frames  # noqa: PLC0415

        frames.required("polars")
        return frames.as_polars(self.to_arrow())

    def duckdb(
        self, connection: "DuckDBPyConnection | None" = None, *, table: str | None = None
    ) -> "DuckDBPyConnection":
        """The same as a table of DuckDB, called like the dataset unless you name it; replaces one that is there.

        `gsb.dataset("aviation.airports").duckdb().sql("select count(*) from airports")`. In a new database in memory
        unless a connection is given. The receipt is the table's comment, labels and units are the columns'. Needs
        `pip install publicgsb-sdk[duckdb]`.
        """
        from publicgsb_sdk import frames  # noqa: PLC0415

        frames.required("duckdb")
        return frames.into_duckdb(self.to_arrow(), table or self.id.split("/")[1], connection)

    def download(
        self,
        path: "str | os.PathLike[str]",
        format: str = "parquet",
        *,
        deadline: float | None = None,
        parallel: int = 4,
        progress: "Progress | None" = None,
    ) -> "Downloaded":
        """The release as files on disk: `parquet`, `csv` or `xlsx`, to the byte what the service lists, or an error.

        A path that ends with `/`, or is a folder, gets all files of the format under their names; any other is the
        one file. What breaks off is kept beside it, and the same call goes on there. `progress(done, total)` is told
        of bytes. `deadline` in seconds bounds the whole; without one it takes as long as bytes come.
        """
        from publicgsb_sdk.downloads import job, listing  # noqa: PLC0415

        self._readable()
        if self._where or self._select or self._limit is not None or self._order is not None:
            raise InvalidRequest(
                "Files hold whole releases.", hint="Leave out where, select, order_by and limit, or use to_arrow()."
            )
        contract = self._session.contract(self.id, is_fresh=True)
        seq = self._release_to_read(contract)
        manifest = self._session.manifest(contract, seq)
        is_folder = str(path).endswith(("/", os.sep)) or Path(path).is_dir()
        files = job.chosen(manifest, format, Path(path), is_folder=is_folder)
        again = listing.Listing(manifest, lambda: self._session.manifest(contract, seq))
        job.download(self._session.line(deadline), again, files, parallel=parallel, progress=progress)
        return job.downloaded(manifest, files, contract.receipt(seq))

    def _table_of_files(self, pyarrow: Any, items: tuple[Item, ...]) -> Any:
        from publicgsb_sdk import tables  # noqa: PLC0415

        contract = self._session.contract(self.id, is_fresh=True)
        seq = self._release_to_read(contract)
        receipts = [contract.receipt(seq)]
        listed = self._session.manifest(contract, seq)
        parts = listed.of("parquet")
        with tempfile.TemporaryDirectory(prefix="pgsb-") as folder:
            if not parts:  # for a moment after a release there is only CSV
                path = Path(folder) / "data.csv"
                with path.open("w+b") as file:
                    self._session.file(contract, seq, file)
                return tables.from_csv(pyarrow, path, items, listed.rows, receipts)
            paths = [Path(folder) / part.name for part in parts]
            for part, path in zip(parts, paths, strict=True):
                with path.open("w+b") as file:
                    self._session.part(part, file)
                part.check(path)
            return tables.from_parquet(pyarrow, paths, items, listed.rows, receipts)

    def _release_to_read(self, contract: Contract) -> int:
        seq = self._release or (contract.release.seq if contract.release else None)
        if seq is None:
            hint = f"Ask {contract.successor} instead." if contract.successor else "The catalogue says why."
            raise DatasetWithdrawn(f"{contract.id} was withdrawn.", hint=hint)
        return seq

    def _is_whole(self, contract: Contract, items: tuple[Item, ...]) -> bool:
        """Whether the file of the release holds exactly what is asked."""
        is_narrowed = bool(self._where) or self._limit is not None or self._order is not None
        return not is_narrowed and all(isinstance(item, Column) and contract.is_in_file(item.field) for item in items)

    def _readable(self) -> Contract:
        """The contract, once there is something to read under it."""
        contract = self.contract
        if contract.access == "withheld":
            raise Withheld(f"{contract.id} is not released.", hint="The catalogue says on which legal ground.")
        if contract.has_release or self._session.contract(self.id, is_fresh=True).has_release:
            return contract
        raise NotFound(f"{contract.id} is announced and has no release yet.")

    def _resolved(self) -> tuple[Contract, tuple[Item, ...]]:
        contract = self._readable()
        return contract, selection.resolve(self._select, contract, self._session.contract)

    def _page_rows(self, items: tuple[Item, ...]) -> int:
        """As many rows as fit a request with the records they link to."""
        return min(PAGE_ROWS, RECORDS_PER_REQUEST_MAX // (1 + selection.links_count(items)))

    def _first(self, size: int, had: int) -> int:
        return size if self._limit is None else min(size, self._limit - had)

    def _variables(self, contract: Contract) -> dict[str, Any]:
        where = conditions.variable(self._where, contract)
        return {
            **({"where": where} if where else {}),
            **({"orderBy": contract.ordering(self._order)} if self._order else {}),
            **({"release": self._release} if self._release is not None else {}),
        }

    def _walk(self, contract: Contract, items: tuple[Item, ...], size: int) -> Iterator[Page]:
        variables = self._variables(contract) | {"first": size}
        text = document.rows(contract, items, frozenset({*variables, "after"}))
        read: Callable[[Row], Row] = selection.row_reader(items)
        had = 0
        while first := self._first(size, had):
            variables["first"] = first
            result = self._session.graphql(text, variables, None).complete()
            found = _list(result, contract)
            rows = tuple(read(record) for record in found["nodes"])
            yield Page(rows, result.receipt, result.cost, result.request_id)
            had += len(rows)
            cursor = found["pageInfo"]["endCursor"]
            if not found["pageInfo"]["hasNextPage"]:
                return
            if cursor is None or cursor == variables.get("after"):
                raise ServerError(f"{contract.id} says that more rows follow, and not where.")
            variables["after"] = cursor  # it names the state that the walk began in, and so the release
            variables.pop("release", None)

    def _ask(self, contract: Contract, text: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        return _list(self._session.graphql(text, variables, None).complete(), contract)


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


def _list(result: Result, contract: Contract) -> dict[str, Any]:
    def read(data: Any) -> dict[str, Any]:
        return dict(data[camel(contract.agency)][contract.list_field])

    return understood(f"an answer about {contract.id}", read, result.data)
