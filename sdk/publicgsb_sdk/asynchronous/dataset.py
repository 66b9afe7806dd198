"""A dataset as an immutable query: its parts are said one by one, and nothing is asked before the end."""

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from publicgsb_sdk import document, selection
from publicgsb_sdk.answers import Receipt, understood
from publicgsb_sdk.asynchronous import walking
from publicgsb_sdk.asynchronous.deadline import aside
from publicgsb_sdk.asynchronous.session import AsyncSession
from publicgsb_sdk.contract import Contract, Field, Release
from publicgsb_sdk.errors import DatasetWithdrawn, InvalidRequest, NotFound, QueryTooCostly, Withheld
from publicgsb_sdk.published import read_releases
from publicgsb_sdk.query import (
    EVERYTHING,
    PAGE_ROWS,
    Near,
    Page,
    Query,
    checked_limit,
    checked_release,
    checked_size,
    found_list,
    page_rows,
)
from publicgsb_sdk.selection import Item, Row, Selected

if TYPE_CHECKING:
    import pandas
    import polars
    from duckdb import DuckDBPyConnection

    from publicgsb_sdk.changes import Change
    from publicgsb_sdk.downloads.job import Downloaded
    from publicgsb_sdk.downloads.watching import Watched
    from publicgsb_sdk.expressions import Condition
    from publicgsb_sdk.quality import Quality


