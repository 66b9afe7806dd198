"""`MockService`: Public GSB in the test's own process, with made-up records and no network."""

import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal

import httpx2
from graphql import GraphQLSchema

from publicgsb_sdk.asynchronous.client import AsyncClient
from publicgsb_sdk.client import Client
from publicgsb_sdk.key import checksum
from publicgsb_sdk.testing.account import Account
from publicgsb_sdk.testing.agencies import Agencies, released
from publicgsb_sdk.testing.clock import Clock
from publicgsb_sdk.testing.endpoint import Endpoint
from publicgsb_sdk.testing.faults import Fault, fault
from publicgsb_sdk.testing.quotas import Quotas
from publicgsb_sdk.testing.schema import executable
from publicgsb_sdk.testing.serving import Asked, Reply, Serving, asked_of
from publicgsb_sdk.testing.sources import Source, read_contracts
from publicgsb_sdk.testing.state import PLACE, World
from publicgsb_sdk.testing.told import Catalogue
from publicgsb_sdk.testing.transport import MockTransport

URL = "https://mock.publicgsb.invalid"
"""The address of the mock: no other service has it."""

BODY = "gsbt_" + "mock" * 10
KEY = BODY + checksum(BODY)
"""The key of the mock: well-formed, and opens nothing anywhere."""

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class MockService:
    """A service that holds one release of each contract, of `records` synthetic rows each or of your own `rows`.

    The same seed gives the same rows. Time is `clock`: it stands until a test moves it or a client waits.
    Limits hold only where they are given. `requests` lists what was asked, oldest first.

    >>> service = MockService("contracts", rows={"aviation.airports": [{"icao": "OIIE"}]})
    >>> with service.client() as gsb:
    ...     gsb.dataset("aviation.airports").count()
    1

    Raises:
        MockSetup: a contract cannot be read, a row is not allowed by it, or a number makes no sense.
    """

    def __init__(
        self,
        contracts: "Source | Iterable[Source]",
        *,
        records: "int | Mapping[str, int]" = 20,
        rows: Mapping[str, Iterable[Mapping[str, Any]]] | None = None,
        seed: int | str = 0,
        points_per_minute: int | None = None,
        points_per_month: int | None = None,
        now: datetime = NOW,
    ) -> None:
        self.clock: Clock = Clock(now)
        self.requests: list[Asked] = []
        self._lock = threading.RLock()
        self._faults: list[Fault] = []
        self._world = World()
        self._agencies = Agencies(self._world, self.clock, seed)
        self._catalogue = Catalogue(self._world)
        self._account = Account(Quotas(self.clock, points_per_minute, points_per_month))
        self._endpoint: Endpoint | None = None
        self._serving = Serving(URL, self.clock, self._catalogue, self._account, self._current_endpoint)
        self._agencies.begin(read_contracts(contracts), rows or {}, records)

    # Clients -------------------------------------------------------------------------------------------------

    def client(
        self,
        *,
        timeout: float = 30.0,
        deadline: float = 120.0,
        max_retries: int = 2,
        locale: Literal["en", "fa"] = "en",
    ) -> Client:
        """A client of this service, with a key of its own making. Its waits move `clock` instead of taking time.

        >>> with service.client() as gsb:
        ...     gsb.dataset("aviation.airports").count()
        2

        Raises:
            InvalidRequest: a number that waiting cannot have.
        """
        http = httpx2.Client(transport=self.transport())
        made = Client(
            KEY, URL, timeout=timeout, deadline=deadline, max_retries=max_retries, locale=locale, http_client=http
        )
        return made.with_clock(self.clock.monotonic, self.clock.sleep)

    def async_client(
        self,
        *,
        timeout: float = 30.0,
        deadline: float = 120.0,
        max_retries: int = 2,
        locale: Literal["en", "fa"] = "en",
    ) -> AsyncClient:
        """The same for asyncio.

        >>> async with service.async_client() as gsb:
        ...     print(await gsb.dataset("aviation.airports").count())
        2

        Raises:
            InvalidRequest: a number that waiting cannot have.
        """
        http = httpx2.AsyncClient(transport=self.transport())
        made = AsyncClient(
            KEY, URL, timeout=timeout, deadline=deadline, max_retries=max_retries, locale=locale, http_client=http
        )
        return made.with_clock(self.clock.monotonic, self.clock.async_sleep)

    def transport(self) -> MockTransport:
        """For a client that you make, of httpx2's or of this library.

        >>> http = httpx2.Client(transport=service.transport())
        >>> Client(KEY, URL, http_client=http).dataset("aviation.airports").count()
        2
        """
        return MockTransport(self._answer)

    # What happens at the service -----------------------------------------------------------------------------

    def release(
        self,
        dataset: str,
        rows: Iterable[Mapping[str, Any]] | None = None,
        *,
        contract: "Source | None" = None,
        as_of: date | None = None,
        notes: Mapping[str, str] | None = None,
    ) -> int:
        """Publish a release, of synthetic rows unless there are own ones; its number. A contract may come with it.

        `notes` say what is new in it: `{"fa": "…", "en": "…"}`.

        >>> service.release("aviation.airports", [{"icao": "OIIE", "name": "Imam Khomeini"}])
        2

        Raises:
            MockSetup: there is no such dataset, or a row is not allowed by its contract.
        """
        with self._lock:
            given = None if contract is None else read_contracts([contract])[0]
            seq = self._agencies.release(dataset, rows, given, as_of, notes)
            self._changed()
            return seq

    def recall(self, dataset: str, release: int) -> None:
        """From now on nobody reads it; the one before, if any, is current again.

        >>> service.recall("aviation.airports", service.release("aviation.airports"))
        >>> with service.client() as gsb:
        ...     gsb.dataset("aviation.airports").contract.release.seq
        1

        Raises:
            MockSetup: there is no such dataset or release.
        """
        with self._lock:
            self._agencies.recall(dataset, release)
            self._changed()

    def forget(self, dataset: str, release: int) -> None:
        """Its retention is over: RELEASE_GONE. The current one is kept.

        >>> service.release("aviation.airports")
        2
        >>> service.forget("aviation.airports", 1)
        >>> with service.client() as gsb:
        ...     gsb.dataset("aviation.airports", release=1).first()
        Traceback (most recent call last):
        ReleaseGone: ...

        Raises:
            MockSetup: there is no such dataset or release, or it is the current one.
        """
        with self._lock:
            self._agencies.forget(dataset, release)
            self._changed()

    def withdraw(self, dataset: str, *, successor: str | None = None) -> None:
        """The agency takes the dataset back: DATASET_WITHDRAWN.

        >>> service.withdraw("aviation.airports")
        >>> with service.client() as gsb:
        ...     gsb.dataset("aviation.airports").first()
        Traceback (most recent call last):
        DatasetWithdrawn: ...

        Raises:
            MockSetup: there is no such dataset.
            InvalidRequest: the successor is no name of a dataset.
        """
        with self._lock:
            self._agencies.withdraw(dataset, successor)
            self._changed()

    def deprecate(self, dataset: str, *, until: date, successor: str | None = None) -> None:
        """The agency announces its end: clients warn of it, once.

        >>> service.deprecate("aviation.airports", until=date(2027, 3, 20))
        >>> with service.client() as gsb, warnings.catch_warnings(record=True) as seen:
        ...     warnings.simplefilter("always")
        ...     found = gsb.dataset("aviation.airports").first()
        >>> [one.category.__name__ for one in seen]
        ['DatasetDeprecated']

        Raises:
            MockSetup: there is no such dataset.
            InvalidRequest: the successor is no name of a dataset.
        """
        with self._lock:
            self._agencies.deprecate(dataset, until, successor)
            self._changed()

    def withhold(self, dataset: str, field: str | None = None) -> None:
        """The agency releases the dataset, or one field of it, no more: WITHHELD.

        >>> service.withhold("aviation.airports", "name")
        >>> with service.client() as gsb:
        ...     gsb.dataset("aviation.airports").select("name").first()
        Traceback (most recent call last):
        Withheld: ...

        Raises:
            MockSetup: there is no such dataset or field.
        """
        with self._lock:
            self._agencies.withhold(dataset, field)
            self._changed()

    def fail_next(self, what: str | int, times: int = 1, *, on: str = "", retry_after: int | None = None) -> None:
        """The next answers are failures.

        A code of the service's errors, an HTTP status as of a proxy without words, or "timeout", "disconnect" and
        "refused" of the connection. `on` is a part of the path that they wait for, as in `on="/graphql"`.

        >>> service.fail_next(502, times=2)
        >>> with service.client() as gsb:
        ...     found = gsb.whoami()
        >>> [asked.status for asked in service.requests]
        [502, 502, 200]

        Raises:
            MockSetup: it is no failure, or should happen less than once.
        """
        with self._lock:
            self._faults.append(fault(what, times, on, retry_after))

    def rows(self, dataset: str, release: int | None = None) -> list[dict[str, Any]]:
        """What a release holds, the current one unless named: what to hold an answer against.

        >>> [list(row) for row in service.rows("aviation.airports")]
        [['icao', 'name'], ['icao', 'name']]

        Raises:
            MockSetup: there is no such dataset or release.
        """
        known = self._agencies.dataset(dataset)
        found = released(known, known.current if release is None else release)
        return [{name: value for name, value in row.items() if name != PLACE} for row in found.rows]

    # Inside --------------------------------------------------------------------------------------------------

    def _answer(self, request: httpx2.Request, body: bytes) -> Reply:
        with self._lock:
            path, request_id = request.url.path, f"mock-{len(self.requests) + 1}"
            headers = {name.lower(): value for name, value in request.headers.items()}
            document, variables, operation = asked_of(body if path == "/graphql" else b"")
            broken = self._fault(path)
            try:
                if broken is not None:
                    reply = broken.reply(request_id)
                else:
                    reply = self._serving.answer(request.method, path, headers, body, request_id)
            except httpx2.HTTPError:
                self.requests.append(Asked(request.method, path, document, variables, operation, 0, None, 0))
                raise
            asked = Asked(request.method, path, document, variables, operation, reply.status, reply.code, reply.points)
            self.requests.append(asked)
            return reply

    def _fault(self, path: str) -> Fault | None:
        for one in self._faults:
            if one.on in path:
                one.times -= 1
                if one.times == 0:
                    self._faults.remove(one)
                return one
        return None

    def _current_endpoint(self) -> Endpoint:
        """With a schema that is made when it is first asked for: most of what it takes is graphql-core."""
        if self._endpoint is None:
            self._endpoint = Endpoint(self._catalogue, self._account, self._schema())
        return self._endpoint

    def _changed(self) -> None:
        if self._endpoint is not None:
            self._endpoint.schema = self._schema()

    def _schema(self) -> GraphQLSchema:
        return executable(one.contract for one in self._world.datasets.values() if one.is_in_schema)
