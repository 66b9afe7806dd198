# Written from asynchronous/client.py by `make sdk`; change that one.
"""`Client`: where a program begins."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import asdict, replace
from datetime import date
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

import httpx2

from publicgsb_sdk import settings
from publicgsb_sdk.account import Account, Limit, Usage
from publicgsb_sdk.answers import Result
from publicgsb_sdk.budget import Budget
from publicgsb_sdk.dataset import Dataset
from publicgsb_sdk.datasets import Datasets
from publicgsb_sdk.deadline import Sleep, Times
from publicgsb_sdk.last import Response
from publicgsb_sdk.query import dataset_id
from publicgsb_sdk.retry import Rule
from publicgsb_sdk.session import Session
from publicgsb_sdk.token import Token
from publicgsb_sdk.transport import Transport

if TYPE_CHECKING:
    from publicgsb_sdk.publisher import Publisher


class Client:
    """One service and one key (or a token of one); safe to share, and made for `with`.

    The key comes from the argument or `PGSB_API_KEY`, the address from the argument or `PGSB_URL`. A function instead
    of a key is called before each try, so that a rotated key needs no restart: `Client(Path("key").read_text)`.
    `timeout` bounds each wait for the network; `deadline` bounds a whole call with its retries, a page or a file, and
    always holds, both in seconds. Errors speak the language `locale`. Proxies of the environment and certificates of
    the operating system are used; a given `http_client` is used as it is instead, and not closed.
    With `verify` (a saved key set, /.well-known/jwks.json) answers of records are asked for signed, and one whose
    signature does not hold raises `VerificationFailed`; contracts, catalogue and files are not signed.

    Whatever asks the service can raise `ConnectionFailed`, `DeadlineExceeded`, `Unauthenticated`, `NotPermitted`,
    `RateLimited`, `QuotaExhausted`, `Unavailable` and `ServerError`; what a method raises besides is said at it.

    >>> Client(key, "https://gsb.example", timeout=10, deadline=60)
    Client(base_url='https://gsb.example')

    Raises:
        Unauthenticated: there is no key, or it is malformed or truncated: `reason` says which.
        InvalidRequest: there is no address, or a number that waiting cannot have.
    """

    def __init__(
        self,
        api_key: str | Callable[[], str] | None = None,
        base_url: str | None = None,
        *,
        timeout: float = 30.0,
        deadline: float = 120.0,
        max_retries: int = 2,
        locale: Literal["en", "fa"] = "en",
        http_client: httpx2.Client | None = None,
        verify: Mapping[str, Any] | str | bytes | None = None,
    ) -> None:
        options = settings.Options(timeout, deadline, max_retries, locale)
        key, fixed = (api_key, None) if callable(api_key) else (None, settings.api_key(api_key))
        headers = settings.headers(fixed, locale)
        self._options = options
        self._address = settings.address(base_url)
        key_set = None
        if verify is not None:
            from publicgsb_sdk.signatures import KeySet  # noqa: PLC0415 - loaded by those who verify

            key_set = KeySet(verify)
        self._own_http = None if http_client else settings.opened(httpx2.Client)
        http = http_client or self._own_http
        assert http is not None
        self._http, self._key = http, fixed
        times = Times(timeout_seconds=timeout, deadline_seconds=deadline)
        transport = Transport(http, self._address, headers, times, Rule(max_retries), key)
        self._session = Session(transport, options, key_set)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        locale: Literal["en", "fa"] | None = None,
    ) -> "Client":
        """The same client over the same connections, but for what is given here.

        `timeout` and `deadline` in seconds. Closing it closes nothing.

        >>> gsb.with_options(deadline=600).dataset("aviation.airports").count()
        2

        Raises:
            InvalidRequest: a number that waiting cannot have.
        """
        given: dict[str, Any] = {"timeout": timeout, "deadline": deadline, "max_retries": max_retries, "locale": locale}
        options = replace(self._options, **{name: value for name, value in given.items() if value is not None})
        return self._made(self._session.with_options(options), options)

    def with_clock(self, clock: Callable[[], float], sleep: Sleep) -> "Client":
        """The same client over the same connections, by another clock, for tests that wait for nothing.

        `clock` counts seconds as `time.monotonic` does, `sleep` waits for so many of them.

        >>> waits = []
        >>> def noted(seconds):
        ...     waits.append(seconds)
        >>> try:
        ...     gsb.with_options(max_retries=2).with_clock(time.monotonic, noted).whoami()
        ... except Unavailable:
        ...     print(len(waits), "waits, and no time went by")
        2 waits, and no time went by
        """
        return self._made(self._session.with_clock(clock, sleep), self._options)

    def budget(self, points: int) -> "Client":
        """The same client for a job that may spend so many points and no more.

        A request that could overspend raises OverBudget before it is sent; `spending` tells what is left. All threads
        and tasks that use it share the budget. The price of each new question is asked first, which is free.

        >>> job = gsb.budget(points=20)
        >>> job.dataset("aviation.airports").select("icao").first()
        {'icao': 'OIIE'}
        >>> job.spending.spent, job.spending.left
        (1, 19)

        Raises:
            InvalidRequest: less than zero points.
        """
        with self._session.telling():
            return self._made(self._session.with_budget(Budget(points)), self._options)

    @property
    def spending(self) -> Budget | None:
        """The budget of this client with what is spent and left of it, in points; None without one.

        >>> gsb.spending is None
        True
        """
        return self._session.budget

    @property
    def last_response(self) -> Response | None:
        """Status, headers and request id of the last answer to this thread or task, refusals too; None before one.

        >>> account = gsb.whoami()
        >>> gsb.last_response.status
        200
        """
        return self._session.last_response

    @property
    def publish(self) -> "Publisher":
        """An agency's side over the same connections, for who has an agency key: `PGSB_AGENCY_KEY`, or this one.

        >>> (gsb.publish.validate("signs.csv", dataset="roads.signs")).is_good
        True
        """
        from publicgsb_sdk.publisher import Publisher  # noqa: PLC0415 - few publish

        key = self._key if self._key and self._key.startswith("gsba_") else None
        return Publisher(key, self._address, http_client=self._http, **asdict(self._options))

    @property
    def datasets(self) -> Datasets:
        """The catalogue.

        >>> [info.name for info in gsb.datasets.search("فرودگاه")]
        ['aviation.airports']
        """
        return Datasets(self._session)

    def dataset(self, name: str, *, release: int | date | None = None) -> Dataset:
        """A query on `agency.dataset`, of its current release or another; nothing is asked before its rows are.

        >>> gsb.dataset("aviation.airports", release=2).id
        'aviation/airports'

        Raises:
            InvalidRequest: this is no name of a dataset, or no release.
        """
        with self._session.telling():
            query = Dataset(self._session, dataset_id(name))
        return query if release is None else query.release(release)

    def graphql(
        self, document: str, variables: Mapping[str, Any] | None = None, operation_name: str | None = None
    ) -> Result:
        """Run a GraphQL document.

        An answer without data raises its first error. An answer with some data is returned with `errors`
        filled, each with the `path` at which data is null; call `.complete()` on it where a part is not
        enough.

        >>> (gsb.graphql("{ aviation { airports(first: 1) { totalCount } } }")).data["aviation"]["airports"]
        {'totalCount': 2}

        Raises:
            InvalidRequest: the document or its variables do not fit the schema.
            QueryTooCostly: it is larger than one request may be.
            OverBudget: it could cost more than is left of the budget; it was not sent.
            ReleaseGone: a cursor or `release:` names what is past its retention.
            Withheld: nothing is left of the answer but what is not released.
        """
        return self._session.graphql(document, variables, operation_name)

    def price(
        self,
        query: "Dataset | str",
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> int:
        """What a document would cost, or the first page of a dataset's rows, in points. Nothing runs, and it is free.

        A document that nobody sent before costs 5 points more, once.

        >>> gsb.price(gsb.dataset("aviation.airports"))
        11

        Raises:
            InvalidRequest: the document, or a part of the query, cannot be understood.
            QueryTooCostly: it is larger than one request may be.
        """
        if isinstance(query, str):
            return self._session.price(query, variables, operation_name)
        return query.price()

    def usage(
        self,
        start: date | None = None,
        end: date | None = None,
        *,
        by: Sequence[Literal["dataset", "day", "key", "application"]] = ("dataset",),
    ) -> tuple[Usage, ...]:
        """What your organisation used from one day to another, both included, in UTC; this month if not given.

        Exact, up to a second or two ago, at most 400 days; `by=()` is one sum. Free of charge. A `Usage` for each
        combination of what it is summed `by`; bytes are those of bodies, times are milliseconds of the database.

        >>> [(one.dataset, one.points) for one in gsb.usage(date(2026, 11, 1), by=["dataset"])]
        [('aviation/airports', 120)]

        Raises:
            InvalidRequest: more than 400 days, or an end before the beginning.
        """
        return self._session.usage(start, end, by)

    def limits(self) -> tuple[Limit, ...]:
        """The policies of your plan and what is left of each, in points, bytes or requests; free of charge.

        >>> [(one.name, one.remaining, one.unit) for one in gsb.limits()]
        [('burst', 200, 'points'), ('month', 99880, 'points')]
        """
        return self._session.limits()

    def whoami(self) -> Account:
        """Whom the service takes you for; free of charge.

        >>> account = gsb.whoami()
        >>> account.organisation, account.plan
        ('Rahyab', 'open')
        """
        return self._session.account()

    def token(self, *datasets: str) -> Token:
        """A token of ten minutes to hand to a page, a phone or a partner, for these datasets or for all of the key's.

        `Client(token.text)` asks with it, as anything does that sends it where a key would stand.

        >>> token = gsb.token("aviation.airports")
        >>> token.datasets
        ('aviation/airports',)

        Raises:
            InvalidRequest: this is no name of a dataset, or there are more than twenty.
            NotPermitted: this key does not read one of them.
        """
        return self._session.token(map(dataset_id, datasets))

    def _made(self, session: Session, options: settings.Options) -> "Client":
        made = copy(self)
        made._own_http, made._session, made._options = None, session, options
        return made

    def close(self) -> None:
        """Close the connections that this client opened; `with` does it by itself.

        >>> gsb.close()
        """
        if self._own_http:
            self._own_http.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client(base_url={self._address!r})"
