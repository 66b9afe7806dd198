"""`MockService`: Public GSB in the test's own process, with made-up records and no network."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Literal

import httpx2

from publicgsb_sdk.asynchronous.client import AsyncClient
from publicgsb_sdk.client import Client
from publicgsb_sdk.key import checksum
from publicgsb_sdk.query import dataset_id
from publicgsb_sdk.testing.clock import Clock
from publicgsb_sdk.testing.endpoint import Endpoint
from publicgsb_sdk.testing.faults import Fault, fault
from publicgsb_sdk.testing.grouping import cells
from publicgsb_sdk.testing.linking import synthetic
from publicgsb_sdk.testing.model import MockContract, Name
from publicgsb_sdk.testing.quotas import Quotas
from publicgsb_sdk.testing.refusals import MockSetup
from publicgsb_sdk.testing.rows import read_rows
from publicgsb_sdk.testing.schema import executable
from publicgsb_sdk.testing.serving import Asked, Reply, Serving, asked_of
from publicgsb_sdk.testing.sources import Source, read_contracts
from publicgsb_sdk.testing.state import PLACE, Dataset, Release, World, sha256_of
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
        self._seed = seed
        self._lock = threading.RLock()
        self._faults: list[Fault] = []
        self._world = World()
        self._quotas = Quotas(self.clock, points_per_minute, points_per_month)
        self._catalogue = Catalogue(self._world, self._quotas)
        self._endpoint: Endpoint | None = None
        self._serving = Serving(URL, self.clock, self._catalogue, self._current_endpoint)
        known = {one.name: one for one in read_contracts(contracts)}
        own = {_name(name): given for name, given in (rows or {}).items()}
        counts = _counts(known, records)
        for name in own:
            _known(known, name)
        self._world.datasets = {name: Dataset(one) for name, one in known.items()}
        made = synthetic(
            [one for one in known.values() if one.access != "withheld"],
            {name: read_rows(known[name], given) for name, given in own.items()},
            counts,
            seed,
        )
        for name, found in made.items():
            self._add(known[name], found, None)
        self._world.changed(self.clock.now.date())

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
            known = self._dataset(dataset)
            if contract is not None:
                (changed,) = read_contracts([contract])
                if changed.name != known.contract.name:
                    raise MockSetup(f"This is the contract of {changed.id}, not of {known.contract.id}.")
                known.contract = changed
            found = self._synthetic(known) if rows is None else read_rows(known.contract, rows)
            seq = self._add(known.contract, found, as_of, notes)
            if known.state == "withdrawn":
                known.state, known.sunset_on, known.successor = "active", None, None
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
            known = self._dataset(dataset)
            _released(known, release)
            known.recalled.add(release)
            if known.current == release:
                known.current = known.readable[0].seq if known.readable else None
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
            known = self._dataset(dataset)
            _released(known, release)
            if known.current == release:
                raise MockSetup(f"Release {release} of {known.contract.id} is current, and stays readable.")
            known.gone.add(release)
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
            known = self._dataset(dataset)
            known.state, known.current = "withdrawn", None
            known.successor = successor and dataset_id(successor)
            known.sunset_on = self.clock.now.date() if successor else None
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
            known = self._dataset(dataset)
            known.state, known.sunset_on = "deprecated", until
            known.successor = successor and dataset_id(successor)
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
            known = self._dataset(dataset)
            known.contract = _withheld(known.contract, field)
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
        known = self._dataset(dataset)
        seq = known.current if release is None else release
        if seq is None or seq not in known.releases:
            raise MockSetup(f"{known.contract.id} has no release {seq}.")
        return [{name: value for name, value in row.items() if name != PLACE} for row in known.releases[seq].rows]

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
            shown = [one.contract for one in self._world.datasets.values() if one.is_in_schema]
            self._endpoint = Endpoint(self._catalogue, self._quotas, executable(shown))
        return self._endpoint

    def _changed(self) -> None:
        self._world.changed(self.clock.now.date())
        if self._endpoint is not None:
            shown = [one.contract for one in self._world.datasets.values() if one.is_in_schema]
            self._endpoint.schema = executable(shown)

    def _add(
        self,
        contract: MockContract,
        rows: list[dict[str, Any]],
        as_of: date | None,
        notes: Mapping[str, str] | None = None,
    ) -> int:
        dataset = self._world.datasets[contract.name]
        records, suppressed = len(rows), 0
        if not contract.has_records:
            rows, suppressed = cells(contract, rows)
        placed = tuple({**row, PLACE: place} for place, row in enumerate(rows))
        seq = max(dataset.releases, default=0) + 1
        now = self.clock.now
        sha256 = sha256_of(contract, placed)
        day = as_of or now.date()
        dataset.releases[seq] = Release(seq, contract, placed, now, day, sha256, records, suppressed, notes)
        dataset.current = seq
        return seq

    def _synthetic(self, known: Dataset) -> list[dict[str, Any]]:
        """Another seed for each release; links lead to what is current."""
        contracts = [one.contract for one in self._world.datasets.values() if one.current is not None]
        others = {
            name: [dict(row) for row in release.rows]
            for name, one in self._world.datasets.items()
            if one is not known and (release := one.current_release) is not None
        }
        current = known.current_release
        count = current.records if current else 20
        if known.contract not in contracts:
            contracts.append(known.contract)
        seed = f"{self._seed}/{max(known.releases, default=0) + 1}"
        return synthetic(contracts, others, {known.contract.name: count}, seed)[known.contract.name]

    def _dataset(self, name: str) -> Dataset:
        known: Dataset = _known(self._world.datasets, _name(name))
        return known


def _name(text: str) -> Name:
    agency, _, dataset = dataset_id(text).partition("/")
    return agency, dataset


def _known(known: Mapping[Name, Any], name: Name) -> Any:
    if name not in known:
        there = ", ".join(".".join(one) for one in sorted(known))
        raise MockSetup(f"The mock has no contract of {'.'.join(name)}.", hint=f"It has {there}.")
    return known[name]


def _counts(known: Mapping[Name, MockContract], records: "int | Mapping[str, int]") -> dict[Name, int]:
    if isinstance(records, int):
        found = dict.fromkeys(known, records)
    else:
        found = dict.fromkeys(known, 20) | {_name(name): count for name, count in records.items()}
        for name in found:
            _known(known, name)
    if any(count < 0 for count in found.values()):
        raise MockSetup("records= is how many there are: zero or more.")
    return found


def _released(known: Dataset, release: int) -> None:
    if release not in known.releases:
        raise MockSetup(f"{known.contract.id} has no release {release}.", hint=f"It has {sorted(known.releases)}.")


def _withheld(contract: MockContract, field: str | None) -> MockContract:
    """The contract and its page, with the dataset or one field of it withheld."""
    page = dict(contract.page)
    if field is None:
        page["contract"] = {**page["contract"], "access": "withheld"}
        return replace(contract, page=page, access="withheld")
    if field not in contract.by_name:
        raise MockSetup(f"{contract.id} has no field {field!r}.", hint=f"It has {', '.join(contract.by_name)}.")
    page["contract"] = {
        **page["contract"],
        "fields": [
            {**one, "access": "withheld"} if one["name"] == field else one for one in page["contract"]["fields"]
        ],
    }
    columns = tuple(replace(one, access="withheld") if one.name == field else one for one in contract.columns)
    return replace(contract, page=page, columns=columns)