@dataclass(frozen=True, slots=True)
class AsyncDataset:
    """A query on one dataset. Safe to keep, to share between threads or tasks and to build further upon.

    What asks the service raises `InvalidRequest` for a name, operator or value that the contract does not know, before
    anything is sent; `NotFound`, `DatasetWithdrawn` or `Withheld` where there is nothing to read; `ReleaseGone` or
    `ReleaseRecalled` for a release that is no more; and what any request can raise (`AsyncClient`).

    >>> airports = gsb.dataset("aviation.airports").where(F.icao == "OIIE")
    >>> await airports.select("icao", "opened_on").first()
    {'icao': 'OIIE', 'opened_on': datetime.date(1990, 1, 2)}
    """

    _session: AsyncSession
    id: str
    _query: Query = EVERYTHING

    def where(self, *groups: "Condition | Mapping[str, Any]", **fields: Any) -> "AsyncDataset":
        """Only rows that fulfil all of this, and all that was asked before.

        As expressions: `where(F.city == "یزد", (F.elevation >= 1000) | F.iata.is_null())`. Or by keywords:
        A field is compared with a value (equal), a collection (one of), None (no value), or operators:
        `where(city="یزد")`, `where(country=["IR", "TR"])`, `where(elevation={"gte": 1000, "lt": 2000})`.
        Groups hold `and`, `or` and `not`: `where({"or": [{"city": "یزد"}, {"city": {"startsWith": "ی"}}]})`.

        >>> first = await gsb.dataset("aviation.airports").where(F.icao == "OIIE").select("icao").first()
        >>> first
        {'icao': 'OIIE'}
        """
        asked = (*groups, fields) if fields else groups
        return self._with(where=(*self._query.where, *asked))

    def select(self, *wanted: Selected) -> "AsyncDataset":
        """Only these fields, besides those selected before; linked records by dots or nesting.

        `select("name", "country.name_fa")`, `select("name", {"country": ["name_fa", "alpha_2"]})`.

        >>> list(await gsb.dataset("aviation.airports").select("icao", "home_country.name_fa").schema)
        ['icao', 'home_country.name_fa']
        """
        return self._with(select=tuple(dict.fromkeys((*self._query.select, *selection.paths(wanted)))))

    def order_by(self, ordering: str) -> "AsyncDataset":
        """One of the declared orders: `"NAME_ASC"`, or `"name"`, or `"-name"` for the reverse.

        >>> await gsb.dataset("aviation.airports").order_by("-code").select("icao").first()
        {'icao': 'OIIE'}
        """
        return self._with(order=ordering)

    def limit(self, rows: int) -> "AsyncDataset":
        """At most so many rows. Without a limit a query goes to the end.

        >>> await gsb.dataset("aviation.airports").limit(1).count()
        1

        Raises:
            InvalidRequest: less than zero.
        """
        with self._session.telling():
            return self._with(limit=checked_limit(rows))

    def release(self, seq: int | date) -> "AsyncDataset":
        """Read this release instead of the current one: its number, or a day (in UTC) at whose end it was current.

        >>> await gsb.dataset("aviation.airports").release(2).count()
        2

        Raises:
            InvalidRequest: less than one.
        """
        with self._session.telling():
            return self._with(release=checked_release(seq))

    def search(self, text: str) -> "AsyncDataset":
        """The best matches for these words, best first, in any spelling of Persian; instead of an order.

        10 points a page, besides its rows.

        >>> await gsb.dataset("aviation.airports").search("مهراباد").select("icao").first()
        {'icao': 'OIIE'}
        """
        return self._with(search=text)

    def near(self, lat: float, lon: float, *, within_km: float) -> "AsyncDataset":
        """What lies around a place, nearest first; instead of an order. Each row tells its `distance_km`.

        Degrees of WGS 84; up to 200 km. 5 points a page.

        >>> await gsb.dataset("aviation.airports").near(35.4, 51.2, within_km=20).select("icao").first()
        {'distance_km': 3.2, 'icao': 'OIIE'}
        """
        return self._with(near=Near(lat, lon, within_km))

    @property
    async def contract(self) -> Contract:
        """Fields, types, filters, links, orderings and release; asks the service at most once a minute.

        >>> (await gsb.dataset("aviation.airports").contract).primary_key
        ('icao',)
        """
        return await self._session.contract(self.id)

    @property
    async def schema(self) -> Mapping[str, Field]:
        """The columns of a row by name, `country.name_fa` for linked ones, each with type, label, unit and filters.

        >>> {name: field.type.value for name, field in (await gsb.dataset("aviation.airports").schema).items()}["fee"]
        'decimal'
        """
        return dict(selection.columns((await self._one_call()._resolved())[1]))

    async def releases(self) -> tuple[Release, ...]:
        """Every release that can still be read, newest first; 1 point, as every request.

        >>> [(one.seq, one.rows) for one in await gsb.dataset("aviation.airports").releases()]
        [(3, 2), (2, 2)]
        """
        await self._session.contract(self.id)  # which says so where there is no such dataset
        result = await self._session.graphql(document.RELEASES, {"id": self.id}, None)
        with self._session.telling():
            return understood(f"releases of {self.id}", read_releases, result.complete().data)

    async def quality(self) -> "Quality":
        """How good the dataset is, part by part, as of today; free of charge.

        >>> (await gsb.dataset("aviation.airports").quality()).score
        91.5
        """
        return await self._session.quality(self.id)

    async def rows(self, *, after: str | None = None) -> AsyncIterator[Row]:
        """Every row, to the end, page after page of one and the same state of the service.

        Field names are those of the contract; dates, moments and exact numbers are Python's, codes stay text.
        Publication of a new release during the walk does not disturb it. `after` a page's cursor it goes on from there.

        >>> [row["icao"] async for row in gsb.dataset("aviation.airports").select("icao").rows()]
        ['OIIE', 'OIII']

        Raises:
            InvalidRequest: a name, operator or value that the contract does not know; nothing was sent.
            Withheld: the dataset or a field of it is not released.
            ReleaseGone: the release, or the state that `after` names, is past its retention.
            ReleaseRecalled: the release was taken back, also in the middle of the walk.
            OverBudget: the next page could cost more than is left of the budget.
        """
        async for page in self.pages(after=after):
            for row in page.rows:
                yield row

    def pages(self, size: int = PAGE_ROWS, *, after: str | None = None) -> AsyncIterator[Page]:
        """The same rows in pages, each with receipt, cost, and the cursor after which to go on.

        A cursor names the state that the walk began in. `size` in rows, 1 to 1,000.

        >>> page = await anext(gsb.dataset("aviation.airports").select("icao").pages())
        >>> page.rows, page.receipt[0].release, page.cost.actual, page.cursor
        (({'icao': 'OIIE'}, {'icao': 'OIII'}), 3, 1, None)

        Raises:
            InvalidRequest: a size that no page can have, or as for `rows`.
            ReleaseGone: the state that `after` names is past its retention.
        """
        with self._session.telling():
            return self._walk(checked_size(size), after)

    async def first(self) -> Row | None:
        """The first row, or None when there is none.

        >>> await gsb.dataset("aviation.airports").select("icao", "opened_on").first()
        {'icao': 'OIIE', 'opened_on': datetime.date(1990, 1, 2)}

        Raises:
            InvalidRequest: as for `rows`.
        """
        return await anext(self.limit(self._query.first(1, 0)).rows(), None)

    async def count(self) -> int:
        """How many rows `rows()` would give.

        >>> await gsb.dataset("aviation.airports").count()
        2

        Raises:
            QueryTooCostly: the service does not count that far: narrow the query, or count while reading.
            InvalidRequest: as for `rows`.
        """
        call = self._one_call()
        contract = await call._readable()
        with self._session.telling():
            variables = self._query.variables(contract) | {"first": 1}
            variables.pop("orderBy", None)
            text = document.count(contract, frozenset(variables))
            found = found_list(await call._session.graphql(text, variables, None), contract)["totalCount"]
            if found is None:
                raise QueryTooCostly(
                    f"More rows of {contract.id} match than the service counts exactly.",
                    hint="Narrow the query, or count while reading rows().",
                )
        return int(found) if self._query.limit is None else min(int(found), self._query.limit)

    async def aggregate(
        self,
        by: Sequence[str] = (),
        *,
        count: bool = True,
        sum: Sequence[str] = (),
        avg: Sequence[str] = (),
        min: Sequence[str] = (),
        max: Sequence[str] = (),
        count_distinct: Sequence[str] = (),
    ) -> tuple[Row, ...]:
        """One row per group: what it is grouped by, `count`, and figures such as `sum_seats` or `avg_arr_delay`.

        `by` at most three of the contract's groupings: `"carrier"`, and of dates a grain, `"time_hour.jalali_month"`.
        Without, everything is one group. `where` and `release` hold; `order_by("-count")` orders the groups, and
        `limit` keeps the first ones. Sums are exact. 10 points, and 10 more for each field of `count_distinct`.

        >>> await gsb.dataset("aviation.airports").aggregate(["code"], sum=["passengers"])
        ({'code': '007', 'count': 2, 'sum_passengers': 12},)

        Raises:
            InvalidRequest: a field that is no grouping, or no measure.
            QueryTooCostly: more than 1,000 groups without a limit; they are never cut short.
        """
        from publicgsb_sdk import aggregates  # noqa: PLC0415 - few ask, so it is loaded when asked for

        call = self._one_call()
        contract = await call._readable()
        with self._session.telling():
            figures = {"sum": sum, "avg": avg, "min": min, "max": max, "countDistinct": count_distinct}
            self._query.refuse("an aggregate is over all that where(…) keeps", "search", "near")
            asked = aggregates.asked(contract, by, count, figures)
            variables = self._query.narrowing(contract) | {"first": self._query.first(aggregates.GROUPS_MAX, 0)}
            if asked.by:
                variables["groupBy"] = [one.name for one in asked.by]
            if self._query.order:
                variables["orderBy"] = aggregates.ordering(self._query.order)
            text = document.aggregate(contract, asked.selection, frozenset(variables))
            result = await call._session.graphql(text, variables, None)
            groups = aggregates.complete(found_list(result, contract, "Aggregate"), self._query.limit)
            return understood("groups", lambda found: tuple(map(asked.reader(contract), found)), groups)

    async def changes(self, since: int | date) -> AsyncIterator["Change"]:
        """What was added, removed and changed since a release, to the end, in the order of the key.

        Up to the current release, or to `release(…)`; all pages are about the same two. `where` keeps changes of
        records that match before or after, `select` says which fields both sides hold. 10 points a page, besides its
        records.

        >>> airports = gsb.dataset("aviation.airports").select("icao", "code")
        >>> [(one.kind, one.key, one.fields) async for one in airports.changes(since=2)]
        [('changed', {'icao': 'OIIE'}, ('code',))]

        Raises:
            InvalidRequest: the dataset has no key, or the query says an order, `search` or `near`.
            ReleaseGone: one of the two releases is past its retention.
        """
        call = self._one_call()
        contract, items = await call._resolved()
        async for change in walking.changes(call._session, self._query, contract, items, since):
            yield change

    async def price(self) -> int:
        """What the first page of `rows()` would cost, in points; asking runs nothing.

        >>> await gsb.dataset("aviation.airports").price()
        11

        Raises:
            InvalidRequest: as for `rows`.
            QueryTooCostly: it is larger than one request may be.
        """
        call = self._one_call()
        contract, items = await call._resolved()
        with self._session.telling():
            variables = self._query.variables(contract) | {"first": max(1, self._query.first(page_rows(items), 0))}
            text = document.price(contract, items, frozenset({*variables, "after"}))
            result = await call._session.graphql(text, variables, None)
            return understood("a price", lambda data: int(data["rateLimit"]["cost"]), result.complete().data)

    async def to_arrow(self) -> Any:
        """All rows as a pyarrow.Table whose types come from the contract, never from a look at the values.

        A whole dataset is read from the Parquet files of its release, anything narrower page by page; the receipt is
        in `table.schema.metadata[b"gsb"]`, labels and units are beside each column. Linked records become columns
        with dotted names. A row for each record, a column for each selected field. Needs
        `pip install publicgsb-sdk[arrow]`.

        >>> table = await gsb.dataset("aviation.airports").select("icao", "opened_on").to_arrow()
        >>> table.shape, table.schema.names, str(table.schema.field("opened_on").type)
        ((2, 2), ['icao', 'opened_on'], 'date32[day]')

        Raises:
            MissingExtra: pyarrow is not installed.
            ConnectionFailed: a file came with other bytes, or fewer rows, than the service lists.
            InvalidRequest: as for `rows`.
        """
        from publicgsb_sdk import arrow, tables  # noqa: PLC0415 - pyarrow is loaded when it is asked for, not before

        pyarrow = await aside(arrow.required_pyarrow)
        call = self._one_call()
        contract, items = await call._resolved()
        if self._query.is_whole(contract, items):
            from publicgsb_sdk.asynchronous import files  # noqa: PLC0415

            contract, seq = await call._release_to_read()
            listed = await call._session.manifest(contract, seq)
            return await files.table(self._session, contract, listed, pyarrow, items)
        receipts: dict[Receipt, None] = {}
        columns = tables.Columns(items)
        async for page in self._walk(PAGE_ROWS):
            columns.add(page.rows)
            receipts.update(dict.fromkeys(page.receipt))
        return await aside(columns.table, pyarrow, receipts)

    async def to_pandas(self) -> "pandas.DataFrame":
        """The same as a DataFrame: codes are text, days are days, decimals are exact, nothing is guessed.

        `frame.attrs["gsb"]` keeps the receipt. Needs `pip install publicgsb-sdk[pandas]`.

        >>> frame = await gsb.dataset("aviation.airports").select("icao", "opened_on").to_pandas()
        >>> frame.shape, str(frame.dtypes["icao"]), frame.attrs["gsb"]["receipt"][0]["release"]
        ((2, 2), 'string', 3)

        Raises:
            MissingExtra: pandas or pyarrow is not installed.
            InvalidRequest: as for `rows`.
        """
        from publicgsb_sdk import frames  # noqa: PLC0415

        await aside(frames.required, "pandas")
        return await aside(frames.as_pandas, await self.to_arrow())

    async def to_polars(self) -> "polars.DataFrame":
        """The same in polars, which has no place for a receipt. Needs `pip install publicgsb-sdk[polars]`.

        >>> (await gsb.dataset("aviation.airports").select("icao").to_polars()).shape
        (2, 1)

        Raises:
            MissingExtra: polars or pyarrow is not installed.
            InvalidRequest: as for `rows`.
        """
        from publicgsb_sdk import frames  # noqa: PLC0415

        await aside(frames.required, "polars")
        return await aside(frames.as_polars, await self.to_arrow())

    async def duckdb(
        self, connection: "DuckDBPyConnection | None" = None, *, table: str | None = None
    ) -> "DuckDBPyConnection":
        """The same as a table of DuckDB, called like the dataset unless you name it; replaces one that is there.

        In a new database in memory unless a connection is given. The receipt is the table's comment, labels and
        units are the columns'. Needs `pip install publicgsb-sdk[duckdb]`.

        >>> found = await gsb.dataset("aviation.airports").select("icao").duckdb()
        >>> found.sql("select count(*) from airports").fetchone()
        (2,)

        Raises:
            MissingExtra: duckdb or pyarrow is not installed.
            InvalidRequest: as for `rows`.
        """
        from publicgsb_sdk import frames  # noqa: PLC0415

        await aside(frames.required, "duckdb")
        return await aside(frames.into_duckdb, await self.to_arrow(), table or self.id.split("/")[1], connection)

    async def download(
        self,
        path: "str | os.PathLike[str]",
        format: str = "parquet",
        *,
        deadline: float | None = None,
        parallel: int = 4,
        progress: "Watched" = None,
    ) -> "Downloaded":
        """The release as files on disk: `parquet`, `csv` or `xlsx`, to the byte what the service lists, or an error.

        A path that ends with `/`, or is a folder, gets all files of the format under their names; any other is the
        one file. What breaks off is kept beside it, and the same call goes on there. `progress(done, total)` is told
        of bytes, by the thread that has them; `True` draws a line on stderr. `deadline` in seconds bounds the whole;
        without one it takes as long as bytes come. `parallel` parts come at a time. Costs bytes of the day and no
        points.

        >>> found = await gsb.dataset("aviation.airports").download(folder / "airports.parquet")
        >>> found.release, found.rows, found.paths[0].name
        (3, 2, 'airports.parquet')

        Raises:
            InvalidRequest: there is no such format, or several files of it for one name, or the query has conditions.
            NotFound: the release has no file in this format.
            IntegrityError: the bytes were twice not those that the service lists; nothing is in place.
            DeadlineExceeded: `deadline` is over; what came is kept for the next call.
            QuotaExhausted: the bytes of the day are spent.
        """
        from publicgsb_sdk.asynchronous import files  # noqa: PLC0415

        call, line = self._one_call(deadline), self._session.line(deadline)
        with self._session.telling():
            if replace(self._query, release=None) != EVERYTHING:
                raise InvalidRequest(
                    "Files hold whole releases.", hint="Ask without conditions, fields, order and limit."
                )
        contract, seq = await call._release_to_read()
        listed = await call._session.manifest(contract, seq)
        return await files.download(self._session, contract, listed, path, format, line, parallel, progress)

    async def _release_to_read(self) -> tuple[Contract, int]:
        """The contract as it is now, and the release that was asked for or else is current."""
        with self._session.telling():
            await self._readable()
            contract = await self._session.contract(self.id, is_fresh=True)
            current, seq = contract.release, self._query.release
            if isinstance(seq, date):
                raise InvalidRequest("Files are of a release by its number.", hint="releases() tells the numbers.")
            if seq is None and current is not None:
                seq = current.seq
            if seq is None:
                hint = f"Ask {contract.successor} instead." if contract.successor else "The catalogue says why."
                raise DatasetWithdrawn(f"{contract.id} was withdrawn.", hint=hint)
            return contract, seq

    async def _readable(self) -> Contract:
        """The contract, once there is something to read under it."""
        with self._session.telling():
            contract = await self._session.contract(self.id)
            if contract.access == "withheld":
                raise Withheld(f"{contract.id} is not released.", hint="The catalogue says on which legal ground.")
            if contract.has_release or (await self._session.contract(self.id, is_fresh=True)).has_release:
                return contract
            raise NotFound(f"{contract.id} is announced and has no release yet.")

    async def _resolved(self) -> tuple[Contract, tuple[Item, ...]]:
        contract = await self._readable()
        known = {contract.id: contract}
        with self._session.telling():
            while wanted := selection.next_contract(self._query.select, contract, known):
                known[wanted] = await self._session.contract(wanted)
            return contract, selection.resolve(self._query.select, contract, known.__getitem__)

    async def _walk(self, size: int, after: str | None = None) -> AsyncIterator[Page]:
        call = self._one_call()
        contract, items = await call._resolved()
        async for page in walking.pages(call._session, self._query, contract, items, size, after):
            yield page

    def _one_call(self, seconds: float | None = None) -> "AsyncDataset":
        """The same, for one call: its requests have one deadline together."""
        return replace(self, _session=self._session.one_call(seconds))

    def _with(self, **changed: Any) -> "AsyncDataset":
        return replace(self, _query=replace(self._query, **changed))
