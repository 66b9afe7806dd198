"""Every call of the library that waits for the service, by its name, and how long each took to give up."""

import asyncio
import inspect
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.sdk.rows import KEY

from publicgsb_sdk import AsyncClient, AsyncPublisher, Client, Publisher
from publicgsb_sdk.key import checksum

BODY = "gsba_" + "k" * 40
AGENCY_KEY = BODY + checksum(BODY)
DOCUMENT = "{ aviation { airports { totalCount } } }"
AT_A_TIME = 13
SLEEP_SECONDS = 0.02
CONTRACT = {"agency": "aviation", "dataset": "airports"}


class Sides(NamedTuple):
    """What calls are made on, for reading and for publishing; all but the files' calls have their deadline."""

    gsb: Any
    agency: Any
    file: Path
    folder: Path
    deadline: float

    @property
    def query(self) -> Any:
        return self.gsb.dataset("aviation.airports")


CALLS: Mapping[str, Callable[[Sides], Any]] = {
    "Client.graphql": lambda on: on.gsb.graphql(DOCUMENT),
    "Client.limits": lambda on: on.gsb.limits(),
    "Client.price": lambda on: on.gsb.price(DOCUMENT),
    "Client.token": lambda on: on.gsb.token("aviation.airports"),
    "Client.usage": lambda on: on.gsb.usage(),
    "Client.whoami": lambda on: on.gsb.whoami(),
    "Dataset.aggregate": lambda on: on.query.aggregate(),
    "Dataset.changes": lambda on: on.query.changes(1),
    "Dataset.contract": lambda on: on.gsb.dataset("aviation.runways").contract,
    "Dataset.count": lambda on: on.query.count(),
    "Dataset.download": lambda on: on.query.download(on.folder / "a.parquet", deadline=on.deadline),
    "Dataset.duckdb": lambda on: on.query.duckdb(),
    "Dataset.first": lambda on: on.query.first(),
    "Dataset.pages": lambda on: on.query.pages(),
    "Dataset.price": lambda on: on.query.price(),
    "Dataset.quality": lambda on: on.query.quality(),
    "Dataset.releases": lambda on: on.query.releases(),
    "Dataset.rows": lambda on: on.query.rows(),
    "Dataset.schema": lambda on: on.query.select("runway.icao").schema,
    "Dataset.to_arrow": lambda on: on.query.to_arrow(),
    "Dataset.to_pandas": lambda on: on.query.to_pandas(),
    "Dataset.to_polars": lambda on: on.query.to_polars(),
    "Datasets.list": lambda on: on.gsb.datasets.list(),
    "Datasets.search": lambda on: on.gsb.datasets.search("x"),
    "Publisher.approve": lambda on: on.agency.approve("sub_1"),
    "Publisher.contract": lambda on: on.agency.contract("aviation.airports"),
    "Publisher.declare": lambda on: on.agency.declare("aviation.airports", CONTRACT),
    "Publisher.diff": lambda on: on.agency.diff("aviation.airports", CONTRACT),
    "Publisher.draft": lambda on: on.agency.draft(on.file, "aviation.airports", deadline=on.deadline),
    "Publisher.release": lambda on: on.agency.release(on.file, "aviation.airports", deadline=on.deadline),
    "Publisher.review_page": lambda on: on.agency.review_page("sub_1"),
    "Publisher.send_back": lambda on: on.agency.send_back("sub_1", "No."),
    "Publisher.submission": lambda on: on.agency.submission("sub_1"),
    "Publisher.submissions": lambda on: on.agency.submissions(),
    "Publisher.submit": lambda on: on.agency.submit(on.file, "aviation.airports", deadline=on.deadline),
    "Publisher.submit_draft": lambda on: on.agency.submit_draft("sub_1", deadline=on.deadline),
    "Publisher.validate": lambda on: on.agency.validate(on.file, CONTRACT, deadline=on.deadline),
    "Publisher.withdraw": lambda on: on.agency.withdraw("sub_1"),
    "Publisher.withdraw_dataset": lambda on: on.agency.withdraw_dataset(
        "aviation.airports", reason_fa="نه", reason_en="No"
    ),
}


class Ended(NamedTuple):
    """How a call ended, and how many seconds after its beginning."""

    name: str
    error: str | None
    seconds: float


@dataclass
class Sleeper:
    """A thread that does nothing but sleep: how late it was woken is this machine's doing, and nobody else's."""

    late_seconds_max: float = 0.0
    is_over: bool = False

    def run(self) -> None:
        """Until the end."""
        while not self.is_over:
            began = time.monotonic()
            time.sleep(SLEEP_SECONDS)
            self.late_seconds_max = max(self.late_seconds_max, time.monotonic() - began - SLEEP_SECONDS)


@contextmanager
def sleeping() -> Iterator[Sleeper]:
    """Beside what is measured."""
    sleeper = Sleeper()
    thread = threading.Thread(target=sleeper.run, daemon=True)
    thread.start()
    try:
        yield sleeper
    finally:
        sleeper.is_over = True
        thread.join()


def in_threads(url: str, folder: Path, deadline: float) -> list[Ended]:
    """All of them, some at a time: what is measured is waiting, and not a crowd."""
    with (
        Client(KEY, url, timeout=60, deadline=deadline) as gsb,
        Publisher(AGENCY_KEY, url, timeout=60, deadline=deadline) as agency,
        ThreadPoolExecutor(AT_A_TIME) as pool,
    ):
        on = Sides(gsb, agency, _file(folder), folder, deadline)
        return list(pool.map(lambda name: _called(name, on), CALLS))


async def in_tasks(url: str, folder: Path, deadline: float) -> list[Ended]:
    """The same of the asynchronous half."""
    async with (
        AsyncClient(KEY, url, timeout=60, deadline=deadline) as gsb,
        AsyncPublisher(AGENCY_KEY, url, timeout=60, deadline=deadline) as agency,
    ):
        on = Sides(gsb, agency, _file(folder), folder, deadline)
        turn = asyncio.Semaphore(AT_A_TIME)

        async def in_turn(name: str) -> Ended:
            async with turn:
                return await _awaited(name, on)

        return await asyncio.gather(*map(in_turn, CALLS))


def _file(folder: Path) -> Path:
    path = folder / "rows.csv"
    path.write_bytes(b"icao\nOIIE\n")
    return path


def _called(name: str, on: Sides) -> Ended:
    began = time.monotonic()
    try:
        found = CALLS[name](on)
        if inspect.isgenerator(found):
            next(found)
    except Exception as error:
        return Ended(name, type(error).__name__, time.monotonic() - began)
    return Ended(name, None, time.monotonic() - began)


async def _awaited(name: str, on: Sides) -> Ended:
    began = time.monotonic()
    try:
        found = CALLS[name](on)
        await (anext(found) if inspect.isasyncgen(found) else found)
    except Exception as error:
        return Ended(name, type(error).__name__, time.monotonic() - began)
    return Ended(name, None, time.monotonic() - began)
